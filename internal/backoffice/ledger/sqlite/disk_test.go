//go:build unix

package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"peyk/internal/backoffice/ledger"
)

// diskFull names the ledger's path to the process in which the disk is full.
const diskFull = "LEDGER_DISK_FULL"

// TestAFullDiskKeepsNothingAndIsGotOver runs in a process of its own, for the
// limit on the size of files that stands for the full disk is the process's.
func TestAFullDiskKeepsNothingAndIsGotOver(t *testing.T) {
	if path := os.Getenv(diskFull); path != "" {
		fillDisk(t, path)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), diskFull+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("%v\n%s", err, out)
	}
	l := openAt(t, path)
	for name, want := range map[string]bool{"before": true, "meanwhile": false, "still": false, "after": true} {
		if kept(t, l, name) != want {
			t.Errorf("reopened: change %q kept %v; want %v", name, !want, want)
		}
	}
}

func fillDisk(t *testing.T, path string) {
	signal.Ignore(unix.SIGXFSZ) // else the limit kills instead of refusing
	l := openAt(t, path)
	try := func(name string, ok bool) error {
		t.Helper()
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			return tx.PutAccount(ledger.Account{Name: name, Password: strings.Repeat("x", 1<<16)})
		})
		if (err == nil) != ok || kept(t, l, name) != ok {
			t.Errorf("change %q: %v, kept %v; want it to succeed: %v", name, err, kept(t, l, name), ok)
		}
		return err
	}
	try("before", true)
	free := limit(t, sizeOf(t, path+"-wal"))
	try("meanwhile", false)
	if err := try("still", false); !strings.Contains(fmt.Sprint(err), "claim the ledger") {
		t.Errorf("the commit after one that failed began without a claim: %v", err)
	}
	free()
	try("after", true)
}

func sizeOf(t *testing.T, path string) uint64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return uint64(info.Size())
}

// limit lets no file of this process grow past size, until free is called.
func limit(t *testing.T, size uint64) (free func()) {
	t.Helper()
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	set := func(cur uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: cur, Max: was.Max}); err != nil {
			t.Fatal(err)
		}
	}
	set(size)
	return func() { set(was.Cur) }
}
