package ledgertest

import (
	"errors"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// following is what open pages ask, again and again.
func following() []check {
	return []check{
		{"an inbox is read newest first, before a Seq", func(w *world) {
			for i := range 4 {
				w.bare(i)
				w.notice(i, 1, ledger.SubjectReady, []string{owner, owner, "ümit", owner}[i])
			}
			box := func(before int64, limit int) []ledger.Notice {
				return read(w, func(v ledger.View) ([]ledger.Notice, error) { return v.Inbox(owner, before, limit) })
			}
			all := w.notices(owner, 0, 0)
			slices.Reverse(all)
			same(w, "inbox", box(0, 0), all)
			same(w, "at most 2", box(0, 2), all[:2])
			same(w, "before the newest", box(all[0].Seq, 0), all[1:])
			same(w, "before the second, at most 1", box(all[1].Seq, 1), all[2:])
			same(w, "before the first", box(all[2].Seq, 0), []ledger.Notice{})
		}},
		{"inboxes are counted, in the order asked", inboxes},
		{"all notices up to a Seq are marked as seen, once, and nobody else's", seenUpTo},
		{"what changed since is a request's row or its progress, latest first", changes},
	}
}

func inboxes(w *world) {
	of := func(v ledger.View) ([]ledger.Inbox, error) { return v.Inboxes("ümit", "yabancı", owner, "ümit") }
	same(w, "before any", read(w, of), make([]ledger.Inbox, 4))
	same(w, "of nobody", read(w, func(v ledger.View) ([]ledger.Inbox, error) { return v.Inboxes() }), []ledger.Inbox{})
	for i := range 3 {
		w.bare(i)
		w.notice(i, 1, ledger.SubjectReady, owner)
	}
	w.notice(2, 1, ledger.SubjectReady, "ümit")
	w.update(func(tx ledger.Tx) error { return tx.MarkSeen(owner, guid(1)) })
	newest := func(account string) int64 {
		all := w.notices(account, 0, 0)
		return all[len(all)-1].Seq
	}
	theirs := ledger.Inbox{Newest: newest("ümit"), Unseen: 1}
	want := []ledger.Inbox{theirs, {}, {Newest: newest(owner), Unseen: 2}, theirs}
	same(w, "inboxes", read(w, of), want)

	w.refused(errNo, func(tx ledger.Tx) error {
		_, err := tx.AddNotice(ledger.Notice{GUID: guid(2), Generation: 2, Subject: ledger.SubjectLate, Account: owner})
		boxes, also := tx.Inboxes(owner)
		if also == nil && (boxes[0].Unseen != 3 || boxes[0].Newest <= want[2].Newest) {
			w.Errorf("a transaction does not count its own: %+v", boxes[0])
		}
		return errors.Join(err, also, errNo)
	})
	same(w, "inboxes after what was undone", read(w, of), want)
}

func seenUpTo(w *world) {
	for i := range 4 {
		w.bare(i)
		w.notice(i, 1, ledger.SubjectReady, owner)
		w.notice(i, 1, ledger.SubjectReady, "ümit")
	}
	all := w.notices(owner, 0, 0)
	w.update(func(tx ledger.Tx) error { return tx.MarkSeen(owner, guid(1)) })
	all[1].SeenAt = w.now()
	w.clock.advance(time.Minute)
	w.update(func(tx ledger.Tx) error { return tx.MarkAllSeen(owner, all[2].Seq) })
	all[0].SeenAt, all[2].SeenAt = w.now(), w.now()
	same(w, "notices", w.notices(owner, 0, 0), all)
	same(w, "unseen", w.unseen(owner, 0), all[3:])
	if n := len(w.unseen("ümit", 0)); n != 4 {
		w.Errorf("of another's 4 notices %d are unseen", n)
	}
	w.refused(errNo, func(tx ledger.Tx) error { return errors.Join(tx.MarkAllSeen(owner, all[3].Seq), errNo) })
	same(w, "unseen after what was undone", w.unseen(owner, 0), all[3:])
}

func changes(w *world) {
	begin := w.now()
	since := func(at time.Time, limit int) []ledger.Change {
		return read(w, func(v ledger.View) ([]ledger.Change, error) { return v.Changed(at, limit) })
	}
	same(w, "of nothing", since(begin, 0), []ledger.Change{})
	one := w.ask(1)
	first := ledger.Change{GUID: guid(1), Version: one.Version, At: w.now()}
	w.clock.advance(time.Second)
	two := w.ask(2)
	second := ledger.Change{GUID: guid(2), Version: two.Version, At: w.now()}
	same(w, "two asked", since(begin, 0), []ledger.Change{second, first})
	same(w, "at most 1", since(begin, 1), []ledger.Change{second})
	same(w, "from the second on", since(second.At, 0), []ledger.Change{second})
	same(w, "after the second", since(second.At.Add(time.Microsecond), 0), []ledger.Change{})

	w.clock.advance(time.Second)
	w.update(func(tx ledger.Tx) error { return tx.PutProgress(ledger.Progress{GUID: guid(1), At: tx.Now()}) })
	first.At = w.now()
	same(w, "after a progress", since(begin, 0), []ledger.Change{first, second})
	same(w, "of the progress alone", since(first.At, 0), []ledger.Change{{GUID: guid(1), At: first.At}})
	same(w, "after the progress", since(first.At.Add(time.Microsecond), 0), []ledger.Change{})
	for what, write := range map[string]func(*report.Request, time.Time){
		"announced": func(r *report.Request, at time.Time) { r.AnnouncedAt = at },
		"late":      func(r *report.Request, at time.Time) { r.LateAt = at },
		"collected": func(r *report.Request, at time.Time) { r.CollectedAt = at },
		"purged":    func(r *report.Request, at time.Time) { r.PurgedAt = at },
	} {
		w.clock.advance(time.Second)
		w.update(func(tx ledger.Tx) error {
			r, err := tx.Request(guid(2))
			if err != nil {
				return err
			}
			write(r, tx.Now())
			return tx.Save(r, r.Version)
		})
		second.At = w.now()
		same(w, what, since(begin, 0), []ledger.Change{second, first})
	}
}
