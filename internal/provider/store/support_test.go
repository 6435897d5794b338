package store

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

func TestMain(m *testing.M) {
	// Each walk of the machine syncs a real disk many times. The command line
	// (-rapid.checks) is parsed after this and wins.
	_ = flag.Set("rapid.checks", "20")
	goleak.VerifyTestMain(m)
}

// clock is a time the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const (
	retention = 7 * 24 * time.Hour
	tombstone = 30 * 24 * time.Hour
)

func config(dir string, c *clock) Config {
	return Config{
		Dir: dir, Now: c.Now, NewID: uuid.NewString, Source: protocol.WebhookSource,
		Retention: retention, Tombstone: tombstone,
	}
}

type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func openStore(t tb, dir string, c *clock) *Store {
	t.Helper()
	s, err := Open(context.Background(), config(dir, c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fresh is a store of a test's own.
func fresh(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := newClock()
	s := openStore(t, t.TempDir(), c)
	t.Cleanup(func() { s.Close() })
	return s, c
}

func guid(n int) string { return fmt.Sprintf("0198c1de-7a3b-7c54-9a0e-%012x", n) }

func submission(guid string, generation int, body string) protocol.Submission {
	return protocol.Submission{
		SubmitRequest: protocol.SubmitRequest{
			ReportID: guid, Generation: generation, Type: "sales.v1",
			Parameters: map[string]json.RawMessage{"body": json.RawMessage(`"` + body + `"`)},
		},
		BodyHash: "hash of " + body,
	}
}

func claim(t tb, s *Store) Job {
	t.Helper()
	job, found, err := s.Claim(context.Background())
	if err != nil || !found {
		t.Fatalf("Claim: found %v, %v", found, err)
	}
	return job
}

func submitted(t tb, s *Store, guid string, generation int) Job {
	t.Helper()
	if _, err := s.Submit(context.Background(), submission(guid, generation, "a"), 3); err != nil {
		t.Fatal(err)
	}
	return claim(t, s)
}

func documents(content string) []Document {
	return []Document{{Name: "a.pdf", MediaType: "application/pdf", Pages: 1, Rows: 2, Bytes: []byte(content)}}
}

func publish(t tb, s *Store, job Job, content string) {
	t.Helper()
	if err := s.Publish(context.Background(), job, documents(content), []report.Source{{Name: "shop", State: report.SourceComplete}}); err != nil {
		t.Fatal(err)
	}
}

func read(t tb, r *Reader, guid string, generation int) string {
	t.Helper()
	f, err := r.File(context.Background(), guid, generation, "a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Content.Close()
	all, err := io.ReadAll(f.Content)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func operationOf(t tb, s *Store, guid string) protocol.Operation {
	t.Helper()
	o, err := s.Operation(context.Background(), guid)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func outbox(t tb, s *Store) []Delivery {
	t.Helper()
	due, _, err := s.DueWebhooks(context.Background(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func expire(t tb, s *Store) time.Time {
	t.Helper()
	next, err := s.Expire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// files lists what lies on disk.
func files(t tb, s *Store) []string {
	t.Helper()
	var keys []string
	for e, err := range s.blobs.List(context.Background(), time.Unix(1<<40, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, e.Key)
	}
	return keys
}
