package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
)

// TestAWakeDuringTheSettlingCounts: whichever comes first, the task is due.
func TestAWakeDuringTheSettlingCounts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"wake first", "settle first"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			p.accept(1)
			k := ledger.Key{GUID: guid(1), Kind: ledger.Submit}
			l := p.lease(k)
			wake := func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, Generation: 1}) }
			settle := func(tx ledger.Tx) error { return tx.Settle(l, ledger.Settlement{Done: true}) }
			send := func(fn func(ledger.Tx) error) func(ledger.Tx) error {
				return func(tx ledger.Tx) error {
					err := fn(tx)
					if err == nil {
						_, err = tx.OpenTasks() // the writes go out
					}
					return err
				}
			}
			first, second := send(wake), settle
			if name == "settle first" {
				first, second = send(settle), wake
			}
			if err := errors.Join(p.after(first, second)); err != nil {
				t.Fatal(err)
			}
			if got := p.task(k); got.Done || got.Wakes != l.Wakes+1 || !got.LeasedTill.IsZero() {
				t.Errorf("woken and settled it is %+v", got)
			}
		})
	}
}

// TestWhoWaitedFindsWhatWasWokenMeanwhile: the time of a transaction is read
// after its wait, else what was made due during the wait would not be due for it,
// and a message would be acknowledged with its task not taken.
func TestWhoWaitedFindsWhatWasWokenMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	k := ledger.Key{GUID: guid(1), Kind: ledger.Track}
	p.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, DueAt: tx.Now().Add(time.Hour)}) })
	held, free, begun, wakes := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	var got []ledger.Lease
	if err := p.crowd(3, func(l ledger.Ledger, member int) error {
		return l.Update(t.Context(), func(tx ledger.Tx) (err error) {
			switch member {
			case 0: // holds the request
				_, err = tx.Request(guid(1))
				close(held)
				<-free
			case 1: // waits to wake, having begun later than the one it is before
				<-held
				<-begun
				err = tx.Wake(guid(1), ledger.Track)
			case 2: // waits behind it to lease
				<-held
				_, err = tx.Accounts()
				close(begun)
				p.untilWaiting(1, wakes)
				go func() { defer close(free); p.untilWaiting(2, wakes) }()
				var leased error
				got, leased = tx.Lease(ledger.Wanted{Key: k, For: time.Minute})
				err = errors.Join(err, leased)
			}
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Errorf("leased %d tasks, want the one that was woken", len(got))
	}
}

// TestManyLeasersShareWhatIsDue: each task goes to one, under a fence of its own
// and above the one before on the same task.
func TestManyLeasersShareWhatIsDue(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	const requests, subjects, members = 12, 4, 8
	for n := range requests {
		p.accept(n)
		p.update(func(tx ledger.Tx) error {
			for s := range subjects {
				if err := tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid(n), Kind: ledger.Fetch, Subject: fmt.Sprint(s)}}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	taken := make([][]ledger.Lease, members)
	err := p.crowd(members, func(l ledger.Ledger, member int) (err error) {
		taken[member], err = drain(l, ledger.Wanted{Kinds: []ledger.Kind{ledger.Fetch}, Limit: 1 + member%3, For: time.Minute})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tasks, fences := map[ledger.Key]int{}, map[int64]bool{}
	for _, l := range slices.Concat(taken...) {
		tasks[l.Key]++
		fences[l.Fence] = true
	}
	for k, times := range tasks {
		if times != 1 {
			t.Errorf("%v was leased %d times", k, times)
		}
	}
	if len(tasks) != requests*subjects || len(fences) != len(tasks) {
		t.Errorf("leased %d tasks under %d fences, want %d", len(tasks), len(fences), requests*subjects)
	}
}

// drain leases until twice nothing was found: it may all have been another's just
// then.
func drain(l ledger.Ledger, w ledger.Wanted) (all []ledger.Lease, err error) {
	for empty := 0; empty < 2 && err == nil; {
		var got []ledger.Lease
		err = l.Update(context.Background(), func(tx ledger.Tx) (err error) {
			got, err = tx.Lease(w)
			return err
		})
		if all = append(all, got...); len(got) == 0 {
			empty++
		}
	}
	return all, err
}

// TestFencesOfATaskRise: who locked something else first, and so might have drawn
// its number early, still gives a higher one than the lease it waited for.
func TestFencesOfATaskRise(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	p.accept(2)
	held, free, begun, ends := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	given := make([]int64, 3)
	err := p.crowd(3, func(l ledger.Ledger, member int) error {
		return l.Update(t.Context(), func(tx ledger.Tx) error {
			switch member {
			case 0:
				_, err := tx.Request(guid(1))
				close(held)
				<-free
				return err
			case 1:
				<-held
				<-begun
			case 2:
				<-held
				if _, err := tx.Request(guid(2)); err != nil {
					return err
				}
				close(begun)
				p.untilWaiting(1, ends)
				go func() { defer close(free); p.untilWaiting(2, ends) }()
			}
			leases, err := tx.Lease(ledger.Wanted{Key: ledger.Key{GUID: guid(1), Kind: ledger.Submit}, For: -time.Second}) // over at once
			for _, l := range leases {
				given[member] = l.Fence
			}
			return err
		})
	})
	if err != nil || given[1] == 0 || given[2] <= given[1] {
		t.Errorf("fence %d, then %d: %v", given[1], given[2], err)
	}
}

// TestAReaderMissesNoNotice reads from the last number it saw, while two processes
// add: what becomes visible later must have a higher number.
func TestAReaderMissesNoNotice(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	reader := open(t, postgres.Config{URL: p.url, Conns: 2})
	const members, rounds = 8, 25
	written := make(chan error, 1)
	go func() {
		written <- p.crowd(members, func(l ledger.Ledger, member int) error { return tell(l, member, rounds) })
	}()
	seen, last := 0, int64(0)
	for over := false; ; {
		err := reader.View(t.Context(), func(v ledger.View) error {
			rows, err := v.Notices("ayse", last, 1000)
			for _, n := range rows {
				last = n.Seq
			}
			seen += len(rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if over {
			break
		}
		select {
		case err := <-written:
			if err != nil {
				t.Fatal(err)
			}
			over = true // one look more
		default:
		}
	}
	if seen != members*rounds {
		t.Errorf("the reader saw %d notices of %d", seen, members*rounds)
	}
}

// tell adds notices about the n-th request to a reader all have in common and to
// one of their own.
func tell(l ledger.Ledger, n, rounds int) error {
	for round := range rounds {
		err := l.Update(context.Background(), func(tx ledger.Tx) error {
			_, err := tx.AddNotice(ledger.Notice{Account: "ayse", GUID: guid(n), Generation: round})
			_, again := tx.AddNotice(ledger.Notice{Account: fmt.Sprint(n), GUID: guid(n), Generation: round})
			return errors.Join(err, again)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
