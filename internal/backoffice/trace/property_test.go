package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	netmail "net/mail"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

// TestWhateverTheRelayDoes lets the relay answer at random while processes die
// around DATA, storage rots and people cancel and redrive. No letter goes twice
// without a recorded UNKNOWN, what goes again is identical, and once the faults
// stop every letter and the request come to an end. A failure prints rapid's
// seed.
func TestWhateverTheRelayDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		runWorld(t, month, func(w *world) {
			p := &post{w: w, rt: rt, arrived: map[string][][]byte{}}
			p.pick = rand.New(rand.NewPCG(dice.Uint64(), 1)).IntN
			w.relay = p.data
			w.joins("mert")
			for range dice.IntN(14) {
				w.act(dice.IntN(8))
				w.after(time.Duration(dice.IntN(900)) * time.Second)
			}
			w.mu.Lock()
			p.pick, w.rot = func(int) int { return 0 }, false
			w.mu.Unlock()
			w.finish()
			w.judge(rt)
		})
	})
}

// post is a relay that remembers, by Message-ID, each message that it has or
// may have.
type post struct {
	w       *world
	rt      *rapid.T
	pick    func(int) int
	arrived map[string][][]byte
}

// data is what happens at DATA: SENDING is committed by now.
func (p *post) data(msg []byte) (mail.Reply, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		p.rt.Errorf("a message nobody can read: %v", err)
		return mail.Reply{}, err
	}
	id := m.Header.Get("Message-ID")
	before := p.arrived[id]
	row := p.w.row(id)
	if row.State != ledger.MailSending || row.Unknowns < len(before) || row.Flagged != (row.Unknowns > 0) {
		p.rt.Errorf("%s goes after %d that may have arrived, the ledger says %s, %d unknown, flagged=%v",
			id, len(before), row.State, row.Unknowns, row.Flagged)
	}
	if len(before) > 0 && !bytes.Equal(before[0], msg) {
		p.rt.Errorf("%s goes again and differs:\n%s\n---\n%s", id, before[0], msg)
	}
	reply, class := mail.Reply{Code: 250, Text: "queued"}, report.Class("")
	switch p.pick(8) {
	case 1, 2:
		class = report.Transient
	case 3:
		class = report.Unknown
	case 4:
		class = report.Permanent
	case 5, 6: // whatever the relay says, nobody is left to hear it
		p.w.process.dead.Store(true)
	}
	if class != report.Transient && class != report.Permanent {
		p.arrived[id] = append(before, msg)
	}
	if class != "" {
		return mail.Reply{}, &report.Error{Class: class, Code: "relay", Cause: errors.New("as the dice fell")}
	}
	return reply, nil
}

// row is the letter that goes by this Message-ID.
func (w *world) row(id string) (found ledger.Mail) {
	w.update(func(tx ledger.Tx) error {
		all, err := tx.Mails(guid)
		for _, m := range all {
			var letter mail.Row
			if json.Unmarshal(m.Letter, &letter) == nil && letter.MessageID == id {
				found = m
			}
		}
		return err
	})
	return found
}

// act lets something happen, if it can happen now.
func (w *world) act(which int) {
	w.revive()
	state := w.request().State
	switch {
	case which == 0:
		w.try(event.ReportCancelled, func(r *report.Request, now time.Time) (report.Move, error) { return r.Cancel("derya", "", now) })
	case which == 1 && (state == report.Preparing || state == report.Ready):
		w.try(event.ReportFailed, func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Fail(report.Failure{Code: "deadline"}, now, nil)
		})
	case which == 2 && state == report.Failed:
		w.redrives()
	case which == 3:
		w.rots(!w.rot)
	case state == report.Preparing || state == report.Ready:
		w.arrives("k")
	}
}

// try makes a move of another station, unless it is refused.
func (w *world) try(t event.Type, by func(*report.Request, time.Time) (report.Move, error)) {
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		m, err := by(r, tx.Now())
		var refused *report.Refusal
		if errors.As(err, &refused) {
			return nil
		}
		return errors.Join(err, ledger.Move(tx, r, m))
	})
	w.hears(t)
}

// redrives brings a failed request back to PREPARING, as the next generation.
func (w *world) redrives() {
	w.t.Helper()
	w.move(func(r *report.Request, now time.Time) (report.Move, error) {
		return r.Redrive("oya", r.Version, time.Hour, now)
	})
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Submit(now, nil) })
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Prepare(now, nil) })
}

// revive puts another process in the place of one that died.
func (w *world) revive() {
	if w.process.dead.Load() {
		w.stop()
		w.station = w.open()
		w.station.Start()
	}
}

// finish lets the journey end without further faults.
func (w *world) finish() {
	w.revive()
	if w.request().State == report.Failed {
		w.redrives()
	}
	for range 3 {
		if s := w.request().State; s == report.Preparing || s == report.Ready {
			w.arrives("k")
		}
		w.after(time.Hour)
	}
}

// judge reads the ledger as an independent checker would.
func (w *world) judge(rt *rapid.T) {
	r := w.request()
	if r.State != report.Delivered && r.State != report.Cancelled {
		rt.Errorf("it is %s hours after the faults stopped", r.State)
	}
	want := ledger.Subject(r.Outcome)
	if r.State == report.Delivered {
		want = ledger.SubjectReady
	}
	said := w.letters()
	w.update(func(tx ledger.Tx) error {
		letters, err := tx.Mails(guid)
		ended := 0
		for _, m := range letters {
			if m.State.Open() {
				rt.Errorf("the letter %s to %s is still %s", m.Subject, m.Account, m.State)
			}
			if m.Generation == r.Generation && m.Subject == want && m.State != ledger.MailVoid {
				ended++
			}
		}
		if ended != 2 {
			rt.Errorf("%d of 2 recipients have a letter that it is %s: %s", ended, r.State, said)
		}
		journal, jerr := tx.Journal(guid)
		legal(rt, journal)
		return errors.Join(err, jerr)
	})
	for _, who := range []string{"derya", "mert"} {
		if got := w.told(who); !slices.Contains(got, want) {
			rt.Errorf("%s was told %v, and not %s", who, got, want)
		}
	}
}

// legal holds the moves against the table, each one version further.
func legal(rt *rapid.T, journal []report.Entry) {
	version, state := int64(0), report.State("")
	for _, e := range journal {
		if e.Kind != report.KindMove {
			continue
		}
		role, ok := report.CanMove(state, e.To)
		if !ok || role != e.Role || e.From != state || e.Version != version+1 {
			rt.Errorf("illegal move %+v from %s at version %d", e, state, version)
		}
		version, state = e.Version, e.To
	}
}
