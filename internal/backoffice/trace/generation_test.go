package trace_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

// lost ends a stored report for damage and redrives it.
func (w *world) lost() {
	w.t.Helper()
	for range report.MaxRefetches - 1 {
		w.damaged()
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Store(now, nil) })
	}
	w.damaged()
	w.redrives()
}

// An open email of an earlier generation does not hold up DELIVERED, and its files
// are neither checked nor attached.
func TestAnEarlierGenerationHoldsUpNothing(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.greylists("derya")
		w.arrives("k1")
		w.expect(report.Stored, "ready pending flagged=false", 1)
		w.lost()
		w.lose("k1")
		w.greylists("")
		w.arrives("k2")
		w.expect(report.Delivered, "ready pending flagged=false; ready sent flagged=false", 2)
		if t.Failed() {
			return
		}
		if n := bytes.Count(w.taken[1], []byte("filename=\"a.pdf\"")); n != 1 {
			t.Errorf("the email carries %d files, want one:\n%s", n, w.taken[1])
		}
		w.after(time.Hour)
		w.expect(report.Delivered, "ready void flagged=false; ready sent flagged=false", 2)
	})
}

// An email about the end of an earlier generation is not true of the next one,
// though it ended the same way.
func TestAnEmailOfAnEarlierGenerationIsVoid(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.relay = failing(1, report.Transient)
		w.fails()
		w.hears(event.ReportFailed)
		w.redrives()
		w.fails()
		w.hears(event.ReportFailed)
		w.after(time.Hour)
		w.expect(report.Failed, "failed void flagged=false; failed sent flagged=false", 2)
	})
}

// An email that may have arrived and is no longer true is unconfirmed, not void;
// one that may have arrived and cannot be sent again for a day, too.
func TestAnEmailThatMayHaveArrivedIsUnconfirmed(t *testing.T) {
	t.Parallel()
	t.Run("no longer true", func(t *testing.T) {
		inWorld(t, month, func(w *world) {
			w.relay = failing(1, report.Unknown)
			w.fails()
			w.hears(event.ReportFailed)
			w.redrives()
			w.after(time.Hour)
			w.expect(report.Preparing, "failed unconfirmed flagged=false", 1)
		})
	})
	t.Run("deferred for a day", func(t *testing.T) {
		inWorld(t, month, func(w *world) {
			w.relay = failing(1, report.Unknown)
			w.arrives("k1")
			w.greylists("derya")
			w.after(25 * time.Hour)
			if got := w.letters(); !strings.HasPrefix(got, "ready unconfirmed") {
				t.Errorf("the email is %q, want it unconfirmed", got)
			}
		})
	})
}

// A process that dies while it sends says less than a lost reply: the email is
// sent up to three times more.
func TestAnEmailIsTriedAgainAfterThreeCrashes(t *testing.T) {
	t.Parallel()
	for crashes, want := range map[int]string{1: "ready sent flagged=true", 3: "ready sent flagged=true", 4: "ready unconfirmed flagged=true"} {
		t.Run(fmt.Sprint(crashes), func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				left := crashes
				w.relay = func([]byte) (mail.Reply, error) {
					if left--; left >= 0 {
						w.process.dead.Store(true)
					}
					return mail.Reply{Code: 250, Text: "queued"}, nil
				}
				w.arrives("k1")
				for range crashes {
					w.after(time.Minute)
					w.revive()
					w.after(time.Hour)
				}
				w.after(time.Hour)
				w.expect(report.Delivered, want, min(crashes+1, 4))
			})
		})
	}
}

// An open email of another kind does not hold up DELIVERED.
func TestAnEmailThatItIsLateHoldsUpNothing(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.greylists("derya")
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		w.sweep()
		w.expect(report.Preparing, "late pending flagged=false", 1)
		w.greylists("")
		w.arrives("k1")
		w.expect(report.Delivered, "late pending flagged=false; ready sent flagged=false; ready sent flagged=false", 3)
	})
}

func TestAnEmailThatItIsLateIsVoidWhileOthersWait(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.greylists("derya")
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		w.sweep()
		w.greylists("mert")
		w.arrives("k1")
		w.after(time.Hour)
		if got := w.letters(); got != "late void flagged=false; ready sent flagged=false; ready pending flagged=false" {
			t.Errorf("the emails are %q, want the late one void though the report is STORED", got)
		}
	})
}

// A deactivated owner gets no email that the report is late.
func TestADeactivatedOwnerIsNotWrittenToWhenItIsLate(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.leaves("derya")
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		w.sweep()
		w.after(time.Minute)
		w.expect(report.Preparing, "", 0)
	})
}

// Only an estimate of this generation that is still ahead is told.
func TestOnlyAnEstimateThatHoldsIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead time.Duration // of the sweep
		told  bool
	}{"ahead": {time.Hour, true}, "past": {-time.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				w.begin.Do(w.station.Start)
				w.after(time.Hour)
				w.update(func(tx ledger.Tx) error {
					return tx.PutProgress(ledger.Progress{GUID: guid, Generation: 1, ReadyAt: tx.Now().Add(c.ahead), At: tx.Now()})
				})
				w.sweep()
				w.after(time.Minute)
				if len(w.taken) != 1 || bytes.Contains(w.taken[0], []byte("New estimate")) != c.told {
					t.Errorf("%d emails, want one with an estimate: %v", len(w.taken), c.told)
				}
			})
		})
	}
}

// A recipient who was deactivated is noted once, however often the report is
// announced; one who wants emails again gets one at the next announcement.
func TestAnnouncedAgain(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("mert")
		w.joins("naz")
		w.leaves("naz")
		w.wants("mert", ledger.NewsReady)
		w.greylists("derya")
		w.arrives("k1")
		w.damaged()
		w.wants("mert")
		w.arrives("k2")
		w.expect(report.Stored, "ready pending flagged=false; ready sent flagged=false", 3)
		if rows := w.facts("recipient_gone"); len(rows) != 1 {
			t.Errorf("the journal says %d times that naz has left", len(rows))
		}
	})
}

// A storage that cannot be read says nothing about the bytes: they are read again
// later, and step 11 is noted once.
func TestAStorageThatCannotBeReadIsNoDamage(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(n int) bool{
		"when they are checked":  func(n int) bool { return n <= 3 },
		"when they are composed": func(n int) bool { return n == 2 || n == 4 },
		"when they are sent":     func(n int) bool { return n == 3 },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				n := 0
				w.opening = func(string) error {
					if n++; fails(n) {
						return errors.New("input/output error")
					}
					return nil
				}
				w.arrives("k1")
				w.after(time.Hour)
				w.expect(report.Delivered, "ready sent flagged=false", 1)
				if r := w.request(); r.Refetches != 0 || len(w.facts("heard")) != 1 {
					t.Errorf("fetched again %d times, heard %d times", r.Refetches, len(w.facts("heard")))
				}
			})
		})
	}
}

// Bytes that are lost between the check and the composing are fetched again, and
// their row says that they are damaged.
func TestBytesLostBeforeTheEmailIsComposedAreFetchedAgain(t *testing.T) {
	inWorld(t, month, func(w *world) {
		n := 0
		w.opening = func(key string) error {
			if n++; n == 2 {
				delete(w.blobs, key)
			}
			return nil
		}
		w.arrives("k1")
		w.after(time.Minute)
		w.expect(report.Ready, "", 0)
		w.update(func(tx ledger.Tx) error {
			rows, err := tx.Files(guid)
			if len(rows) != 1 || !rows[0].Damaged {
				t.Errorf("the rows are %+v, want the file marked as damaged", rows)
			}
			return err
		})
	})
}

// A try that does not get as far as DATA leaves no row in the journal.
func TestATryWithoutDataIsNotInTheJournal(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.cut = true
		w.arrives("k1")
		w.after(3 * time.Hour)
		if rows := w.facts("mail_deferred"); len(rows) != 0 {
			t.Errorf("the journal says %d times that the email was deferred", len(rows))
		}
		w.mu.Lock()
		w.cut = false
		w.mu.Unlock()
		w.greylists("derya")
		w.after(time.Hour)
		if rows := w.facts("mail_deferred"); len(rows) == 0 || len(rows) != len(w.taken) {
			t.Errorf("the journal says %d times that the email was deferred, %d were", len(rows), len(w.taken))
		}
	})
}

const asking = "01a2082b-96d0-7c3e-9a41-5d0be27f8c20" // waits for approval

// asks has derya, who is an approver, too, ask for a report that needs approval.
func (w *world) asks() {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		err := tx.PutAccount(ledger.Account{Name: "derya", FullName: "Derya", Email: "derya@example.com", Locale: "en", Roles: []string{access.Requester, access.Approver}})
		if err != nil {
			return err
		}
		r, m, err := report.New(asking, report.Asked{
			Type: "t.v1", Title: report.Text{EN: "Payroll"}, Owner: "derya", Approval: access.Approver, Parameters: []byte("{}"),
		}, time.Hour, tx.Now())
		return errors.Join(err, ledger.Move(tx, r, m))
	})
	w.begin.Do(w.station.Start)
	if err := w.station.Handle(w.t.Context(), event.Event{Type: event.ApprovalAsked, GUID: asking}, 7); err != nil {
		w.t.Fatal(err)
	}
	w.after(0)
}

// Approval is asked of those who have the role, not of the requester, and only as
// long as it is needed and they have the role.
func TestApprovalIsAskedOfThoseWhoDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		want      string
	}{
		"nothing happens": {func(*world) {}, "asking sent flagged=false"},
		"it is approved": {func(w *world) {
			w.update(func(tx ledger.Tx) error {
				r, err := tx.Request(asking)
				if err != nil {
					return err
				}
				m, err := r.Approve("murat", time.Hour, tx.Now())
				return errors.Join(err, ledger.Move(tx, r, m))
			})
		}, "asking void flagged=false"},
		"the role is taken away": {func(w *world) {
			w.update(func(tx ledger.Tx) error {
				a, err := tx.Account("murat")
				a.Roles = []string{access.Requester}
				return errors.Join(err, tx.PutAccount(a))
			})
		}, "asking void flagged=false"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, month, func(w *world) {
				w.joins("murat", access.Approver)
				w.joins("can", "analyst")
				w.greylists("murat")
				w.asks()
				w.hasTold("murat", ledger.SubjectAsking)
				w.hasTold("derya")
				w.hasTold("can")
				c.meanwhile(w)
				w.greylists("")
				w.after(time.Hour)
				if got := w.lettersOf(asking); got != c.want {
					t.Errorf("the emails are %q, want %q", got, c.want)
				}
			})
		})
	}
}

// The email about a cancelled request says who cancelled it.
func TestACancelSaysByWhom(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("ece", "analyst") // whom nothing else in the email names
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Cancel("ece", "twice", now) })
		w.hears(event.ReportCancelled)
		w.expect(report.Cancelled, "cancelled sent flagged=false", 1)
		if t.Failed() {
			return
		}
		body := strings.Join(strings.Fields(string(w.taken[0])), " ")
		if _, text, _ := strings.Cut(body, "Subject:"); !strings.Contains(text, "ece") || !strings.Contains(text, "twice") {
			t.Errorf("the email does not say who cancelled it and why:\n%s", w.taken[0])
		}
	})
}
