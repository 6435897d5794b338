package gateway_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// refuse makes the POST end the request at once: from then on DELETE is owed.
func (w *world) refuse() {
	w.submit = func(protocol.SubmitRequest) error {
		return problem(http.StatusUnprocessableEntity, protocol.CodeInvalidParams)
	}
}

// redrive is what trigger does when an operator presses the button.
func (w *world) redrive() {
	w.t.Helper()
	w.end(event.ReportRequested, func(r *report.Request, now time.Time) (report.Move, error) {
		return r.Redrive("oya", r.Version, time.Minute, now)
	})
}

func TestADeleteThatFailsWaitsLongerEachTime(t *testing.T) {
	const failures = 20
	inWorld(t, func(w *world) {
		var tries []time.Time
		w.refuse()
		w.remove = func(int) error {
			if tries = append(tries, time.Now()); len(tries) <= failures {
				return errDown
			}
			return nil
		}
		w.after(failures / 2 * time.Hour)
		if len(tries) != failures+1 || !reflect.DeepEqual(w.cleaned(), []int{1}) || len(w.facts("cleaned_at_provider")) != 1 {
			t.Fatalf("%d tries, deleted %v, want %d tries and generation 1 cleaned once", len(tries), w.cleaned(), failures+1)
		}
		for i := range failures {
			gap, most := tries[i+1].Sub(tries[i]), min(time.Hour, time.Second<<i)+task.Rest
			if gap < time.Second || gap > most {
				t.Errorf("%s between tries %d and %d, want 1s to %s", gap, i+1, i+2, most)
			}
		}
	})
}

// A copy that cannot be deleted is chased until it has gone by itself, and that
// is written down.
func TestACopyIsLeftBehindOnlyAfterItExpired(t *testing.T) {
	for name, c := range map[string]struct {
		lives, chased time.Duration // of the copy; from the report's end
	}{
		"expiry known":   {50 * time.Hour, 74 * time.Hour},
		"expiry unknown": {0, 30 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) {
					o := w.says(protocol.Ready)
					if c.lives > 0 {
						o.ExpiresAt = time.Now().Add(c.lives)
					}
					return o, nil
				}
				w.remove = func(int) error { return errDown }
				w.webhook()
				w.after(ledger.FirstPoll)
				w.deliver()
				w.rest(c.chased - 2*time.Hour)
				w.after(2*time.Hour - 2*time.Minute)
				if rows := w.facts("left_behind"); len(rows) != 0 {
					t.Errorf("given up early: %+v", rows)
				}
				w.after(time.Hour + 2*time.Minute + task.Rest)
				rows := w.facts("left_behind")
				if len(rows) != 1 || rows[0].Evidence["generations_up_to"] != 1.0 || rows[0].Evidence["error"] != errDown.Error() {
					t.Errorf("the journal says %+v, want left_behind once, with generation 1 and the error", rows)
				}
				w.rewrite(func() { w.remove = func(int) error { t.Error("it is tried again"); return nil } })
				w.after(2 * time.Hour)
				left := protocol.Operation{ReportID: guid, Generation: 1, State: protocol.Ready, Rev: 1}
				w.hunt(left, 40*24*time.Hour) // it is still listed, and was given up
				if again := w.facts("left_behind"); len(again) != 1 {
					t.Errorf("given up %d times over", len(again))
				}
			})
		})
	}
}

func TestAGenerationThatEndsWhileDeleteRunsIsDeletedToo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.refuse()
		w.remove = func(generation int) error {
			if generation == 1 {
				time.Sleep(10 * time.Second) // long enough for a redrive to end meanwhile
			}
			return nil
		}
		w.after(time.Second)
		w.hears(event.ReportRejected)
		w.redrive()
		w.after(time.Second)
		if r := w.request(); r.State != report.Rejected || r.Generation != 2 || len(w.cleaned()) != 0 {
			t.Fatalf("it is %s in generation %d, deleted %v; the story needs a DELETE still under way", r.State, r.Generation, w.cleaned())
		}
		w.after(20 * time.Second)
		if !reflect.DeepEqual(w.cleaned(), []int{1, 2}) {
			t.Errorf("deleted %v, want 1, then 2", w.cleaned())
		}
	})
}

// Whatever is heard or found meanwhile, the provider's copy stays until ours is
// durable and the report delivered (I4).
func TestTheProvidersCopyStaysUntilOursIsDurable(t *testing.T) {
	inWorld(t, func(w *world) {
		look := func(want report.State) {
			t.Helper()
			w.hears(event.ReportDelivered) // replayed, or forged
			if err := w.station.HuntOrphans(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.after(time.Second)
			if r := w.request(); r.State != want || len(w.cleaned()) != 0 {
				t.Errorf("it is %s, deleted %v; want %s and nothing deleted", r.State, w.cleaned(), want)
			}
		}
		w.list = func(string) (protocol.Page, error) {
			o := w.says(protocol.Ready)
			o.UpdatedAt = time.Now().Add(-25 * time.Hour)
			return protocol.Page{Operations: []protocol.Operation{o}}, nil
		}
		release := make(chan struct{})
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) { <-release; return body(document), nil }
		w.after(time.Second)
		look(report.Preparing)
		w.after(ledger.FirstPoll)
		look(report.Ready)
		close(release)
		w.after(time.Second)
		look(report.Stored)
		w.rest(48 * time.Hour)
		look(report.Stored)
		w.deliver()
		w.after(time.Second)
		if !reflect.DeepEqual(w.cleaned(), []int{1}) {
			t.Errorf("deleted %v after it was delivered, want generation 1", w.cleaned())
		}
	})
}
