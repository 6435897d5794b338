package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/protocol"
)

func TestReadyComesWithFilesAndWebhook(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	job := submitted(t, s, guid(1), 1)
	if _, err := s.File(t.Context(), guid(1), 1, "a.pdf"); !errors.Is(err, ErrNotReady) {
		t.Errorf("file of a job under way: %v", err)
	}
	publish(t, s, job, "content")
	o := operationOf(t, s, guid(1))
	if o.State != protocol.Ready || o.Rev != 3 || o.ExpiresAt.IsZero() || o.ETASeconds != 0 || len(o.Results) != 1 || len(o.Sources) != 1 {
		t.Errorf("operation is %+v", o)
	}
	if err := o.Check(guid(1)); err != nil {
		t.Error(err)
	}
	if got := read(t, s.Reader, guid(1), 1); got != "content" {
		t.Errorf("file holds %q", got)
	}
	if _, err := s.File(t.Context(), guid(1), 1, "b.pdf"); !errors.Is(err, ErrNoFile) {
		t.Errorf("file of another name: %v", err)
	}
	due := outbox(t, s)
	if len(due) != 1 {
		t.Fatalf("outbox holds %d webhooks", len(due))
	}
	w, err := protocol.ParseWebhook(due[0].Body)
	if err != nil || w.ID != due[0].ID || w.Data != (protocol.WebhookData{ReportID: guid(1), Generation: 1, Rev: 3, State: protocol.Ready}) {
		t.Errorf("webhook says %+v, %v", w, err)
	}
}

func TestOneResultOnly(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	job := submitted(t, s, guid(1), 1)
	publish(t, s, job, "first")
	before := operationOf(t, s, guid(1))
	for _, attempt := range []int{job.Attempt, job.Attempt + 1} {
		late := job
		late.Attempt = attempt
		if err := s.Publish(t.Context(), late, documents("second"), nil); !errors.Is(err, ErrLost) {
			t.Errorf("a second result by attempt %d: %v", attempt, err)
		}
		if err := s.Finish(t.Context(), late, protocol.Failed, protocol.OperationError{Code: "x"}); !errors.Is(err, ErrLost) {
			t.Errorf("failed after ready by attempt %d: %v", attempt, err)
		}
	}
	if got := operationOf(t, s, guid(1)); got.Rev != before.Rev {
		t.Errorf("rev went from %d to %d", before.Rev, got.Rev)
	}
	if got := read(t, s.Reader, guid(1), 1); got != "first" {
		t.Errorf("file holds %q", got)
	}
}

// A worker whose process died is no danger to the one that took over.
func TestLateAttemptOverwritesNothing(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	zombie := submitted(t, s, guid(1), 1)
	if err := s.Release(t.Context(), zombie); err != nil {
		t.Fatal(err)
	}
	c.forward(time.Second)
	heir := claim(t, s)
	if heir.Attempt != zombie.Attempt+1 {
		t.Errorf("attempts are %d and %d", zombie.Attempt, heir.Attempt)
	}
	publish(t, s, heir, "heir")
	if err := s.Publish(t.Context(), zombie, documents("zombie"), nil); !errors.Is(err, ErrLost) {
		t.Errorf("the late attempt published: %v", err)
	}
	if got := read(t, s.Reader, guid(1), 1); got != "heir" {
		t.Errorf("file holds %q", got)
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	submit := func(generation int, body string) error {
		_, err := s.Submit(t.Context(), submission(guid(1), generation, body), 0)
		return err
	}
	for i, step := range []struct {
		generation int
		body       string
		want       error
	}{
		{2, "a", nil},
		{2, "a", nil},
		{2, "b", ErrKeyReused},
		{1, "a", ErrTombstoned}, // passed over
		{3, "a", nil},
		{2, "a", nil}, // a replay stays one
	} {
		if err := submit(step.generation, step.body); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v, want %v", i, err, step.want)
		}
	}
	if err := s.Delete(t.Context(), guid(1), 2); err != nil {
		t.Fatal(err)
	}
	if o := operationOf(t, s, guid(1)); o.Generation != 3 || o.State != protocol.Queued {
		t.Errorf("after DELETE of 2 the operation is %+v", o)
	}
	if err := submit(2, "a"); !errors.Is(err, ErrTombstoned) {
		t.Errorf("POST of a deleted generation: %v", err)
	}
}

// A DELETE that overtakes a POST refuses it when it comes; the generation after
// it is another report.
func TestATombstoneRefusesItsGenerationsAndNoOther(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	submitted(t, s, guid(1), 1)
	for _, of := range []string{guid(1), guid(2)} { // one was seen, one was not
		if err := s.Delete(t.Context(), of, 2); err != nil {
			t.Fatal(err)
		}
		for generation := 1; generation <= 2; generation++ {
			sub := submission(of, generation, "a")
			if _, _, err := s.Known(t.Context(), sub); !errors.Is(err, ErrTombstoned) {
				t.Errorf("looking for deleted generation %d of %s: %v", generation, of, err)
			}
			if _, err := s.Submit(t.Context(), sub, 0); !errors.Is(err, ErrTombstoned) {
				t.Errorf("POST of deleted generation %d of %s: %v", generation, of, err)
			}
		}
		if o, err := s.Submit(t.Context(), submission(of, 3, "a"), 0); err != nil || o.Generation != 3 || o.State != protocol.Queued {
			t.Errorf("POST of generation 3 of %s: %+v, %v", of, o, err)
		}
	}
}

func TestDeleteOfTheUnseen(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	if err := s.Delete(t.Context(), guid(1), 4); err != nil {
		t.Fatal(err)
	}
	o := operationOf(t, s, guid(1))
	if o.State != protocol.Deleted || o.Generation != 4 || o.Rev != 1 || o.Reason != protocol.ReasonDeleted {
		t.Errorf("operation is %+v", o)
	}
	if err := s.Delete(t.Context(), guid(1), 3); err != nil {
		t.Fatal(err)
	}
	if again := operationOf(t, s, guid(1)); again.Rev != 1 || again.Generation != 4 {
		t.Errorf("a DELETE of nothing made %+v", again)
	}
	if _, err := s.File(t.Context(), guid(1), 4, "a.pdf"); !errors.Is(err, ErrGone) {
		t.Errorf("file: %v", err)
	}
	c.forward(tombstone - time.Second)
	expire(t, s)
	if _, err := s.Submit(t.Context(), submission(guid(1), 4, "a"), 0); !errors.Is(err, ErrTombstoned) {
		t.Errorf("within the tombstone's time: %v", err)
	}
	c.forward(2 * time.Second)
	expire(t, s)
	if _, err := s.Operation(t.Context(), guid(1)); !errors.Is(err, ErrUnknown) {
		t.Errorf("after the tombstone's time: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	publish(t, s, submitted(t, s, guid(1), 1), "content")
	f, err := s.File(t.Context(), guid(1), 1, "a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Content.Close()
	if next := expire(t, s); !next.Equal(c.Now().Add(retention)) {
		t.Errorf("next expiry is %s", next)
	}
	c.forward(retention)
	if next := expire(t, s); !next.IsZero() {
		t.Errorf("next expiry is %s, want none", next)
	}
	o := operationOf(t, s, guid(1))
	if o.State != protocol.Deleted || o.Reason != protocol.ReasonExpired || o.Rev != 4 {
		t.Errorf("operation is %+v", o)
	}
	due := outbox(t, s)
	if len(due) != 1 || !strings.Contains(string(due[0].Body), "peyk.report.deleted.v1") {
		t.Errorf("outbox holds %v", due)
	}
	if rest, err := io.ReadAll(f.Content); err != nil || string(rest) != "content" {
		t.Errorf("who was reading reads %q, %v", rest, err)
	}
	if left := files(t, s); len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
}

func TestRefusalLeavesItsNeighboursAlone(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			_, err := s.Submit(t.Context(), submission(guid(i/2), 1, fmt.Sprint(i%2)), 0)
			if err != nil && !errors.Is(err, ErrKeyReused) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, _, err := s.Operations(t.Context(), time.Time{}, "", 1000)
	if err != nil || len(list) != 150 {
		t.Errorf("%d reports were accepted, want 150: %v", len(list), err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	for i := range 10 {
		if i%3 == 0 {
			c.forward(time.Second) // three reports share a time
		}
		if _, err := s.Submit(t.Context(), submission(guid(i), 1, "a"), 0); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	page := ""
	for {
		list, next, err := s.Operations(t.Context(), time.Time{}, page, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			seen = append(seen, o.ReportID)
		}
		if page = next; page == "" {
			break
		}
	}
	for i, g := range seen {
		if g != guid(i) {
			t.Fatalf("pages list %v", seen)
		}
	}
	if len(seen) != 10 {
		t.Errorf("pages list %d reports", len(seen))
	}
	if list, _, err := s.Operations(t.Context(), c.Now(), "", 4); err != nil || len(list) != 0 {
		t.Errorf("after the last change there are %d, %v", len(list), err)
	}
	for _, bad := range []string{"x", "!", "MS54"} {
		if _, _, err := s.Operations(t.Context(), time.Time{}, bad, 4); !errors.Is(err, ErrUnknown) {
			t.Errorf("page %q: %v", bad, err)
		}
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	for i := range 3 {
		publish(t, s, submitted(t, s, guid(i), 1), "x")
		c.forward(time.Second)
	}
	due, next, err := s.DueWebhooks(t.Context(), 2)
	if err != nil || len(due) != 2 || due[0].GUID != guid(0) || next.IsZero() {
		t.Fatalf("due are %v, next %s, %v", due, next, err)
	}
	later := c.Now().Add(5 * time.Second)
	if err := errors.Join(s.Postpone(t.Context(), due[0].ID, later), s.Settle(t.Context(), due[1].ID)); err != nil {
		t.Fatal(err)
	}
	rest, next, err := s.DueWebhooks(t.Context(), 10)
	if err != nil || len(rest) != 1 || rest[0].GUID != guid(2) || !next.Equal(later) {
		t.Errorf("due are %v, next %s, %v", rest, next, err)
	}
	c.forward(5 * time.Second)
	again := outbox(t, s)
	if len(again) != 2 || again[1].Attempts != 1 || !bytes.Equal(again[1].Body, due[0].Body) {
		t.Errorf("due are %v", again)
	}
	if err := s.Delete(t.Context(), guid(0), 1); err != nil {
		t.Fatal(err)
	}
	if left := outbox(t, s); len(left) != 1 {
		t.Errorf("after DELETE %d webhooks are due", len(left))
	}
}

// Who looks while another commits sees the one state or the other: a request
// just accepted never looks tombstoned, a file just begun never gone.
func TestLooksAreOfOneMoment(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	for i := range 40 {
		sub := submission(guid(i), 1, "a")
		var both sync.WaitGroup
		done := make(chan struct{})
		for range 2 {
			both.Go(func() {
				for range 100 {
					if _, _, err := s.Known(t.Context(), sub); err != nil {
						t.Errorf("Known: %v", err)
					}
					if _, err := s.File(t.Context(), guid(i), 1, "a.pdf"); !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrNotReady) {
						t.Errorf("File: %v", err)
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		_, err := s.Submit(t.Context(), sub, 0)
		close(done)
		both.Wait()
		if err != nil {
			t.Fatal(err)
		}
	}
}
