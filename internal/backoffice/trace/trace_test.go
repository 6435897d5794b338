package trace_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/trace"
	"peyk/internal/report"
)

const month = 30 * 24 * time.Hour

// failing is a relay that fails n times with a class, then takes everything.
func failing(n int, class report.Class) func([]byte) (mail.Reply, error) {
	return func([]byte) (mail.Reply, error) {
		if n--; n >= 0 {
			return mail.Reply{}, &report.Error{Class: class, Code: "relay", Cause: errors.New("as scripted")}
		}
		return mail.Reply{Code: 250, Text: "queued"}, nil
	}
}

func TestAStoredReportIsDeliveredWithoutWaiting(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.arrives("k1")
		w.expect(report.Delivered, "ready sent flagged=false", 1)
	})
}

func TestAfterAnUnknownTheIdenticalMessageGoesOnceMore(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.relay = failing(1, report.Unknown)
		w.arrives("k1")
		w.expect(report.Stored, "ready unknown flagged=false", 1)
		w.update(func(tx ledger.Tx) error { return tx.Wake(guid, ledger.Email) })
		w.after(trace.DefaultUnknownWait - time.Second)
		w.expect(report.Stored, "ready unknown flagged=false", 1) // a wake does not cut the wait short
		w.after(time.Minute)
		w.expect(report.Delivered, "ready sent flagged=true", 2)
		if !bytes.Equal(w.taken[0], w.taken[1]) {
			t.Errorf("the second message differs:\n%s\n---\n%s", w.taken[0], w.taken[1])
		}
	})
}

func TestUnknownTwiceStaysUnconfirmed(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.relay = failing(9, report.Unknown)
		w.arrives("k1")
		w.after(time.Hour)
		w.expect(report.Delivered, "ready unconfirmed flagged=true", 2)
	})
}

// A process that dies in SENDING leaves the row so: the next lease must not
// send, for nobody knows what the relay has.
func TestACrashInSendingIsUnknown(t *testing.T) {
	inWorld(t, month, func(w *world) {
		died := make(chan struct{})
		first := true
		w.relay = func([]byte) (mail.Reply, error) {
			if first {
				first = false
				w.update(func(tx ledger.Tx) error { // another took the lease meanwhile
					rows, err := tx.Tasks(guid)
					for _, k := range rows {
						if k.Kind == ledger.Email {
							return errors.Join(err, tx.Close(guid, ledger.Email), tx.Owe(ledger.Task{Key: k.Key, Generation: 1}))
						}
					}
					return err
				})
				close(died)
			}
			return mail.Reply{Code: 250, Text: "queued"}, nil
		}
		w.arrives("k1")
		<-died
		w.after(time.Minute)
		w.expect(report.Stored, "ready unknown flagged=false", 1)
		w.after(trace.DefaultUnknownWait)
		w.expect(report.Delivered, "ready sent flagged=true", 2)
	})
}

func TestADamagedReportIsFetchedAgainBeforeTheLetterGoes(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.relay = failing(1, report.Transient)
		w.arrives("k1")
		w.expect(report.Stored, "ready pending flagged=false", 1)
		w.lose("k1")
		w.after(2 * time.Minute)
		w.expect(report.Ready, "ready void flagged=false", 1)
		w.arrives("k2")
		w.after(time.Hour)
		w.expect(report.Delivered, "ready sent flagged=false", 2)
	})
}

func TestAnUnknownLetterIsTheSameAfterItsBytesWereFetchedAgain(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.relay = failing(1, report.Unknown)
		w.arrives("k1")
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Damaged(now, nil) })
		w.lose("k1")
		w.arrives("k2")
		w.after(time.Hour)
		w.expect(report.Delivered, "ready sent flagged=true", 2)
		if !bytes.Equal(w.taken[0], w.taken[1]) {
			t.Error("the second message differs")
		}
	})
}

func TestALetterThatIsNoLongerTrueIsVoidThoughTheRelayIsDown(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Fail(report.Failure{Code: "deadline"}, now, nil)
		})
		w.relay = failing(1, report.Transient)
		w.hears(event.ReportFailed)
		w.expect(report.Failed, "failed pending flagged=false", 1)
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Redrive("oya", r.Version, time.Hour, now)
		})
		w.after(time.Hour)
		w.expect(report.Accepted, "failed void flagged=false", 1)
	})
}

func TestNobodyWithoutAnAddressIsForgotten(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.update(func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: "derya", Email: "nowhere"}) })
		w.arrives("k1")
		w.expect(report.Delivered, "ready given_up flagged=false", 0)
		w.update(func(tx ledger.Tx) error {
			notices, err := tx.Unseen("derya", 10)
			if len(notices) != 2 {
				t.Errorf("%d notices, want one of the report and one of the letter", len(notices))
			}
			return err
		})
	})
}

func TestKeptUntilHad(t *testing.T) {
	for name, c := range map[string]struct {
		story func(*world)
		purge time.Duration // from the end on; it is there a second before
	}{
		"attached everywhere":     {func(w *world) {}, 0},
		"not attached, never had": {func(w *world) { w.relay = failing(1, report.Permanent) }, 7 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 0, func(w *world) {
				c.story(w)
				w.arrives("k1")
				if c.purge > 0 {
					w.after(c.purge - time.Second)
					if !w.request().PurgedAt.IsZero() {
						t.Error("it was purged before its time")
					}
					w.after(2 * time.Second)
				}
				if w.request().PurgedAt.IsZero() || len(w.blobs) != 0 {
					t.Errorf("not purged: it is %s, %d blobs", w.request().State, len(w.blobs))
				}
			})
		})
	}
}

// Who wants no letters of a kind gets none, and none is owed; the notice is there,
// the journal says why, and the report is delivered all the same.
func TestUnwantedLettersAreNotWritten(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.wants("derya", ledger.NewsLate)
		w.joins("mehmet")
		w.wants("mehmet", ledger.NewsReady)
		w.arrives("k1")
		if got := w.request(); got.State != report.Delivered || len(w.taken) != 1 {
			t.Errorf("it is %s and %d letters went out, want DELIVERED and the owner's", got.State, len(w.taken))
		}
		facts := w.facts("mail_unwanted")
		if len(facts) != 1 || facts[0].Evidence["account"] != "mehmet" {
			t.Errorf("the journal says %v", facts)
		}
		if told := w.told("mehmet"); len(told) != 1 || told[0] != ledger.SubjectReady {
			t.Errorf("the bell has %v", told)
		}
		w.update(func(tx ledger.Tx) error {
			m, err := tx.Mail(guid, 1, ledger.SubjectReady, "mehmet")
			if m.State != ledger.MailUnwanted || string(m.Letter) != "{}" {
				t.Errorf("the letter's row is %s: %s", m.State, m.Letter)
			}
			tasks, taskErr := tx.Tasks(guid)
			for _, k := range tasks {
				if k.Kind == ledger.Email && k.Subject == "1/ready/mehmet" {
					t.Errorf("its sending is owed: %+v", k)
				}
			}
			return errors.Join(err, taskErr)
		})
	})
}

// wants leaves the account without letters of these kinds alone.
func (w *world) wants(name string, not ...ledger.News) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account(name)
		a.NoMail = not
		return errors.Join(err, tx.PutAccount(a))
	})
}
