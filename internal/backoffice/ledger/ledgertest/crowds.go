package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func panics() []check {
	return []check{
		{"a panic of fn reaches the caller and keeps nothing of what fn did", func(w *world) {
			w.update(func(tx ledger.Tx) error { return errors.Join(everything(tx, 1), everything(tx, 2)) })
			before := w.snapshot()
			if !panicked(func() {
				w.update(func(tx ledger.Tx) error {
					if err := errors.Join(everything(tx, 3), alter(tx, 1)); err != nil {
						return err
					}
					panic(errNo)
				})
			}) {
				w.Error("update returned although its fn panicked")
			}
			same(w, "the ledger after a panic", w.snapshot(), before)
			w.update(func(tx ledger.Tx) error { return everything(tx, 3) })
		}},
	}
}

func panicked(fn func()) (did bool) {
	defer func() { did = recover() != nil }()
	fn()
	return false
}

// Numbers of the crowds: enough to meet in one commit, few enough to be quick.
const crowd, rounds = 8, 10

// together runs fn for each member of the crowd at once and gives the errors.
func together(fn func(member int) error) error {
	errs := make([]error, crowd)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { errs[i] = fn(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func crowds() []check {
	return []check{
		{"those that fail do not take their neighbours along", neighbours},
		{"of many that save over the same version one wins", oneWins},
		{"of many that lease at once each task goes to one, under a fence of its own", onceEach},
		{"notices added at once have each a Seq of its own", ownSeq},
		{"a view is one consistent reading, however many write meanwhile", consistent},
	}
}

func neighbours(w *world) {
	err := together(func(member int) error {
		for round := range rounds {
			n := member*rounds + round
			fails := n%3 == 0
			err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
				err := tx.Insert(&report.Request{GUID: guid(n), Version: 1, State: report.Accepted, Asked: asked()})
				if err == nil && fails {
					err = errNo
				}
				return err
			})
			if fails != errors.Is(err, errNo) {
				return fmt.Errorf("update %d: %w", n, err)
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	for n := range crowd * rounds {
		if get := func(v ledger.View) (*report.Request, error) { return v.Request(guid(n)) }; n%3 == 0 {
			absent(w, "a request whose update failed", get)
		} else {
			read(w, get)
		}
	}
}

func oneWins(w *world) {
	w.bare(1)
	for version := int64(1); version <= rounds; version++ {
		won := make([]bool, crowd)
		err := together(func(member int) error {
			err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
				r := &report.Request{GUID: guid(1), Version: version + 1, State: report.Accepted, Asked: asked()}
				return tx.Save(r, version)
			})
			won[member] = err == nil
			if errors.Is(err, ledger.ErrConflict) {
				return nil
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		won = slices.DeleteFunc(won, func(did bool) bool { return !did })
		if got := w.request(1).Version; len(won) != 1 || got != version+1 {
			w.Fatalf("%d saves over version %d won, and it is %d now", len(won), version, got)
		}
	}
}

func onceEach(w *world) {
	w.bare(1)
	w.update(func(tx ledger.Tx) error {
		for i := range crowd * rounds {
			if err := tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid(1), Kind: ledger.Email, Subject: fmt.Sprint(i)}}); err != nil {
				return err
			}
		}
		return nil
	})
	taken := make([][]ledger.Lease, crowd)
	err := together(func(member int) error {
		for range rounds {
			err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
				got, err := tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Email}, Limit: 1, For: time.Minute})
				taken[member] = append(taken[member], got...)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	tasks, fences := map[string]bool{}, map[int64]bool{}
	for _, l := range slices.Concat(taken...) {
		tasks[l.Subject], fences[l.Fence] = true, true
	}
	if len(tasks) != crowd*rounds || len(fences) != crowd*rounds {
		w.Errorf("%d different tasks under %d different fences, want %d of both", len(tasks), len(fences), crowd*rounds)
	}
}

func ownSeq(w *world) {
	err := together(func(member int) error {
		for round := range rounds {
			err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
				if round == 0 {
					r := &report.Request{GUID: guid(member), Version: 1, State: report.Accepted, Asked: asked()}
					if err := tx.Insert(r); err != nil {
						return err
					}
				}
				_, err := tx.AddNotice(ledger.Notice{Account: owner, GUID: guid(member), Generation: round})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	all := read(w, func(v ledger.View) ([]ledger.Notice, error) { return v.Notices(owner, 0, crowd*rounds) })
	if len(all) != crowd*rounds || !slices.IsSortedFunc(all, func(a, b ledger.Notice) int {
		if a.Seq < b.Seq {
			return -1
		}
		return 1
	}) {
		w.Errorf("%d notices, want %d with a rising Seq: %+v", len(all), crowd*rounds, all)
	}
}

// consistent lets one writer keep two rows equal while others read them.
func consistent(w *world) {
	w.bare(1)
	w.bare(2)
	written := make(chan error, 1)
	go func() { written <- raiseBoth(w, 5*rounds) }()
	for {
		select {
		case err := <-written:
			if err != nil {
				w.Fatal(err)
			}
			return
		default:
			w.view(equalTwice)
		}
	}
}

func raiseBoth(w *world, times int) error {
	for v := int64(1); v <= int64(times); v++ {
		err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
			for n := 1; n <= 2; n++ {
				r := &report.Request{GUID: guid(n), Version: v + 1, State: report.Accepted, Asked: asked()}
				if err := tx.Save(r, v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func equalTwice(v ledger.View) error {
	var versions []int64
	for _, n := range []int{1, 2, 1, 2} {
		r, err := v.Request(guid(n))
		if err != nil {
			return err
		}
		versions = append(versions, r.Version)
	}
	if slices.Min(versions) != slices.Max(versions) {
		return fmt.Errorf("one view read the versions %v", versions)
	}
	return nil
}
