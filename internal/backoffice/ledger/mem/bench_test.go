package mem_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/report"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// journey is every update of a request from ACCEPTED to DELIVERED, each move
// with the lease it is made under.
func journey(l ledger.Ledger, guid string) error {
	asked := report.Asked{Type: "t", Parameters: []byte(`{"count":50}`), Formats: []string{"pdf"}, Approval: report.NoApproval}
	r, m, err := report.New(guid, asked, time.Minute, noon)
	if err != nil {
		return err
	}
	manifest := report.Manifest{Files: []report.File{{Name: "a.pdf", Rows: 1}}}
	steps := []func() (report.Move, error){
		func() (report.Move, error) { return m, nil },
		func() (report.Move, error) { return r.Submit(noon, report.Evidence{"seq": 7}) },
		func() (report.Move, error) { return r.Prepare(noon, report.Evidence{"status": 202}) },
		func() (report.Move, error) { return r.Found(manifest, noon, noon, nil) },
		func() (report.Move, error) { return r.Store(noon, report.Evidence{"sha256": "ab"}) },
		func() (report.Move, error) { r.Announced(noon); return r.Deliver(noon, nil) },
	}
	for _, step := range steps {
		err := l.Update(context.Background(), func(tx ledger.Tx) error {
			m, err := step()
			if err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
			_, err = tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Submit, ledger.Announce}, Limit: 1, For: time.Minute})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkJourney reports updates a second on a ledger that goes on growing.
func BenchmarkJourney(b *testing.B) {
	l, n := mem.New(clock), 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if err := journey(l, fmt.Sprintf("0198f2a4-5b1c-7def-8a01-%012x", n)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(6*float64(n)/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkFresh is a new ledger with three journeys in it, as one run of the
// simulated world needs at least.
func BenchmarkFresh(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l := mem.New(clock)
		for n := range 3 {
			if err := journey(l, fmt.Sprintf("0198f2a4-5b1c-7def-8a01-%012x", n)); err != nil {
				b.Fatal(err)
			}
		}
	}
}
