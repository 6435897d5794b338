// Package clocktest_test is the control of scripts/shifted: it compares the
// clocks that tests and products read with the kernel's.
//
// Promise: each test passes on a machine as it is, and fails where the clock
// that it is about was shifted by more than a minute.
//
// Limits: Linux and other Unix systems, where syscall.Gettimeofday neither goes
// through package time nor through libc.
//
// Failure: a test names the clock and by how much it differs.
package clocktest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/pgtest"
)

// kernel is the time by the kernel's clock.
func kernel(t *testing.T) time.Time {
	t.Helper()
	var v syscall.Timeval
	if err := syscall.Gettimeofday(&v); err != nil {
		t.Fatalf("gettimeofday: %v", err)
	}
	return time.Unix(v.Unix())
}

func compare(t *testing.T, got time.Time) {
	t.Helper()
	if d := got.Sub(kernel(t)); d.Abs() > time.Minute {
		t.Errorf("it differs from the kernel's clock by %s", d.Round(time.Second))
	}
}

func TestGo(t *testing.T) {
	t.Parallel()
	compare(t, time.Now())
}

// TestFileTimes needs the shift of both: what was written just now, and a time
// that was set.
func TestFileTimes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	compare(t, modified(t, file))
	set := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(file, set, set); err != nil {
		t.Fatal(err)
	}
	if got := modified(t, file); !got.Equal(set) {
		t.Fatalf("%s was modified at %s, want %s", file, got, set)
	}
}

func modified(t *testing.T, file string) time.Time {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context(), pgtest.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	url, err := server.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := clockOf(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got)
}

func clockOf(ctx context.Context, url string) (got time.Time, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return got, fmt.Errorf("connect to %s: %w", url, err)
	}
	defer func() { _ = conn.Close(ctx) }() // the answer is there
	err = conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&got)
	return got, err
}
