package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

var errNo = errors.New("no, after all")

func transactions() []check {
	return []check{
		{"a change is read back after its commit", func(w *world) {
			r := w.bare(1)
			same(w, "request", w.request(1), kept(r))
		}},
		{"a transaction sees its own writes", func(w *world) {
			w.update(func(tx ledger.Tx) error {
				r := &report.Request{GUID: guid(1), Version: 1, State: report.Accepted, Asked: asked()}
				task := ledger.Task{Key: ledger.Key{GUID: guid(1), Kind: ledger.Submit}}
				if err := errors.Join(tx.Insert(r), tx.Owe(task)); err != nil {
					return err
				}
				if _, err := tx.Request(guid(1)); err != nil {
					return err
				}
				got, err := tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Submit}, For: time.Minute})
				if err == nil && len(got) != 1 {
					err = fmt.Errorf("leased %d tasks, want the one owed", len(got))
				}
				return err
			})
		}},
		{"an error of fn is returned and keeps nothing of what fn did", keepsNothing},
		{"a refused call changes nothing and its transaction may go on", goesOn},
		{"a view's error is returned", func(w *world) {
			err := w.ledger.View(w.Context(), func(ledger.View) error { return errNo })
			if !errors.Is(err, errNo) {
				w.Errorf("view: %v; want %v", err, errNo)
			}
		}},
		{"a context that is done begins nothing", func(w *world) {
			w.bare(1)
			ctx, cancel := context.WithCancel(w.Context())
			cancel()
			err := w.ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Insert(&report.Request{GUID: guid(2)}) })
			if !errors.Is(err, context.Canceled) {
				w.Errorf("update: %v; want %v", err, context.Canceled)
			}
			absent(w, "request", func(v ledger.View) (*report.Request, error) { return v.Request(guid(2)) })
		}},
		{"time stands still within a transaction and within a view", func(w *world) {
			still := func(now func() time.Time) error {
				before := now()
				w.clock.advance(time.Minute)
				if after := now(); after != before {
					return fmt.Errorf("now %s, then %s", before, after)
				}
				return nil
			}
			w.update(func(tx ledger.Tx) error { return still(tx.Now) })
			w.view(func(v ledger.View) error { return still(v.Now) })
		}},
		{"time is the given clock's, in UTC and microseconds", func(w *world) {
			w.clock.advance(789)
			want := w.now().Truncate(time.Microsecond)
			same(w, "time", read(w, func(v ledger.View) (time.Time, error) { return v.Now(), nil }), want)
		}},
	}
}

// everything writes one row of each kind for the n-th request.
func everything(tx ledger.Tx, n int) error {
	g, name := guid(n), fmt.Sprint("Işıl ", n)
	if err := tx.Insert(&report.Request{GUID: g, Version: 1, Generation: 1, State: report.Accepted, Asked: asked()}); err != nil {
		return err
	}
	_, hookErr := tx.AddHook(ledger.Hook{ID: name, GUID: g, Generation: 1})
	_, noticeErr := tx.AddNotice(ledger.Notice{GUID: g, Account: name})
	return errors.Join(hookErr, noticeErr,
		tx.Append(report.Entry{GUID: g, Kind: report.KindFact, Name: "seen"}),
		tx.Owe(ledger.Task{Key: ledger.Key{GUID: g, Kind: ledger.Submit}}),
		tx.PutRecipient(ledger.Recipient{GUID: g, Account: name}),
		tx.PutFile(ledger.File{GUID: g, Generation: 1, File: report.File{Name: "a.pdf"}, BlobKey: name}),
		tx.PutMail(ledger.Mail{GUID: g, Generation: 1, Subject: ledger.SubjectReady, Account: name, State: ledger.MailPending}),
		tx.AddApproval(ledger.Approval{GUID: g, Account: name}),
		tx.PutCatalog(ledger.Catalog{ETag: name, Body: []byte(`{}`)}),
		tx.Park(ledger.Parked{Subject: name, Raw: []byte{1}}),
		tx.PutBeat(ledger.Beat{Process: name, Part: "web", At: tx.Now()}),
		tx.PutAccount(ledger.Account{Name: name}),
		tx.PutSession(ledger.Session{TokenHash: name, ExpiresAt: tx.Now().Add(time.Hour)}),
		tx.PutToken(ledger.Token{Hash: name, Account: name}))
}

// alter changes, by every other call, what everything wrote.
func alter(tx ledger.Tx, n int) error {
	g, name := guid(n), fmt.Sprint("Işıl ", n)
	r, err := tx.Request(g)
	if err != nil {
		return err
	}
	r.Version, r.State, r.Deadline = 2, report.Failed, tx.Now()
	leased, err := tx.Lease(ledger.Wanted{Key: ledger.Key{GUID: g, Kind: ledger.Submit}, Worker: "w", For: time.Hour})
	if err != nil || len(leased) != 1 {
		return fmt.Errorf("lease of %s: %d tasks, %v", g, len(leased), err)
	}
	return errors.Join(tx.Save(r, 1), tx.Append(report.Entry{GUID: g, Kind: report.KindFact, Name: "again"}),
		tx.Extend(leased[0], 2*time.Hour), tx.Wake(g, ledger.Submit), tx.Settle(leased[0], ledger.Settlement{Error: "x"}),
		tx.Close(g, ledger.Submit), tx.MarkSeen(name, g), tx.PutAccount(ledger.Account{Name: name, Gone: true}),
		tx.DeleteSession(name), tx.PutCatalog(ledger.Catalog{ETag: "other"}), tx.Forget(g), tx.Expire())
}

// snapshot is all that can be read of the first requests.
type snapshot struct {
	Requests   []*report.Request
	Journal    [][]report.Entry
	Tasks      [][]ledger.Task
	Recipients [][]ledger.Recipient
	Files      [][]ledger.File
	Progress   [][]ledger.Progress
	Hooks      [][]ledger.Hook
	Mails      [][]ledger.Mail
	Notices    [][]ledger.Notice
	Approvals  [][]ledger.Approval
	Catalog    ledger.Catalog
	Parked     []ledger.Parked
	Accounts   []ledger.Account
	Sessions   []ledger.Session
	Tokens     []ledger.Token
	Overdue    []string
	Open       map[ledger.Kind]int
	Beats      []ledger.Beat
	Settled    []ledger.Parked
	Blobs      []bool
}

func (w *world) snapshot() snapshot {
	w.Helper()
	var s snapshot
	w.view(func(v ledger.View) (err error) {
		s, err = takeSnapshot(v, 3)
		return err
	})
	return s
}

// found ignores that a row is not there: a snapshot shows it as the zero row.
func found[T any](row T, err error) (T, error) {
	if errors.Is(err, ledger.ErrNotFound) {
		err = nil
	}
	return row, err
}

func takeSnapshot(v ledger.View, n int) (s snapshot, err error) {
	var errs [9]error
	s.Requests, errs[0] = v.Requests(ledger.Filter{Scope: ledger.Scope{All: true}})
	s.Catalog, errs[1] = found(v.Catalog())
	s.Parked, errs[2] = v.Parked(0)
	s.Accounts, errs[3] = v.Accounts()
	s.Overdue, errs[4] = v.Overdue(nil, 0)
	s.Open, errs[5] = v.OpenTasks()
	s.Beats, errs[7] = v.Beats()
	for id := int64(1); id <= int64(n) && errs[8] == nil; id++ {
		errs[8] = gather(&s.Settled)(found(v.ParkedPayload(id)))
	}
	for i := 1; i <= n && errs[6] == nil; i++ {
		errs[6] = s.add(v, i)
	}
	return s, errors.Join(errs[:]...)
}

func (s *snapshot) add(v ledger.View, n int) error {
	g, name := guid(n), fmt.Sprint("Işıl ", n)
	return errors.Join(
		gather(&s.Journal)(v.Journal(g)), gather(&s.Tasks)(v.Tasks(g)), gather(&s.Recipients)(v.Recipients(g)),
		gather(&s.Files)(v.Files(g)), gather(&s.Progress)(v.Progress(g)), gather(&s.Hooks)(v.Hooks(g, 1)), gather(&s.Mails)(v.Mails(g)),
		gather(&s.Notices)(v.Notices(name, 0, 0)), gather(&s.Approvals)(v.Approvals(g)),
		gather(&s.Sessions)(found(v.Session(name))), gather(&s.Tokens)(found(v.Token(name))),
		gather(&s.Blobs)(v.BlobKnown(name)))
}

func gather[T any](into *[]T) func(T, error) error {
	return func(row T, err error) error {
		*into = append(*into, row)
		return err
	}
}

func keepsNothing(w *world) {
	w.update(func(tx ledger.Tx) error { return everything(tx, 1) })
	w.update(func(tx ledger.Tx) error { return everything(tx, 2) })
	before := w.snapshot()
	w.refused(errNo, func(tx ledger.Tx) error {
		if err := errors.Join(everything(tx, 3), alter(tx, 1), alter(tx, 2)); err != nil {
			return err
		}
		return errNo
	})
	same(w, "the ledger after a failed update", w.snapshot(), before)
	w.update(func(tx ledger.Tx) error { return errors.Join(everything(tx, 3), alter(tx, 1)) })
}

func goesOn(w *world) {
	w.bare(1)
	before := w.request(1)
	w.update(func(tx ledger.Tx) error {
		changed := *before
		changed.State = report.Failed
		if err := tx.Insert(&changed); !errors.Is(err, ledger.ErrExists) {
			return fmt.Errorf("insert of what is there: %v", err)
		}
		if err := tx.Save(&changed, 7); !errors.Is(err, ledger.ErrConflict) {
			return fmt.Errorf("save over another version: %v", err)
		}
		if err := tx.Guard(ledger.Lease{Task: ledger.Task{Key: ledger.Key{GUID: guid(1), Kind: ledger.Track}}}); !errors.Is(err, ledger.ErrLost) {
			return fmt.Errorf("guard of no lease: %v", err)
		}
		if _, err := tx.Request(guid(9)); !errors.Is(err, ledger.ErrNotFound) {
			return fmt.Errorf("read of what is not there: %v", err)
		}
		return tx.Append(report.Entry{GUID: guid(1), Kind: report.KindFact, Name: "went on"})
	})
	same(w, "request", w.request(1), before)
	if n := len(read(w, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) })); n != 1 {
		w.Errorf("the journal has %d rows, want the 1 written after the refusals", n)
	}
}
