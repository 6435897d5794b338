package trace_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// fails is a request that ends badly.
func (w *world) fails() {
	w.t.Helper()
	w.move(func(r *report.Request, now time.Time) (report.Move, error) {
		return r.Fail(report.Failure{Code: "deadline"}, now, nil)
	})
}

// damaged sends a stored report back to READY, as another process would.
func (w *world) damaged() {
	w.t.Helper()
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Damaged(now, nil) })
}

// What was late when the sweep looked, and has ended or been told since, is not
// told as late.
func TestLateIsLookedAtAgainInTheCommit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		late      int
	}{
		"it ended":                {(*world).fails, 0},
		"another process told it": {func(w *world) { w.sweep() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				w.after(time.Hour)
				release, swept := w.process.hold(readsLate), make(chan error)
				go func() { swept <- w.station.SweepOnce(w.t.Context()) }()
				synctest.Wait()
				c.meanwhile(w)
				release()
				if err := <-swept; err != nil {
					t.Error(err)
				}
				if rows := w.facts("late"); len(rows) != c.late {
					t.Errorf("the journal says %d times that it is late, want %d", len(rows), c.late)
				}
			})
		})
	}
}

// An email that was true when it was picked and is not before DATA is void, and
// not sent.
func TestAnEmailThatIsNoLongerTrueBeforeDataIsNotSent(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.fails()
		release := w.process.hold(readsEmail)
		w.hears(event.ReportFailed)
		w.redrives()
		release()
		synctest.Wait()
		w.expect(report.Preparing, "failed void flagged=false", 0)
	})
}

// Work whose lease was lost before DATA sends nothing: the next lease does.
func TestALeaseThatWasLostSendsNothing(t *testing.T) {
	inWorld(t, month, func(w *world) {
		release := w.process.hold(readsEmail)
		w.arrives("k1")
		w.update(func(tx ledger.Tx) error { // another process took the task
			rows, err := tx.Tasks(guid)
			for _, k := range rows {
				if k.Kind == ledger.Email {
					err = errors.Join(err, tx.Close(guid, ledger.Email), tx.Owe(ledger.Task{Key: k.Key, Generation: 1}))
				}
			}
			return err
		})
		release()
		w.after(time.Hour)
		w.expect(report.Delivered, "ready sent flagged=false", 1)
	})
}

// Work that is owed again after it was done changes nothing.
func TestWorkThatIsOwedAgainChangesNothing(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.greylists("mert")
		w.arrives("k1")
		w.update(func(tx ledger.Tx) error {
			return errors.Join(
				tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid, Kind: ledger.Announce}, Generation: 1, DueAt: tx.Now()}),
				tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid, Kind: ledger.Email, Subject: "1/ready/derya"}, Generation: 1, DueAt: tx.Now()}),
				tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid, Kind: ledger.Purge}, Generation: 1, DueAt: tx.Now()}))
		})
		w.after(5 * time.Second)
		w.expect(report.Stored, "ready sent flagged=false; ready pending flagged=false", 2)
		if taken := len(w.facts("taken")); taken != 1 {
			t.Errorf("the journal says %d times that it was taken", taken)
		}
	})
}

// There is nothing to announce of a request that is on its way.
func TestNothingIsAnnouncedOnTheWay(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.update(func(tx ledger.Tx) error {
			return tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid, Kind: ledger.Announce}, Generation: 1, DueAt: tx.Now()})
		})
		w.hears(event.ReportFailed)
		w.after(5 * time.Second)
		w.expect(report.Preparing, "", 0)
		if r := w.request(); !r.AnnouncedAt.IsZero() || len(w.told("derya")) != 0 || len(w.facts("heard")) != 0 {
			t.Errorf("announced at %s, derya was told %v", r.AnnouncedAt, w.told("derya"))
		}
	})
}
