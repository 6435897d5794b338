package ledgertest_test

import (
	"context"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

type deafSettle struct{ ledger.Tx }

func (d deafSettle) Settle(l ledger.Lease, s ledger.Settlement) error {
	if t, err := d.Task(l.Key); err == nil {
		l.Wakes = t.Wakes
	}
	return d.Tx.Settle(l, s)
}

type noFence struct{ ledger.Tx }

func (n noFence) current(l ledger.Lease) ledger.Lease {
	if t, err := n.Task(l.Key); err == nil {
		l.Fence = t.Fence
	}
	return l
}

func (n noFence) Guard(l ledger.Lease) error { return n.Tx.Guard(n.current(l)) }
func (n noFence) Settle(l ledger.Lease, s ledger.Settlement) error {
	return n.Tx.Settle(n.current(l), s)
}

type noCompare struct{ ledger.Tx }

func (n noCompare) Save(r *report.Request, was int64) error {
	if held, err := n.Request(r.GUID); err == nil {
		was = held.Version
	}
	return n.Tx.Save(r, was)
}

type deafWhileLeased struct{ ledger.Tx }

func (d deafWhileLeased) Wake(guid string, kind ledger.Kind) error {
	if anyLeased(d, guid, kind) {
		return nil
	}
	return d.Tx.Wake(guid, kind)
}

func anyLeased(v ledger.View, guid string, kinds ...ledger.Kind) bool {
	tasks, err := v.Tasks(guid)
	return err == nil && slices.ContainsFunc(tasks, func(t ledger.Task) bool {
		return slices.Contains(kinds, t.Kind) && t.LeasedTill.After(v.Now())
	})
}

type closesIdle struct{ ledger.Tx }

func (c closesIdle) Close(guid string, kinds ...ledger.Kind) error {
	if anyLeased(c, guid, kinds...) {
		return nil
	}
	return c.Tx.Close(guid, kinds...)
}

type owesOnce struct{ ledger.Tx }

func (o owesOnce) Owe(t ledger.Task) error {
	if held, err := o.Task(t.Key); err == nil && !held.Done {
		return nil
	}
	return o.Tx.Owe(t)
}

type newHooks struct{ ledger.Tx }

func (n newHooks) AddHook(h ledger.Hook) (bool, error) {
	_, err := n.Tx.AddHook(h)
	return true, err
}

type remembers struct{ ledger.Tx }

func (remembers) Forget(string) error { return nil }

// keeper commits what a failed fn did.
type keeper struct{ ledger.Ledger }

func (k keeper) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	var failed error
	err := k.Ledger.Update(ctx, func(t ledger.Tx) error {
		failed = fn(t)
		return nil
	})
	if err == nil {
		err = failed
	}
	return err
}

// panicKeeper commits what a panicking fn did, and then panics.
type panicKeeper struct{ ledger.Ledger }

func (p panicKeeper) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	var cause any
	err := p.Ledger.Update(ctx, func(t ledger.Tx) error {
		defer func() { cause = recover() }()
		return fn(t)
	})
	if cause != nil {
		panic(cause)
	}
	return err
}

type glass struct{ ledger.View }

func (g glass) Visible(_ ledger.Scope, guid string) (*report.Request, error) {
	return g.Request(guid)
}

// restless tells a later time each time it is asked.
type restless struct {
	ledger.Ledger
	asked time.Duration
}

func (r *restless) View(ctx context.Context, fn func(ledger.View) error) error {
	return r.Ledger.View(ctx, func(v ledger.View) error { return fn(restlessView{v, &r.asked}) })
}

type restlessView struct {
	ledger.View
	asked *time.Duration
}

func (r restlessView) Now() time.Time {
	*r.asked += time.Microsecond
	return r.View.Now().Add(*r.asked)
}

type unordered struct{ ledger.View }

func (u unordered) Tasks(guid string) ([]ledger.Task, error) {
	tasks, err := u.View.Tasks(guid)
	slices.Reverse(tasks)
	return tasks, err
}
