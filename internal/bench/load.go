package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"peyk/internal/bench/sink"
	"peyk/internal/report"
)

// letterTime is how long a letter may take before the bench gives up.
const letterTime = 2 * time.Minute

// Load asks for reports and waits for their letters.
type Load struct {
	http *http.Client
	sink *sink.Sink

	mu     sync.Mutex
	wanted map[string]chan time.Time // by GUID: when its letter came
	last   time.Time                 // when any letter came
	count  int                       // of all letters
}

// NewLoad opens the sink.
func NewLoad(ctx context.Context) (*Load, error) {
	l := &Load{wanted: map[string]chan time.Time{}, http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true},
	}}
	var err error
	l.sink, err = sink.Open(ctx, l.heard)
	return l, err
}

// Close ends the sink.
func (l *Load) Close() error {
	l.http.CloseIdleConnections()
	return l.sink.Close()
}

func (l *Load) heard(guid string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	l.last = at
	if letter, ok := l.wanted[guid]; ok {
		delete(l.wanted, guid)
		letter <- at
	}
}

// expect gives where the time of a letter will come from.
func (l *Load) expect(guid string) <-chan time.Time {
	letter := make(chan time.Time, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted[guid] = letter
	return letter
}

// letters tells how many came, and when the last one did.
func (l *Load) letters() (n int, last time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count, l.last
}

// newGUID is what a form would be stamped with.
func newGUID() string { return uuid.Must(uuid.NewV7()).String() }

// ask posts one request and wants it accepted.
func (l *Load) ask(ctx context.Context, d Door, guid string) error {
	body := fmt.Appendf(nil, `{"guid":%q,"type":%q,"parameters":{}}`, guid, d.Type)
	resp, err := l.call(ctx, d, http.MethodPost, "/requests", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // best effort: the status says it all
		return fmt.Errorf("ask for %s: %s: %s", guid, resp.Status, said)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func (l *Load) call(ctx context.Context, d Door, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.API+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+d.Token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "peyk-bench")
	return l.http.Do(req)
}

// journey asks and waits for the letter: its latency.
func (l *Load) journey(ctx context.Context, d Door) (guid string, took time.Duration, err error) {
	guid = newGUID()
	letter := l.expect(guid)
	began := time.Now()
	if err := l.ask(ctx, d, guid); err != nil {
		return guid, 0, err
	}
	limit := time.NewTimer(letterTime)
	defer limit.Stop()
	select {
	case at := <-letter:
		return guid, at.Sub(began), nil
	case <-limit.C:
		return guid, 0, fmt.Errorf("no letter about %s in %s", guid, letterTime)
	case <-ctx.Done():
		return guid, 0, ctx.Err()
	}
}

// standing is what is asked of a request in the end.
type standing struct {
	State   report.State `json:"state"`
	Journal []struct {
		Name string `json:"name"`
	} `json:"journal"`
}

// cleaned is the fact that ends the last work that is due at once.
const cleaned = "cleaned_at_provider"

func (s standing) settled() bool {
	for _, e := range s.Journal {
		if e.Name == cleaned {
			return s.State == report.Delivered
		}
	}
	return false
}

// await waits until all these are delivered and cleaned away at the provider.
func (l *Load) await(ctx context.Context, d Door, guids []string) error {
	ctx, cancel := context.WithTimeout(ctx, letterTime)
	defer cancel()
	for _, guid := range guids {
		for {
			s, err := l.standing(ctx, d, guid)
			if err != nil {
				return err
			}
			if s.settled() {
				break
			}
			if err := pause(ctx, time.Millisecond); err != nil {
				return fmt.Errorf("request %s is still %s: %w", guid, s.State, err)
			}
		}
	}
	return nil
}

func (l *Load) standing(ctx context.Context, d Door, guid string) (s standing, err error) {
	resp, err := l.call(ctx, d, http.MethodGet, "/requests/"+guid, nil)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return s, fmt.Errorf("look at %s: %s", guid, resp.Status)
	}
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
