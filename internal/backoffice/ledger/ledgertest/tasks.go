package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
)

// key names a task of the n-th request.
func key(n int, k ledger.Kind, subject ...string) ledger.Key {
	out := ledger.Key{GUID: guid(n), Kind: k}
	if len(subject) > 0 {
		out.Subject = subject[0]
	}
	return out
}

func (w *world) owe(k ledger.Key, change ...func(*ledger.Task)) {
	w.Helper()
	t := ledger.Task{Key: k, Generation: 1}
	for _, c := range change {
		c(&t)
	}
	w.update(func(tx ledger.Tx) error { return tx.Owe(t) })
}

// dueIn makes a task due so much later than now.
func (w *world) dueIn(d time.Duration) func(*ledger.Task) {
	return func(t *ledger.Task) { t.DueAt = w.now().Add(d) }
}

func generation(g int) func(*ledger.Task) { return func(t *ledger.Task) { t.Generation = g } }

func (w *world) task(k ledger.Key) ledger.Task {
	w.Helper()
	return read(w, func(v ledger.View) (ledger.Task, error) { return v.Task(k) })
}

func (w *world) wake(k ledger.Key) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Wake(k.GUID, k.Kind) })
}

func (w *world) closeTasks(n int, kinds ...ledger.Kind) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Close(guid(n), kinds...) })
}

// leaseTime is how long leases of this suite last.
const leaseTime = 30 * time.Second

func (w *world) lease(limit int, kinds ...ledger.Kind) []ledger.Lease {
	w.Helper()
	return write(w, func(tx ledger.Tx) ([]ledger.Lease, error) {
		return tx.Lease(ledger.Wanted{Kinds: kinds, Limit: limit, Worker: "işçi", For: leaseTime})
	})
}

func (w *world) leaseKey(k ledger.Key, limit int) []ledger.Lease {
	w.Helper()
	return write(w, func(tx ledger.Tx) ([]ledger.Lease, error) {
		return tx.Lease(ledger.Wanted{Key: k, Limit: limit, Worker: "işçi", For: leaseTime})
	})
}

// take leases the task and nothing else.
func (w *world) take(k ledger.Key) ledger.Lease {
	w.Helper()
	got := w.leaseKey(k, 1)
	if len(got) != 1 || got[0].Key != k {
		w.Fatalf("leased %+v, want %+v", got, k)
	}
	return got[0]
}

// untaken expects that the task cannot be leased now.
func (w *world) untaken(k ledger.Key, why string) {
	w.Helper()
	if got := append(w.leaseKey(k, 1), w.lease(100, k.Kind)...); len(got) > 0 {
		w.Fatalf("%s, but it was leased: %+v", why, got)
	}
}

func (w *world) settle(l ledger.Lease, s ledger.Settlement) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Settle(l, s) })
}

func (w *world) ours(l ledger.Lease) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Guard(l) })
}

// lost expects every call on the lease to be refused and to change nothing.
func (w *world) lost(l ledger.Lease) {
	w.Helper()
	before := w.task(l.Key)
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Guard(l) })
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Extend(l, time.Hour) })
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Settle(l, ledger.Settlement{Done: true}) })
	same(w, "task", w.task(l.Key), before)
}

func keysOf(leases []ledger.Lease) (out []ledger.Key) {
	for _, l := range leases {
		out = append(out, l.Key)
	}
	return out
}
