package power_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

var errNo = errors.New("no, after all")

// change is one Update of one request.
type change struct {
	guid   string
	n      int // its mark
	marked []byte
	refuse bool
	before func(ctx context.Context) error // stores the bytes it names
	do     func(tx ledger.Tx, ch *change) error
	rng    *rand.Rand

	after  string // what the request is with it
	leases []ledger.Lease
	err    error
}

// apply is what Update runs.
func (ch *change) apply(tx ledger.Tx) error {
	if err := ch.do(tx, ch); err != nil {
		return err
	}
	mark := ledger.Session{TokenHash: markOf(ch.guid, ch.n), Data: ch.marked, ExpiresAt: never()}
	if err := tx.PutSession(mark); err != nil {
		return err
	}
	after, err := dump(tx, ch.guid, ch.n+1)
	if err != nil {
		return err
	}
	if ch.refuse {
		return errNo
	}
	ch.after = after
	return nil
}

// change makes up the next change of a request, from what is committed.
func (w *world) change(ctx context.Context, guid string) (*change, error) {
	r := w.row(guid)
	var now *report.Request
	err := w.ledger.View(ctx, func(v ledger.View) (err error) {
		now, err = v.Request(guid)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, w.unlessOff("read "+guid, err)
	}
	ch := &change{
		guid: guid, n: r.tried, marked: w.content(w.rng), refuse: w.rng.IntN(8) == 0,
		rng: rand.New(rand.NewPCG(w.rng.Uint64(), 0)),
	}
	r.tried++
	switch {
	case now == nil:
		ch.do = born
	case w.rng.IntN(3) == 0:
		ch.do = []func(ledger.Tx, *change) error{tasks, lease, details, w.settle(r)}[w.rng.IntN(4)]
	default:
		w.onward(ch, now)
	}
	return ch, nil
}

// onward chooses the next step of the journey.
func (w *world) onward(ch *change, r *report.Request) {
	switch r.State {
	case report.Accepted:
		ch.do = submit
	case report.Submitting:
		ch.do = move(func(r *report.Request, at time.Time) (report.Move, error) { return r.Prepare(at, nil) })
	case report.Preparing:
		ch.do = move(func(r *report.Request, at time.Time) (report.Move, error) {
			return r.Found(report.Manifest{Files: []report.File{{Name: "x.pdf", Rows: 1}}}, at.Add(time.Hour), at, nil)
		})
	case report.Ready:
		w.store(ch, r)
	case report.Stored:
		ch.do = deliver
	default:
		w.purge(ch)
	}
}

func asked() report.Asked {
	return report.Asked{
		Type: "top-games.v1", TypeVersion: "sha256:1", Title: report.Text{EN: "Top games", TR: "En iyi oyunlar"},
		Parameters: []byte(`{"count": 50}`), Formats: []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul",
		Owner: "ayse", OwnerName: "Ayşe", Approval: report.NoApproval, Retention: time.Hour,
	}
}

func born(tx ledger.Tx, ch *change) error {
	r, m, err := report.New(ch.guid, asked(), time.Minute, tx.Now())
	if err != nil {
		return err
	}
	return errors.Join(ledger.Move(tx, r, m), tx.PutRecipient(ledger.Recipient{GUID: ch.guid, Account: "ayse"}))
}

// move is a commit of a move alone.
func move(step func(*report.Request, time.Time) (report.Move, error)) func(ledger.Tx, *change) error {
	return func(tx ledger.Tx, ch *change) error {
		r, err := tx.Request(ch.guid)
		if err != nil {
			return err
		}
		m, err := step(r, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	}
}

// submit leases SUBMIT and moves, in one commit.
func submit(tx ledger.Tx, ch *change) error {
	var err error
	wanted := ledger.Wanted{Key: ledger.Key{GUID: ch.guid, Kind: ledger.Submit}, Worker: "w", For: time.Minute}
	if ch.leases, err = tx.Lease(wanted); err != nil {
		return err
	}
	return move(func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Submit(at, report.Evidence{"leases": len(ch.leases)})
	})(tx, ch)
}

// store puts the bytes, then commits the row that names them with the move.
func (w *world) store(ch *change, r *report.Request) {
	content := w.content(ch.rng)
	key := fmt.Sprintf("%s/%d/x.pdf.%d", ch.guid, r.Generation, ch.n)
	ch.before = func(ctx context.Context) error { return w.put(ctx, key, content) }
	ch.do = func(tx ledger.Tx, ch *change) error {
		file := report.File{Name: "x.pdf", Size: int64(len(content)), SHA256: digest(content), Rows: 1}
		row := ledger.File{GUID: ch.guid, Generation: r.Generation, File: file, BlobKey: key, StoredAt: tx.Now()}
		if err := tx.PutFile(row); err != nil {
			return err
		}
		return move(func(r *report.Request, at time.Time) (report.Move, error) { return r.Store(at, nil) })(tx, ch)
	}
}

// deliver writes the letter and the notice, and moves.
func deliver(tx ledger.Tx, ch *change) error {
	if err := details(tx, ch); err != nil {
		return err
	}
	return move(func(r *report.Request, at time.Time) (report.Move, error) {
		r.Announced(at)
		return r.Deliver(at, nil)
	})(tx, ch)
}

// purge deletes the bytes, then forgets the rows: the product's order.
func (w *world) purge(ch *change) {
	r := w.said.rows[ch.guid]
	ch.before = func(ctx context.Context) error {
		r.purging = true
		for _, key := range sorted(w.said.blobs) {
			if len(key) < len(ch.guid) || key[:len(ch.guid)] != ch.guid || w.said.blobs[key].kept == nil {
				continue
			}
			if err := w.drop(ctx, key, w.blobs.Delete); err != nil {
				return err
			}
		}
		return nil
	}
	ch.do = func(tx ledger.Tx, ch *change) error {
		r, err := tx.Request(ch.guid)
		if err != nil {
			return err
		}
		r.PurgedAt = tx.Now()
		return errors.Join(tx.Save(r, r.Version), tx.Forget(ch.guid), details(tx, ch))
	}
}

// details add a row to each of the small tables.
func details(tx ledger.Tx, ch *change) error {
	r, err := tx.Request(ch.guid)
	if err != nil {
		return err
	}
	id := fmt.Sprint(ch.n)
	_, hooked := tx.AddHook(ledger.Hook{ID: markOf(ch.guid, ch.n), GUID: ch.guid, Generation: 1, At: tx.Now()})
	_, noticed := tx.AddNotice(ledger.Notice{Account: ch.guid, GUID: ch.guid, Generation: ch.n, Subject: ledger.SubjectReady, At: tx.Now()})
	return errors.Join(hooked, noticed,
		tx.Append(ledger.Fact(r, report.Gateway, 0, "seen", report.Evidence{"n": id})),
		tx.PutRecipient(ledger.Recipient{GUID: ch.guid, Account: id}),
		tx.PutMail(ledger.Mail{GUID: ch.guid, Generation: ch.n, Subject: ledger.SubjectReady, Account: id, Letter: []byte(`{"to":"ayse"}`), At: tx.Now()}),
		tx.AddApproval(ledger.Approval{GUID: ch.guid, Account: id, At: tx.Now()}))
}

func kinds() []ledger.Kind {
	return []ledger.Kind{ledger.Submit, ledger.Track, ledger.Fetch, ledger.ProviderDelete, ledger.Announce, ledger.Email, ledger.Purge}
}

// tasks owes, wakes and closes.
func tasks(tx ledger.Tx, ch *change) error {
	k := kinds()
	pick := func() ledger.Kind { return k[ch.rng.IntN(len(k))] }
	return errors.Join(
		tx.Owe(ledger.Task{Key: ledger.Key{GUID: ch.guid, Kind: pick(), Subject: fmt.Sprint(ch.rng.IntN(3))}, Generation: 1}),
		tx.Wake(ch.guid, pick()), tx.Close(ch.guid, pick()))
}

func lease(tx ledger.Tx, ch *change) error {
	k := kinds()
	wanted := ledger.Wanted{Key: ledger.Key{GUID: ch.guid, Kind: k[ch.rng.IntN(len(k))]}, Limit: 2, Worker: "w", For: time.Second}
	var err error
	ch.leases, err = tx.Lease(wanted)
	return err
}

// settle ends a lease that was granted, if it is still ours.
func (w *world) settle(r *rows) func(ledger.Tx, *change) error {
	if len(r.leases) == 0 {
		return details
	}
	l := r.leases[w.rng.IntN(len(r.leases))]
	return func(tx ledger.Tx, ch *change) error {
		err := tx.Settle(l, ledger.Settlement{Done: ch.rng.IntN(2) == 0, Unclean: ch.rng.IntN(3) == 0, Error: "later"})
		if errors.Is(err, ledger.ErrLost) {
			return nil
		}
		return err
	}
}
