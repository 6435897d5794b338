package power_test

import (
	"strings"
	"testing"

	"peyk/internal/blob"
	"peyk/internal/sim/power"
)

// flaws are duties left undone, one each.
func flaws() map[string]flaw {
	skip := func(k power.Kind, under string) flaw {
		return flaw{ignore: func(op power.Op) bool { return op.Kind == k && strings.HasPrefix(op.Path, under) }}
	}
	return map[string]flaw{
		"synchronous=NORMAL":                           {pragmas: map[string]string{"synchronous": "NORMAL"}},
		"the WAL is not synced":                        skip(power.Sync, walPath),
		"the WAL is emptied before the fold is synced": {ignore: func(op power.Op) bool { return op.Kind == power.Sync && op.Path == dbPath }},
		"the ledger's directory is not synced":         skip(power.SyncDir, "/data"),
		"a blob's bytes are not synced":                skip(power.Sync, blobPath),
		"a blob's directory is not synced":             skip(power.SyncDir, blobPath+"/blobs"),
		"a blob is renamed before it is synced":        {blobs: renamedFirst},
	}
}

// TestEachFlawIsCaught plays the same cases with one duty left undone, until
// something that was answered is lost.
func TestEachFlawIsCaught(t *testing.T) {
	t.Parallel()
	start := template(t)
	for name, f := range flaws() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= within; seed++ {
				if _, err := play(t, seed, start, f); isLoss(err) {
					t.Logf("caught after %d cases: %.200v", seed, err)
					return
				}
			}
			t.Errorf("not caught within %d cases", within)
		})
	}
}

// renamedFirst syncs a file only when its directory is synced.
func renamedFirst(open func() (blob.Disk, error)) func() (blob.Disk, error) {
	return func() (blob.Disk, error) {
		d, err := open()
		return &lateDisk{Disk: d}, err
	}
}

type lateDisk struct {
	blob.Disk
	owed []blob.NewFile
}

func (d *lateDisk) Create(name string) (blob.NewFile, error) {
	f, err := d.Disk.Create(name)
	return &lateFile{f, d}, err
}

func (d *lateDisk) SyncDir(name string) error {
	for _, f := range d.owed {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	d.owed = nil
	return d.Disk.SyncDir(name)
}

type lateFile struct {
	blob.NewFile
	d *lateDisk
}

func (f *lateFile) Sync() error {
	f.d.owed = append(f.d.owed, f.NewFile)
	return nil
}
