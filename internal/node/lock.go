package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// lockDir takes the data directory for this process until the file is closed,
// or the process ends in whatever way.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid := pidIn(f)
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("another peyk (process %d) works on %s; stop it first, or choose another --data", pid, dir)
	}
	if err == nil {
		err = errors.Join(f.Truncate(0), write(f, strconv.Itoa(os.Getpid())))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

func write(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// pidIn reads a process id somebody wrote into a lock file; 0: none.
func pidIn(f *os.File) int {
	buf := make([]byte, 20)
	n, _ := f.ReadAt(buf, 0) // a short file is fine
	pid, err := strconv.Atoi(string(buf[:n]))
	if err != nil {
		return 0
	}
	return pid
}
