package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"peyk/internal/protocol"
)

// TestPaceIsTheMedianOfTheLast lets jobs of two types take random times and
// computes what is typical by sorting them.
func TestPaceIsTheMedianOfTheLast(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	took := map[string][]time.Duration{}
	for n := range 60 {
		sub := submission(guid(n), 1, "a")
		sub.Type = []string{"sales.v1", "stock.v1"}[r.IntN(2)]
		if _, err := s.Submit(t.Context(), sub, 3); err != nil {
			t.Fatal(err)
		}
		c.forward(time.Hour) // in the line, which does not count
		job := claim(t, s)
		d := time.Duration(r.IntN(100_000)) * time.Millisecond
		c.forward(d)
		if r.IntN(4) == 0 { // does not count either
			if err := s.Finish(t.Context(), job, protocol.Failed, protocol.OperationError{Code: "x"}); err != nil {
				t.Fatal(err)
			}
		} else {
			publish(t, s, job, "x")
			took[sub.Type] = append(took[sub.Type], d)
		}
		want := time.Duration(0)
		if last := slices.Clone(took[sub.Type]); len(last) > 0 {
			last = last[max(len(last)-history, 0):]
			slices.Sort(last)
			want = last[(len(last)-1)/2]
		}
		if p, err := s.Pace(t.Context(), guid(n), 1); err != nil || p.Typical != want || !p.Began.IsZero() || p.Ahead != 0 {
			t.Fatalf("after %d jobs the pace is %+v, %v; want %s typical (seed %d)", n+1, p, err, want, seed)
		}
	}
}

func TestPaceKnowsThePlace(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	for n := range 5 {
		if _, err := s.Submit(t.Context(), submission(guid(9-n), 1, "a"), 3); err != nil {
			t.Fatal(err)
		}
		c.forward(time.Second)
	}
	began := c.Now()
	if job := claim(t, s); job.ReportID != guid(9) {
		t.Fatalf("claimed %s", job.ReportID)
	}
	for n, want := range []Pace{{Began: began}, {Ahead: 0}, {Ahead: 1}, {Ahead: 2}, {Ahead: 3}} {
		if p, err := s.Pace(t.Context(), guid(9-n), 1); err != nil || p != want {
			t.Errorf("submitted as number %d it stands %+v, %v; want %+v", n+1, p, err, want)
		}
	}
	if _, err := s.Pace(t.Context(), guid(1), 1); err != ErrUnknown {
		t.Errorf("of a report never seen: %v", err)
	}
}

// long fills a store with a line.
func long(tb testing.TB, n int) *Store {
	tb.Helper()
	c := newClock()
	s := openStore(tb, tb.TempDir(), c)
	tb.Cleanup(func() { s.Close() })
	err := s.writer.write(context.Background(), func(tx *session) error {
		if _, err := tx.Exec("insert into reports (guid, rev, updated_at) with recursive i(n) as (select 1 union all select n + 1 from i where n < ?) select printf('0198c1de-7a3b-7c54-9a0e-%012x', n), 1, n from i", n); err != nil {
			return err
		}
		_, err := tx.Exec("insert into jobs (guid, generation, state, body_hash, request, eta_seconds, queued_at) select guid, 1, 'queued', '', '{}', 1, updated_at from reports")
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// The count ends at MaxAhead, and reads an index in the order of the line.
func TestPaceOfALongLine(t *testing.T) {
	t.Parallel()
	const n = MaxAhead + 500
	s := long(t, n)
	for place, want := range map[int]int{1: 0, 2: 1, MaxAhead: MaxAhead - 1, MaxAhead + 1: MaxAhead, MaxAhead + 2: MaxAhead, n: MaxAhead} {
		if p, err := s.Pace(t.Context(), guid(place), 1); err != nil || p.Ahead != want {
			t.Errorf("at place %d there are %d ahead, %v; want %d", place, p.Ahead, err, want)
		}
	}
	plan := ""
	rows, err := s.db.db.Query("explain query plan "+paceQuery, guid(1), 1, protocol.Queued, MaxAhead)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += fmt.Sprintln(detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan, "q USING COVERING INDEX jobs_by_state (state=? AND queued_at<?)") {
		t.Errorf("the line is counted otherwise:\n%s", plan)
	}
}

func BenchmarkPace(b *testing.B) {
	s := long(b, 100_000)
	for b.Loop() {
		if _, err := s.Pace(b.Context(), guid(99_999), 1); err != nil {
			b.Fatal(err)
		}
	}
}
