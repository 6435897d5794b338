package power_test

import (
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/blob"
	"peyk/internal/blob/blobtest"
	"peyk/internal/sim/power"
)

// The stores behave on the simulated disk as they do on a real one.

func TestLedgerContract(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, now func() time.Time) ledger.Ledger {
		return openLedger(t, power.New(now), now)
	})
}

func openLedger(t *testing.T, d *power.Disk, now func() time.Time) *reopener {
	t.Helper()
	e, err := power.Mount(d, power.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: "/data/ledger.db", Now: now, Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	return &reopener{Ledger: l, engine: e, disk: d, now: now}
}

// reopener shows the suite that rows outlast a restart of the machine.
type reopener struct {
	*sqlite.Ledger
	engine *power.Engine
	disk   *power.Disk
	now    func() time.Time
}

func (r *reopener) Close() error { return errors.Join(r.Ledger.Close(), r.engine.Unmount()) }

func (r *reopener) Reopen(t *testing.T) ledger.Ledger {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return openLedger(t, r.disk.Copy(), r.now)
}

func TestBlobContract(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blobtest.Store {
		d, err := blob.OpenOn(t.Context(), "/blobs", power.Blobs(power.New(time.Now), "/blobs"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	})
}

func TestTheDiskIsAFileSystem(t *testing.T) {
	t.Parallel()
	disk, err := power.Blobs(power.New(time.Now), "/blobs")()
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.Mkdir("a"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a/x", "y"} {
		f, err := disk.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("content of " + name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := fstest.TestFS(disk.FS(), "a/x", "y"); err != nil {
		t.Error(err)
	}
}
