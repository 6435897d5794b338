package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// BenchmarkMove measures the commonest Update: lease SUBMIT and move the
// request to SUBMITTING, with what Move writes. The acceptance of each request
// is an Update too: ns/op is of one Update, two of three kinds.
func BenchmarkMove(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l := open(b)
			var next atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(callers / 2)
			if callers == 1 {
				b.SetParallelism(1)
			}
			b.ResetTimer()
			if callers == 1 {
				for b.Loop() {
					journey(b, l, int(next.Add(1)))
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						journey(b, l, int(next.Add(1)))
					}
				})
			}
			b.ReportMetric(float64(3*b.N)/b.Elapsed().Seconds(), "updates/s")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(3*b.N), "µs/update")
		})
	}
}

// journey is three Updates: accepted, submitting under a lease, preparing.
func journey(b *testing.B, l ledger.Ledger, n int) {
	ctx, key := b.Context(), ledger.Key{GUID: guid(n), Kind: ledger.Submit}
	if err := accept(ctx, l, n); err != nil {
		b.Error(err)
	}
	var lease ledger.Lease
	err := l.Update(ctx, func(tx ledger.Tx) error {
		leases, err := tx.Lease(ledger.Wanted{Key: key, Limit: 1, Worker: "w", For: time.Minute})
		if err != nil || len(leases) != 1 {
			return fmt.Errorf("leased %d: %w", len(leases), err)
		}
		lease = leases[0]
		return move(tx, key.GUID, func(r *report.Request) (report.Move, error) { return r.Submit(tx.Now(), report.Evidence{"stream": 1}) })
	})
	if err != nil {
		b.Error(err)
	}
	err = l.Update(ctx, func(tx ledger.Tx) error {
		if err := tx.Settle(lease, ledger.Settlement{Done: true}); err != nil {
			return err
		}
		return move(tx, key.GUID, func(r *report.Request) (report.Move, error) {
			return r.Prepare(tx.Now(), report.Evidence{"status": 202, "location": "/operations/x"})
		})
	})
	if err != nil {
		b.Error(err)
	}
}

func move(tx ledger.Tx, guid string, to func(*report.Request) (report.Move, error)) error {
	r, err := tx.Request(guid)
	if err != nil {
		return err
	}
	m, err := to(r)
	if err != nil {
		return err
	}
	return ledger.Move(tx, r, m)
}

// BenchmarkView measures the reading of one request, its journal and its tasks.
func BenchmarkView(b *testing.B) {
	l := open(b)
	if err := accept(b.Context(), l, 1); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		err := l.View(context.Background(), func(v ledger.View) error {
			_, err1 := v.Request(guid(1))
			_, err2 := v.Journal(guid(1))
			_, err3 := v.Tasks(guid(1))
			return errors.Join(err1, err2, err3)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
