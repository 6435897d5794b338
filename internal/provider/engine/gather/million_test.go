package gather_test

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkMillion gathers a million rows from PostgreSQL, joins them with a
// second source and groups them. peak-MB is the most memory this process ever
// had, the test's own included.
func BenchmarkMillion(b *testing.B) {
	s, _ := newPostgres(b,
		"create table sale as select i id, i % 50000 customer, 'order number ' || i note, (i % 100000)::numeric(12,2) / 100 amount, date '2025-01-01' + i % 365 as at from generate_series(1, 1000000) i",
		"create table customer as select i id, 'customer ' || i name, (array['TR','DE','US'])[1 + i % 3] country from generate_series(0, 49999) i")
	p := s.open(b)
	sale, customer := kinds()[1].source(b, "select id, customer, note, amount, at from sale"), kinds()[1].source(b, "select * from customer")
	sale.Name, customer.Name = "sale", "customer"
	j := job(b, "select country, count(*), sum(amount), max(note) from sale join customer on customer.id = sale.customer group by 1 order by 1 collate reader", sale, customer)
	j.RowCap, j.TempDir = 1<<30, b.TempDir()
	before := spent(b)
	for b.Loop() {
		got, err := p.Gather(context.Background(), j)
		if err != nil || len(got.Table.Rows) != 3 || got.Sources[0].Rows != 1_000_000 {
			b.Fatalf("got %v, %v", got, err)
		}
	}
	b.ReportMetric(float64(b.N)*1_050_000/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric((spent(b)-before).Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(peak(b), "peak-MB")
}

// spent is the processor time of this process, the server's not in it: on a
// busy machine it says more than the clock.
func spent(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak memory of this process in MB; 0 where the system does not say.
func peak(tb testing.TB) float64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0
	}
	kB, err := strconv.Atoi(string(found[1]))
	if err != nil {
		tb.Fatal(err)
	}
	return float64(kB) / 1024
}
