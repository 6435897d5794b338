package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// pair is a ledger and the model of its tasks.
type pair struct {
	*world
	guids  []string
	model  *model
	leases []ledger.Lease // all ever taken, as the ledger gave them
	seen   map[string]int // how often a rare thing came about
}

func (p *pair) begin() error {
	return p.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		for _, g := range p.guids {
			if err := tx.Insert(&report.Request{GUID: g, Version: 1, State: report.Accepted, Asked: asked()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *pair) end() {
	err := p.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		return errors.Join(tx.Close(p.guids[0], someKinds...), tx.Close(p.guids[1], someKinds...))
	})
	if err != nil {
		p.Errorf("close the tasks of a run: %v", err)
	}
}

// attempt does one transaction to both and compares them in it and after it.
func (p *pair) attempt(a attempt) error {
	p.clock.advance(a.After)
	p.model.now = p.now()
	model, leases := p.model.copy(), slices.Clone(p.leases)
	err := p.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		p.model, p.leases = model.copy(), slices.Clone(leases)
		for i, x := range a.Acts {
			x.Key.GUID = p.guids[map[string]int{"first": 0, "second": 1}[x.Key.GUID]]
			if err := p.do(tx, x); err != nil {
				return fmt.Errorf("%s, act %d: %w", x.Verb, i, err)
			}
			if err := p.agree(tx); err != nil {
				return fmt.Errorf("after %s, act %d: %w", x.Verb, i, err)
			}
		}
		if a.Fails {
			return errNo
		}
		return nil
	})
	if a.Fails && errors.Is(err, errNo) {
		p.model, p.leases, err = model, leases, nil
		p.seen["undone"]++
	}
	if err != nil {
		return err
	}
	return p.ledger.View(context.Background(), func(v ledger.View) error { return p.agree(v) })
}

func (p *pair) do(tx ledger.Tx, x act) error {
	due := tx.Now().Add(x.By)
	switch x.Verb {
	case "owe":
		p.model.owe(x.Key, x.Limit, due)
		return tx.Owe(ledger.Task{Key: x.Key, Generation: x.Limit, DueAt: due})
	case "wake":
		p.model.wake(x.Key.GUID, x.Key.Kind)
		return tx.Wake(x.Key.GUID, x.Key.Kind)
	case "close":
		p.model.close(x.Key.GUID, x.Kinds)
		return tx.Close(x.Key.GUID, x.Kinds...)
	case "lease kinds":
		return p.lease(tx, ledger.Wanted{Kinds: x.Kinds, Limit: x.Limit, Worker: "işçi", For: leaseTime})
	case "lease key":
		return p.lease(tx, ledger.Wanted{Key: x.Key, Limit: x.Limit, Worker: "işçi", For: leaseTime})
	}
	if x.Verb == "crash" {
		return p.crash(tx, x)
	}
	if x.Lease >= len(p.leases) {
		return nil
	}
	return p.useLease(tx, x, p.leases[len(p.leases)-1-x.Lease])
}

// crash leases a task as often as parks it, and never ends in good order.
func (p *pair) crash(tx ledger.Tx, x act) error {
	for range ledger.ParkAfter {
		before := len(p.leases)
		if err := p.lease(tx, ledger.Wanted{Key: x.Key, For: leaseTime}); err != nil {
			return err
		}
		for _, l := range p.leases[before:] {
			if err := p.useLease(tx, act{Verb: "settle", Unclean: true}, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// lease compares what both lease, then tells the model the ledger's fences.
func (p *pair) lease(tx ledger.Tx, w ledger.Wanted) error {
	want := p.model.lease(w)
	got, err := tx.Lease(w)
	if err != nil {
		return err
	}
	for i := range got {
		l := got[i]
		if l.Fence <= p.model.fence {
			return fmt.Errorf("fence %d after %d", l.Fence, p.model.fence)
		}
		p.model.fence = l.Fence
		p.mark(l.Alone, "alone")
		if t := p.model.find(l.Key); t != nil && i < len(want) {
			want[i].Fence, want[i].CreatedAt = l.Fence, l.CreatedAt
			t.Fence = l.Fence
		}
	}
	p.leases = append(p.leases, got...)
	return disagreement("leased", plain(got), plain(want))
}

// plain leaves out what the model does not know.
func plain(leases []ledger.Lease) []ledger.Lease {
	out := slices.Clone(leases)
	for i := range out {
		out[i].CreatedAt, out[i].Wakes = time.Time{}, 0
	}
	return out
}

func (p *pair) useLease(tx ledger.Tx, x act, l ledger.Lease) error {
	held := p.model.held(l)
	p.mark(held == nil, "lost")
	p.mark(held == nil && p.model.find(l.Key).LeasedTill.After(p.model.now), "lost to another")
	p.mark(held != nil && !held.LeasedTill.After(p.model.now), "late but ours")
	p.mark(held != nil && held.Wakes > l.Wakes, "woken while leased")
	s := ledger.Settlement{Done: x.Done, DueAt: tx.Now().Add(x.By), Unclean: x.Unclean, Error: "olmadı"}
	var err error
	switch x.Verb {
	case "guard":
		err = tx.Guard(l)
	case "extend":
		err = tx.Extend(l, x.By)
	default:
		err = tx.Settle(l, s)
	}
	if held == nil {
		if !errors.Is(err, ledger.ErrLost) {
			return fmt.Errorf("lease %+v is lost, but: %v", l, err)
		}
		return nil
	}
	switch x.Verb {
	case "extend":
		held.LeasedTill = tx.Now().Add(x.By)
	case "settle":
		p.model.settle(held, l, s)
	}
	return err
}

func (p *pair) mark(is bool, what string) {
	if is {
		p.seen[what]++
	}
}

// agree compares every task, the next due and the number of open ones.
func (p *pair) agree(v ledger.View) error {
	for _, g := range p.guids {
		got, err := v.Tasks(g)
		if err != nil {
			return err
		}
		for i := range got {
			got[i].CreatedAt = time.Time{}
		}
		if err := disagreement("tasks", got, p.model.of(g)); err != nil {
			return err
		}
	}
	at, ok, err := v.NextDue(someKinds)
	if wantAt, wantOK := p.model.nextDue(someKinds); err != nil || ok != wantOK || !at.Equal(wantAt) {
		return fmt.Errorf("next due %s, %t, want %s, %t: %v", at, ok, wantAt, wantOK, err)
	}
	return nil
}

func disagreement(what string, got, want any) error {
	if d := difference(got, want); d != "" {
		return fmt.Errorf("%s:\n%s", what, d)
	}
	return nil
}
