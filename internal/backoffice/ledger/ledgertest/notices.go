package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
)

// notice adds one and gives it as it should come back, but for its Seq.
func (w *world) notice(n, generation int, s ledger.Subject, account string) (ledger.Notice, bool) {
	w.Helper()
	row := filled[ledger.Notice](n)
	row.GUID, row.Generation, row.Subject, row.Account, row.SeenAt = guid(n), generation, s, account, time.Time{}
	added := write(w, func(tx ledger.Tx) (bool, error) { return tx.AddNotice(row) })
	return kept(row), added
}

func (w *world) notices(account string, after int64, limit int) []ledger.Notice {
	w.Helper()
	return read(w, func(v ledger.View) ([]ledger.Notice, error) { return v.Notices(account, after, limit) })
}

func (w *world) unseen(account string, limit int) []ledger.Notice {
	w.Helper()
	return read(w, func(v ledger.View) ([]ledger.Notice, error) { return v.Unseen(account, limit) })
}

func notices() []check {
	return []check{
		{"a notice is one by request, generation, subject and account", func(w *world) {
			w.bare(1)
			w.bare(2)
			first, _ := w.notice(1, 1, ledger.SubjectReady, owner)
			if _, added := w.notice(1, 1, ledger.SubjectReady, owner); added {
				w.Error("the same notice was added twice")
			}
			for _, added := range []bool{
				second(w.notice(2, 1, ledger.SubjectReady, owner)), second(w.notice(1, 2, ledger.SubjectReady, owner)),
				second(w.notice(1, 1, ledger.SubjectLate, owner)), second(w.notice(1, 1, ledger.SubjectReady, "ümit")),
			} {
				if !added {
					w.Error("another notice was taken for the same")
				}
			}
			all := w.notices(owner, 0, 0)
			if len(all) != 4 {
				w.Fatalf("%d notices, want 4: %+v", len(all), all)
			}
			first.Seq = all[0].Seq
			same(w, "notice", all[0], first)
		}},
		{"notices come by Seq, rising over the whole ledger, after the one last seen", func(w *world) {
			accounts := []string{owner, "ümit", owner, owner}
			var want []ledger.Notice
			var last int64
			for i, account := range accounts {
				w.bare(i)
				n, _ := w.notice(i, 1, ledger.SubjectReady, account)
				all := w.notices(account, 0, 0)
				if n.Seq = all[len(all)-1].Seq; n.Seq <= last {
					w.Errorf("Seq %d after %d", n.Seq, last)
				}
				if last = n.Seq; account == owner {
					want = append(want, n)
				}
			}
			same(w, "notices", w.notices(owner, 0, 0), want)
			same(w, "at most 2", w.notices(owner, 0, 2), want[:2])
			same(w, "after the first", w.notices(owner, want[0].Seq, 0), want[1:])
			same(w, "after the first, at most 1", w.notices(owner, want[0].Seq, 1), want[1:2])
			same(w, "after the last", w.notices(owner, last, 0), []ledger.Notice(nil))
			same(w, "nobody's", w.notices("yabancı", 0, 0), []ledger.Notice(nil))
		}},
		{"unseen notices come newest first, until they are seen", seen},
		{"what was asked of everybody is answered for everybody", answered},
		{"a notice whose transaction was undone was not given", func(w *world) {
			w.bare(1)
			w.refused(errNo, func(tx ledger.Tx) error {
				_, err := tx.AddNotice(ledger.Notice{GUID: guid(1), Generation: 1, Subject: ledger.SubjectReady, Account: owner})
				return errors.Join(err, errNo)
			})
			same(w, "notices", w.notices(owner, 0, 0), []ledger.Notice(nil))
			if _, added := w.notice(1, 1, ledger.SubjectReady, owner); !added {
				w.Error("it cannot be given any more")
			}
		}},
	}
}

func second[A, B any](_ A, b B) B { return b }

func seen(w *world) {
	w.bare(1)
	w.bare(2)
	w.notice(1, 1, ledger.SubjectReady, owner)
	w.notice(2, 1, ledger.SubjectReady, owner)
	w.notice(1, 1, ledger.SubjectMail, owner)
	w.notice(1, 1, ledger.SubjectReady, "ümit")
	all := w.notices(owner, 0, 0)
	same(w, "unseen", w.unseen(owner, 0), []ledger.Notice{all[2], all[1], all[0]})
	same(w, "at most 1", w.unseen(owner, 1), []ledger.Notice{all[2]})

	w.clock.advance(time.Minute)
	w.update(func(tx ledger.Tx) error { return tx.MarkSeen(owner, guid(1)) })
	all[0].SeenAt, all[2].SeenAt = w.now(), w.now()
	same(w, "unseen", w.unseen(owner, 0), []ledger.Notice{all[1]})
	w.clock.advance(time.Minute)
	w.update(func(tx ledger.Tx) error {
		return errors.Join(tx.MarkSeen(owner, guid(1)), tx.MarkSeen("yabancı", guid(2)), tx.MarkSeen(owner, guid(9)))
	})
	same(w, "notices, seen when they were first", w.notices(owner, 0, 0), all)
	if n := len(w.unseen("ümit", 0)); n != 1 {
		w.Errorf("another's notice was marked as seen")
	}
}

func answered(w *world) {
	w.bare(1)
	w.bare(2)
	w.notice(1, 1, ledger.SubjectAsking, "ümit")
	w.notice(2, 1, ledger.SubjectAsking, "ümit")
	w.notice(1, 1, ledger.SubjectLate, "ümit")
	w.notice(1, 1, ledger.SubjectAsking, owner)
	all := w.notices("ümit", 0, 0)
	w.clock.advance(time.Minute)
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.Answered(guid(1)), tx.Answered(guid(9))) })
	same(w, "unseen by the first", w.unseen("ümit", 0), []ledger.Notice{all[2], all[1]})
	same(w, "unseen by the second", w.unseen(owner, 0), []ledger.Notice(nil))
	all[0].SeenAt = w.now()
	w.clock.advance(time.Minute)
	w.update(func(tx ledger.Tx) error { return tx.Answered(guid(1)) })
	same(w, "notices, answered when they were first", w.notices("ümit", 0, 0), all)
}
