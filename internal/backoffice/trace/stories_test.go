package trace_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/trace"
	"peyk/internal/report"
)

// sweep is one look of the station at deadlines and promises.
func (w *world) sweep() {
	w.t.Helper()
	if err := w.station.SweepOnce(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	w.after(0)
}

func TestAMissedPromiseIsToldOnce(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("oya", access.Operator)
		w.after(time.Hour - time.Second)
		w.sweep()
		if got := w.told("derya"); len(got) != 0 {
			t.Errorf("told %v before the promise was missed", got)
		}
		w.after(time.Second)
		w.sweep()
		w.after(time.Hour)
		w.sweep()
		want := []ledger.Subject{ledger.SubjectLate}
		for _, who := range []string{"derya", "oya"} {
			if got := w.told(who); !reflect.DeepEqual(got, want) {
				t.Errorf("%s was told %v, want %v", who, got, want)
			}
		}
		if rows := w.facts("late"); len(rows) != 1 {
			t.Errorf("the journal says %d times that it is late", len(rows))
		}
	})
}

func TestADayAfterItWasAnnouncedItIsDeliveredWithOpenLettersShown(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.joins("oya", access.Operator)
		w.greylists("mert")
		w.arrives("k1")
		w.after(report.AnnouncingTime - time.Second)
		w.sweep()
		if got := w.request().State; got != report.Stored {
			t.Fatalf("it is %s before its deadline, want STORED", got)
		}
		w.after(time.Second)
		w.sweep()
		rows := w.facts(string(report.Delivered))
		if len(rows) != 1 || !reflect.DeepEqual(rows[0].Evidence["open"], []any{"mert"}) {
			t.Errorf("the journal says %+v, want DELIVERED with the letter to mert shown as open", rows)
		}
		w.expect(report.Delivered, "ready sent flagged=false; ready pending flagged=false", len(w.taken))
		w.after(time.Hour)
		w.expect(report.Delivered, "ready sent flagged=false; ready given_up flagged=false", len(w.taken))
		w.hasTold("derya", ledger.SubjectReady, ledger.SubjectLate, ledger.SubjectMail)
		w.hasTold("oya", ledger.SubjectLate, ledger.SubjectMail)
	})
}

func (w *world) hasTold(who string, want ...ledger.Subject) {
	w.t.Helper()
	if got := w.told(who); !reflect.DeepEqual(got, want) {
		w.t.Errorf("%s was told %v, want %v", who, got, want)
	}
}

func TestALetterThatDidNotSurelyArriveIsTold(t *testing.T) {
	for end, c := range map[ledger.MailState]struct {
		class report.Class
		after time.Duration
	}{
		ledger.MailBounced:     {report.Permanent, 0},
		ledger.MailUnconfirmed: {report.Unknown, time.Hour},
		ledger.MailGivenUp:     {report.Transient, trace.GiveUpAfter + time.Hour},
	} {
		t.Run(string(end), func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				w.joins("oya", access.Operator)
				w.joins("can", "analyst") // whom it does not concern
				w.relay = failing(1000, c.class)
				w.arrives("k1")
				w.after(c.after)
				if rows := w.facts("mail_" + string(end)); len(rows) != 1 {
					t.Errorf("letters %q, the journal says mail_%s %d times, want once", w.letters(), end, len(rows))
				}
				w.hasTold("derya", ledger.SubjectReady, ledger.SubjectMail)
				w.hasTold("oya", ledger.SubjectMail)
				w.hasTold("can")
			})
		})
	}
}

func TestWhoHasLeftGetsNoLetter(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.joins("naz")
		w.greylists("mert")
		w.leaves("naz")
		w.arrives("k1")
		w.leaves("mert") // after the letter was written
		w.after(time.Hour)
		w.expect(report.Delivered, "ready sent flagged=false; ready void flagged=false", 2)
		w.hasTold("naz")
		if rows := w.facts("recipient_gone"); len(rows) != 1 || rows[0].Evidence["account"] != "naz" {
			t.Errorf("the journal says %+v, want once that naz has left", rows)
		}
		if rows := w.facts("mail_void"); len(rows) != 1 || rows[0].Evidence["account"] != "mert" {
			t.Errorf("the journal says %+v, want once that the letter to mert is void", rows)
		}
	})
}

func TestTheThirdDamageEndsIt(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.rots(true)
		for _, key := range []string{"k1", "k2"} {
			w.arrives(key)
			w.expect(report.Ready, "", 0)
			if !w.owes(ledger.Fetch) {
				t.Errorf("%s is damaged, and not owed again", key)
			}
		}
		w.arrives("k3")
		if r := w.request(); r.State != report.Failed || r.Failure.Code != "storage" || w.owes(ledger.Fetch) {
			t.Errorf("it is %s(%+v), want FAILED(storage) with nothing to fetch", r.State, r.Failure)
		}
		w.hears(event.ReportFailed)
		w.expect(report.Failed, "failed sent flagged=false", 1)
	})
}

// Who collected a report that was lost afterwards does not have the one that a
// redrive brings. The letter still open holds up the purge until then.
func TestWhatWasCollectedBeforeARedriveDoesNotCount(t *testing.T) {
	inWorld(t, 0, func(w *world) {
		w.greylists("derya")
		w.arrives("k1")
		w.collect()
		w.rots(true)
		w.after(2 * time.Minute)
		w.arrives("k2")
		w.arrives("k3")
		if got := w.request().State; got != report.Failed {
			t.Fatalf("it is %s; the story needs one that failed", got)
		}
		w.hears(event.ReportFailed)
		w.rots(false)
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Redrive("oya", r.Version, time.Hour, now)
		})
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Submit(now, nil) })
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Prepare(now, nil) })
		w.greylists("")
		w.mu.Lock()
		w.relay = failing(1, report.Permanent) // not attached: it stays until it is had
		w.mu.Unlock()
		w.arrives("k4")
		w.after(24 * time.Hour)
		if r := w.request(); r.State != report.Delivered || !r.PurgedAt.IsZero() {
			t.Errorf("it is %s, purged at %s; want DELIVERED and kept", r.State, r.PurgedAt)
		}
		w.collect()
		if w.request().PurgedAt.IsZero() {
			t.Error("it was had, and is still kept")
		}
	})
}

// One letter that did not arrive is one person who does not have the document.
func TestAttachedToOneOfTwoIsNotEverywhere(t *testing.T) {
	inWorld(t, 0, func(w *world) {
		w.joins("mert")
		w.relay = failing(1, report.Permanent)
		w.arrives("k1")
		w.after(7*24*time.Hour - time.Minute)
		if r := w.request(); r.State != report.Delivered || !r.PurgedAt.IsZero() {
			t.Errorf("it is %s, purged at %s; want DELIVERED and kept", r.State, r.PurgedAt)
		}
		w.collect()
		if w.request().PurgedAt.IsZero() || len(w.blobs) != 0 {
			t.Error("it was had, and is still kept")
		}
	})
}

// owes reports whether a task of the kind is open.
func (w *world) owes(k ledger.Kind) (open bool) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		n, err := tx.OpenTasks()
		open = n[k] > 0
		return err
	})
	return open
}

// collect is what trigger does at the first download.
func (w *world) collect() {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		r.CollectedAt = tx.Now()
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		return tx.Wake(guid, ledger.Purge)
	})
	w.after(5 * time.Second)
}

// Bytes without a row go a day after they were written; those a row names stay,
// however old.
func TestBytesWithoutARowAreRemoved(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.arrives("k1")
		written := time.Now()
		w.lain = map[string]time.Time{"k1": written, "orphan": written, "young": written.Add(time.Hour)}
		w.mu.Lock()
		w.blobs["orphan"], w.blobs["young"] = document, document
		w.mu.Unlock()
		for _, c := range []struct {
			after time.Duration
			want  []string
		}{
			{24 * time.Hour, []string{"k1", "orphan", "young"}},
			{time.Second, []string{"k1", "young"}},
			{2 * time.Hour, []string{"k1"}},
		} {
			w.after(c.after)
			if err := w.station.HuntOrphans(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(w.blobs)); !slices.Equal(got, c.want) {
				t.Errorf("%s after they were written %v lie here, want %v", time.Since(written), got, c.want)
			}
		}
	})
}

// A try that found its letter untrue while the report was fetched again must not
// close the letter that was written anew meanwhile.
func TestAStaleTryDoesNotCloseTheLetterWrittenAnew(t *testing.T) {
	inWorld(t, time.Hour, func(w *world) {
		w.greylists("derya")
		w.arrives("first")
		w.expect(report.Stored, "ready pending flagged=false", 1)
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Damaged(now, nil) })
		release := w.process.hold(readsEmail)
		w.after(3 * time.Minute)
		w.greylists("")
		w.arrives("second")
		w.expect(report.Stored, "ready pending flagged=false", 1)
		release()
		w.after(time.Minute)
		w.expect(report.Delivered, "ready sent flagged=false", 2)
	})
}

// What was late when the sweep looked has a new promise once it is redriven.
func TestAPromiseMadeAnewIsNotCalledLate(t *testing.T) {
	inWorld(t, time.Hour, func(w *world) {
		w.after(time.Hour) // so much was promised
		release, swept := w.process.hold(readsLate), make(chan error)
		go func() { swept <- w.station.SweepOnce(w.t.Context()) }()
		synctest.Wait()
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Fail(report.Failure{Code: "deadline"}, now, nil)
		})
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Redrive("oya", r.Version, time.Hour, now)
		})
		release()
		if err := <-swept; err != nil {
			t.Error(err)
		}
		if late := w.facts("late"); len(late) != 0 {
			t.Errorf("it is called late at %s, and promised by %s", late[0].At, w.request().ExpectedBy)
		}
	})
}

// What had waited a day when the sweep looked has a new day once it was fetched
// and announced again.
func TestADeadlineMadeAnewIsNotTakenForTheOldOne(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.greylists("derya")
		w.arrives("k1")
		w.after(report.AnnouncingTime)
		release, swept := w.process.hold(readsOverdue), make(chan error)
		go func() { swept <- w.station.SweepOnce(w.t.Context()) }()
		synctest.Wait()
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Damaged(now, nil) })
		w.arrives("k2")
		release()
		if err := <-swept; err != nil {
			t.Error(err)
		}
		if got := w.request(); got.State != report.Stored {
			t.Errorf("it is %s, want STORED until %s", got.State, got.Deadline)
		}
	})
}

// An email that is written anew while it waits has waited since it was first
// written. One that was void begins anew.
func TestTheDayOfAnEmailThatIsWrittenAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between time.Duration // from the damage until the bytes are here again
		givenUp time.Duration // from the first writing on
	}{
		"while it waits":      {0, trace.GiveUpAfter},
		"after it was voided": {time.Hour, 20*time.Hour + time.Hour + trace.GiveUpAfter},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				w.greylists("derya")
				w.arrives("k1")
				began := time.Now()
				w.after(20 * time.Hour)
				w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Damaged(now, nil) })
				w.after(c.between)
				w.arrives("k2")
				w.after(c.givenUp - time.Since(began))
				w.expect(report.Stored, "ready pending flagged=false", len(w.taken))
				w.after(time.Hour) // the longest pause between two tries is half of it
				w.expect(report.Delivered, "ready given_up flagged=false", len(w.taken))
			})
		})
	}
}
