package check

import (
	"fmt"
	"testing"
	"time"
)

// ended adds a request of the type that took so long and ended after the others.
func (w *world) ended(kind string, took time.Duration) {
	q := w.ask("")
	w.Clients[len(w.Clients)-1].Type = kind
	q.submit()
	begun := w.entry(accepted, w.n-1).At
	q.ready()
	w.now = begun.Add(took)
	q.row(Entry{Role: gateway, Kind: move, Name: stored, From: ready, To: stored})
	q.end(failed, trace, nil)
}

// noCount adds requests of the type that make no history: one that never was
// STORED, one that waited for its approval in vain, one that still runs.
func (w *world) noCount() {
	for i := range 3 {
		q := w.ask([]string{"", "approver", ""}[i])
		w.Clients[len(w.Clients)-1].Type = "slow"
		switch i {
		case 0:
			q.submit().end(rejected, gateway, nil)
		case 1:
			q.end(declined, trigger, nil)
		case 2:
			q.here()
		}
	}
}

// The first STORED of the last round counts.
func TestAHistoryIsOfTheLastRound(t *testing.T) {
	t.Parallel()
	w := newWorld()
	q := w.ask("").here().end(failed, trace, nil).redriven()
	begun := q.now
	q.submit().ready().store()
	took := q.now.Sub(begun)
	q.damaged().store().end(failed, trace, nil)
	w.tick()
	r := read(w.logs())
	if got, known := r.expected(r.stories[0], w.now); !known || got.Sub(w.now) != took {
		t.Errorf("promised after %v, want %v", got.Sub(w.now), took)
	}
}

func TestAPromiseIsThe95thPercentileOfTheLastTwenty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took []int // minutes, oldest first
		want time.Duration
	}{
		{nil, 15 * time.Minute},
		{[]int{3}, 3 * time.Minute},
		{[]int{9, 3}, 9 * time.Minute},
		{[]int{90, 91, 92, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 19 * time.Minute},
		{[]int{19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 19 * time.Minute},
	} {
		t.Run(fmt.Sprint(len(c.took)), func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.ended("another", time.Second) // does not count
			for _, m := range c.took {
				w.ended("slow", time.Duration(m)*time.Minute)
			}
			w.noCount()
			q := w.ask("")
			w.Clients[len(w.Clients)-1].Type = "slow"
			r := read(w.logs())
			got, known := r.expected(r.byGUID[q.guid], q.now)
			if !known || got.Sub(q.now) != c.want {
				t.Errorf("promised after %v, %v; want %v", got.Sub(q.now), known, c.want)
			}
		})
	}
}

// Whose answer was lost, several times and with different forms, is not known;
// then nothing is said about its people, or about anybody's promise.
func TestAVagueFormAccusesNobody(t *testing.T) {
	t.Parallel()
	w := lateStory()
	w.dropNamed("late")
	w.called(Submit).Status = 0
	w.call("yaren", Submit, "0195-1", 0).Type = "other"
	for _, v := range Check(w.logs()) {
		t.Error(v)
	}
}

func TestARefusedFormIsNotTheOne(t *testing.T) {
	t.Parallel()
	w := readyStory()
	w.Clients = append([]Client{{At: w.Clients[0].At.Add(-1), Who: "deniz", Op: Submit, GUID: "0195-1", Status: 0, Type: "top-games.v1", Recipients: []string{"umut"}}}, w.Clients...)
	w.call("yaren", Submit, "0195-1", 409).Type = "other"
	for _, v := range Check(w.logs()) {
		t.Error(v)
	}
	w.called(Submit).Recipients = nil // the one that was answered 202 decides
	for _, v := range Check(w.logs()) {
		t.Error(v)
	}
}
