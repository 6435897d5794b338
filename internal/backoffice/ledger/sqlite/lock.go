package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrLocked says that another process has the ledger open.
var ErrLocked = errors.New("the ledger is in use")

// lock keeps a second process out: SQLite itself would let it in, and then
// fences and the ledger's time would have two givers. The file stays when the
// lock is gone; only the lock counts.
func lock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the ledger's lock: %w", err)
	}
	if err := tryLock(f); err != nil {
		holder := readPID(f)
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s is open in %s, and a file of SQLite serves one process; stop that one, or let all use PostgreSQL (--ledger postgres://…; peyk ledger copy brings over what is here)",
			ErrLocked, path, holder)
	}
	if err := writePID(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("write the ledger's lock %s: %w", f.Name(), err)
	}
	return held{f}, nil
}

// held is a lock that was taken.
type held struct{ *os.File }

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPID names the holder for the person who reads the refusal.
func readPID(f *os.File) string {
	buf := make([]byte, 20)
	n, _ := f.ReadAt(buf, 0) // a short file is the usual case
	if pid := strings.TrimSpace(string(buf[:n])); pid != "" {
		return "process " + pid
	}
	return "another process"
}
