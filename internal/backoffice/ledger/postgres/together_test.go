package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func TestOfTwoMovesOverOneVersionOneWins(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	cancel := func(tx ledger.Tx) error {
		return move(tx, guid(1), func(r *report.Request) (report.Move, error) { return r.Cancel("ayse", "", tx.Now()) })
	}
	var seen *report.Request
	p.update(func(tx ledger.Tx) (err error) { seen, err = tx.Request(guid(1)); return err })
	submit := func(tx ledger.Tx) error {
		r := *seen
		m, err := r.Submit(tx.Now(), nil)
		if err != nil {
			return err
		}
		return ledger.Move(tx, &r, m)
	}
	first, second := p.after(cancel, submit)
	if first != nil || !errors.Is(second, ledger.ErrConflict) {
		t.Errorf("cancel: %v; submit: %v; want nil and %v", first, second, ledger.ErrConflict)
	}
	if r := view(p, func(v ledger.View) (*report.Request, error) { return v.Request(guid(1)) }); r.State != report.Cancelled || r.Version != 2 {
		t.Errorf("it is %s at version %d", r.State, r.Version)
	}
}

func TestARequestIsInsertedOnceByTwo(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	insert := func(l string) func(tx ledger.Tx) error {
		return func(tx ledger.Tx) error {
			a := asked()
			a.Note = l
			r, m, err := report.New(guid(1), a, time.Minute, tx.Now())
			if err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
			_, err = tx.Hooks(guid(1), 1) // its writes go out now
			return err
		}
	}
	first, second := p.after(insert("first"), insert("second"))
	if first != nil || !errors.Is(second, ledger.ErrExists) {
		t.Errorf("inserted: %v, then %v; want nil and %v", first, second, ledger.ErrExists)
	}
	if n := len(view(p, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) })); n != 1 {
		t.Errorf("%d journal rows, want 1", n)
	}
}

// TestAWebhookAndTheMoveToPreparingNeverMissEachOther: the move reads the inbox,
// the webhook wakes TRACK. Whichever comes first, TRACK is due at once.
func TestAWebhookAndTheMoveToPreparingNeverMissEachOther(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"webhook first", "move first"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			p.accept(1)
			p.update(func(tx ledger.Tx) error {
				return move(tx, guid(1), func(r *report.Request) (report.Move, error) { return r.Submit(tx.Now(), nil) })
			})
			first, second := webhook, prepare
			if name == "move first" {
				first, second = prepare, webhook
			}
			if err := errors.Join(p.after(first, second)); err != nil {
				t.Fatal(err)
			}
			type due struct {
				task ledger.Task
				now  time.Time
			}
			got := view(p, func(v ledger.View) (d due, err error) {
				d.task, err = v.Task(ledger.Key{GUID: guid(1), Kind: ledger.Track})
				d.now = v.Now()
				return d, err
			})
			if got.task.DueAt.After(got.now) {
				t.Errorf("TRACK is due in %s", got.task.DueAt.Sub(got.now))
			}
		})
	}
}

// webhook is the reader's commit.
func webhook(tx ledger.Tx) error {
	added, err := tx.AddHook(ledger.Hook{ID: "msg_1", GUID: guid(1), Generation: 1, At: tx.Now()})
	if err != nil || !added {
		return fmt.Errorf("added %t: %w", added, err)
	}
	if _, err := tx.Request(guid(1)); err != nil {
		return err
	}
	return tx.Wake(guid(1), ledger.Track)
}

// prepare is the gateway's.
func prepare(tx ledger.Tx) error {
	hooks, err := tx.Hooks(guid(1), 1)
	if err != nil {
		return err
	}
	track := ledger.Task{Key: ledger.Key{Kind: ledger.Track}, DueAt: tx.Now()}
	if len(hooks) == 0 {
		track.DueAt = tx.Now().Add(time.Hour)
	}
	r, err := tx.Request(guid(1))
	if err != nil {
		return err
	}
	m, err := r.Prepare(tx.Now(), nil)
	if err != nil {
		return err
	}
	return ledger.Move(tx, r, m, track)
}

// TestTheLastLetterMovesOnce: two processes settle the last two letters; the one
// that finds no other open delivers.
func TestTheLastLetterMovesOnce(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	letter := func(account string, s ledger.MailState) ledger.Mail {
		return ledger.Mail{GUID: guid(1), Generation: 1, Subject: ledger.SubjectReady, Account: account, State: s}
	}
	p.update(func(tx ledger.Tx) error {
		return errors.Join(tx.PutMail(letter("ayse", ledger.MailPending)), tx.PutMail(letter("veli", ledger.MailPending)))
	})
	moved := map[string]bool{}
	sent := func(account string) func(ledger.Tx) error {
		return func(tx ledger.Tx) error {
			if err := tx.PutMail(letter(account, ledger.MailSent)); err != nil {
				return err
			}
			mails, err := tx.Mails(guid(1))
			moved[account] = !slices.ContainsFunc(mails, func(m ledger.Mail) bool { return m.State.Open() })
			return err
		}
	}
	if err := errors.Join(p.after(sent("ayse"), sent("veli"))); err != nil {
		t.Fatal(err)
	}
	if moved["ayse"] || !moved["veli"] {
		t.Errorf("moved: %v, want the second alone", moved)
	}
}

func TestAJournalOfManyWritersHasNoGap(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	const members, rounds = 8, 10
	err := p.crowd(members, func(l ledger.Ledger, member int) error {
		for range rounds {
			err := l.Update(t.Context(), func(tx ledger.Tx) error {
				e := report.Entry{GUID: guid(1), Kind: report.KindFact, Name: fmt.Sprint(member)}
				return errors.Join(tx.Append(e), tx.Append(e))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := view(p, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) })
	for i, e := range rows {
		if e.Seq != int64(i)+1 || i > 0 && e.At.Before(rows[i-1].At) {
			t.Errorf("row %d has seq %d, at %s", i, e.Seq, e.At)
		}
	}
	if len(rows) != 1+2*members*rounds {
		t.Errorf("%d rows, want %d", len(rows), 1+2*members*rounds)
	}
}
