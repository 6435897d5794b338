package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/pgtest"
	"peyk/internal/report"
)

// BenchmarkMove measures the commonest Update: lease SUBMIT and move the
// request to SUBMITTING, with what Move writes. The acceptance of each request
// is an Update too: ns/op is of one journey of three Updates. The server syncs.
func BenchmarkMove(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, url := ownServer(b, pgtest.Options{})
			l := open(b, postgres.Config{URL: url})
			var next atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(max(callers/2, 1))
			warm(b, l)
			b.ResetTimer()
			before := spent(b, s)
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
			before.report(b, spent(b, s), 3*b.N, "update")
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
		if err := tx.Guard(lease); err != nil {
			return err
		}
		if err := move(tx, key.GUID, func(r *report.Request) (report.Move, error) {
			return r.Prepare(tx.Now(), report.Evidence{"status": 202, "location": "/operations/x"})
		}); err != nil {
			return err
		}
		if err := tx.Settle(lease, ledger.Settlement{Done: true}); !errors.Is(err, ledger.ErrLost) {
			return fmt.Errorf("settle what the move closed: %w", err)
		}
		return nil
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
	s, url := ownServer(b, pgtest.Options{})
	l := open(b, postgres.Config{URL: url})
	if err := accept(b.Context(), l, 1); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	before := spent(b, s)
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
	before.report(b, spent(b, s), b.N, "view")
}

// cpu is processor time: what counts where ledger, queue and all roles share two
// cores, and does not hang on what else runs.
type cpu struct{ ours, servers time.Duration }

func (c cpu) report(b *testing.B, now cpu, n int, per string) {
	b.ReportMetric(float64((now.ours-c.ours).Microseconds())/float64(n), "µs-cpu-here/"+per)
	b.ReportMetric(float64((now.servers-c.servers).Microseconds())/float64(n), "µs-cpu-server/"+per)
}

// spent reads it from /proc: of this process, and of the server with its
// children, those that ended too. Elsewhere it is nothing.
func spent(b *testing.B, s *pgtest.Server) (c cpu) {
	b.Helper()
	server := s.PID()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		raw, _ := os.ReadFile(file) // it may have ended
		_, rest, _ := strings.Cut(string(raw), ") ")
		f := strings.Fields(rest)
		if len(f) < 15 {
			continue
		}
		ticks := func(i int) time.Duration {
			n, _ := strconv.Atoi(f[i])
			return time.Duration(n) * 10 * time.Millisecond
		}
		switch pid := filepath.Base(filepath.Dir(file)); {
		case pid == strconv.Itoa(os.Getpid()):
			c.ours += ticks(11) + ticks(12)
		case pid == strconv.Itoa(server):
			c.servers += ticks(11) + ticks(12) + ticks(13) + ticks(14)
		case f[1] == strconv.Itoa(server):
			c.servers += ticks(11) + ticks(12)
		}
	}
	return c
}

// warm opens the connections, and plans what is planned once.
func warm(b *testing.B, l ledger.Ledger) {
	b.Helper()
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for n := range 5 {
				journey(b, l, 1_000_000+5*i+n)
			}
		})
	}
	all.Wait()
}
