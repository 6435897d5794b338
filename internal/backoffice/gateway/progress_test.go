package gateway_test

import (
	"math"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
)

// TestTheProviderSaysWhenToLook counts the looks while a report is prepared: at
// the times the provider asks for, within bounds, and else in doubling steps.
func TestTheProviderSaysWhenToLook(t *testing.T) {
	t.Parallel()
	for again, rests := range map[time.Duration][3]time.Duration{
		0:                {time.Minute, time.Minute, 2 * time.Minute},
		time.Nanosecond:  {5 * time.Second, 5 * time.Second, 5 * time.Second},
		7 * time.Second:  {7 * time.Second, 7 * time.Second, 7 * time.Second},
		time.Minute:      {time.Minute, time.Minute, time.Minute},
		59 * time.Minute: {10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
	} {
		t.Run(again.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.again = again
				var looks []time.Time
				w.operation = func() (protocol.Operation, error) {
					looks = append(looks, time.Now())
					return w.says(protocol.Preparing), nil
				}
				began := time.Now()
				w.after(31 * time.Minute)
				if len(looks) < len(rests) {
					t.Fatalf("looked %d times", len(looks))
				}
				for n, want := range rests {
					if got := looks[n].Sub(began); got < want || got > want+time.Second {
						t.Errorf("look %d came after %s, want %s", n+1, got, want)
					}
					began = looks[n]
				}
			})
		})
	}
}

// TestProgressIsKept has the provider tell how far it is, and tell nonsense: the
// ledger holds what a page may show, and the request, its version and its journal
// are as they were.
func TestProgressIsKept(t *testing.T) {
	t.Parallel()
	progress := func(done, total int, stage string, position int) *protocol.Progress {
		return &protocol.Progress{Done: done, Total: total, Stage: stage, Position: position}
	}
	for what, c := range map[string]struct {
		says protocol.Operation
		want ledger.Progress
		eta  time.Duration
	}{
		"in the line":      {protocol.Operation{State: protocol.Queued, ETASeconds: 40, Progress: progress(0, 0, "waiting", 3)}, ledger.Progress{Stage: ledger.StageWaiting, Position: 3}, 40 * time.Second},
		"an older one":     {protocol.Operation{State: protocol.Queued}, ledger.Progress{Stage: ledger.StageWaiting}, 0},
		"under review":     {protocol.Operation{State: protocol.PendingReview, Progress: progress(1, 2, "x", 0)}, ledger.Progress{Stage: ledger.StageReview}, 0},
		"gathering":        {protocol.Operation{State: protocol.Preparing, ETASeconds: 2, Progress: progress(1, 5, "gathering", 0)}, ledger.Progress{Stage: ledger.StageGathering, Done: 1, Total: 5}, 2 * time.Second},
		"no progress":      {protocol.Operation{State: protocol.Preparing, ETASeconds: 2}, ledger.Progress{}, 2 * time.Second},
		"a foreign stage":  {protocol.Operation{State: protocol.Preparing, Progress: progress(1, 5, "\x00<script>", 9)}, ledger.Progress{Done: 1, Total: 5}, 0},
		"an unknown state": {protocol.Operation{State: "thinking", Progress: progress(4, 5, "rendering", 0)}, ledger.Progress{Stage: ledger.StageRendering, Done: 4, Total: 5}, 0},
		"below zero":       {protocol.Operation{State: protocol.Preparing, ETASeconds: -1, Progress: progress(-4, -5, "combining", -1)}, ledger.Progress{Stage: ledger.StageCombining}, 0},
		"more than all":    {protocol.Operation{State: protocol.Preparing, ETASeconds: math.MaxInt, Progress: progress(math.MaxInt, 5, "", 0)}, ledger.Progress{Done: 5, Total: 5}, 0},
		"a place below 0":  {protocol.Operation{State: protocol.Queued, Progress: progress(1, 2, "waiting", math.MinInt)}, ledger.Progress{Stage: ledger.StageWaiting}, 0},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.again = 5 * time.Second
				w.operation = func() (protocol.Operation, error) {
					o := w.says(c.says.State)
					o.ETASeconds, o.Progress = c.says.ETASeconds, c.says.Progress
					return o, nil
				}
				w.after(time.Second)
				before, rows := w.request(), w.journal()
				w.after(14500 * time.Millisecond) // three looks
				c.want.GUID, c.want.Generation = guid, 1
				got := w.progress()
				if age := time.Since(got.At); age < 0 || age > 5*time.Second {
					t.Errorf("it was written %s ago", age)
				}
				if c.eta > 0 {
					c.want.ReadyAt = got.At.Add(c.eta)
				}
				c.want.At = got.At
				if got != c.want {
					t.Errorf("the ledger holds %+v, want %+v", got, c.want)
				}
				if after := w.request(); after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) || w.journal() != rows {
					t.Errorf("version %d became %d, %d journal rows %d", before.Version, after.Version, rows, w.journal())
				}
				w.update(func(tx ledger.Tx) error { // a move begun before the looks
					m, err := before.Cancel("derya", "no more", tx.Now())
					if err != nil {
						return err
					}
					return ledger.Move(tx, before, m)
				})
			})
		})
	}
}

func (w *world) progress() ledger.Progress {
	w.t.Helper()
	var all []ledger.Progress
	w.update(func(tx ledger.Tx) (err error) { all, err = tx.Progress(guid); return err })
	if len(all) != 1 {
		w.t.Fatalf("the ledger holds %+v", all)
	}
	return all[0]
}

func (w *world) journal() (n int) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		rows, err := tx.Journal(guid)
		n = len(rows)
		return err
	})
	return n
}
