package sqlite

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the file's lock for this process, or fails at once. The kernel
// lets it go when the process ends, however it ends. What is locked is the
// last byte a file could have: the process id at its start stays readable.
func tryLock(f *os.File) error {
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	last := &windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	return windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, last)
}
