package gate

import (
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// maxStack bounds what one goroutine may nest, in bytes.
const maxStack = 64 << 20

// confine lays limits upon this process. Memory is RLIMIT_DATA, writable
// private memory: RLIMIT_AS would count the address space Go only reserves. The
// collector works harder from three quarters of it on. Recursion without an end
// ends at maxStack.
func confine(l Limits) error {
	debug.SetMemoryLimit(l.Memory * 3 / 4)
	debug.SetMaxStack(maxStack)
	for _, limit := range []struct {
		name     string
		resource int
		value    uint64
	}{
		{"memory", unix.RLIMIT_DATA, uint64(l.Memory)},
		{"size of files", unix.RLIMIT_FSIZE, 0},
		{"core dump", unix.RLIMIT_CORE, 0},
		{"open files", unix.RLIMIT_NOFILE, 32},
	} {
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: limit.value, Max: limit.value}); err != nil {
			return fmt.Errorf("limit %s to %d: %w", limit.name, limit.value, err)
		}
	}
	return nil
}

// allowTime gives the process so much processor time from now on, rounded up to
// seconds. The parent's clock is the tighter one: this ends a child whose parent
// was killed while the child was stuck.
func allowTime(d time.Duration) error {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return fmt.Errorf("look at processor time: %w", err)
	}
	soFar := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	seconds := uint64((soFar + d).Seconds()) + 2
	if err := unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: unix.RLIM_INFINITY}); err != nil {
		return fmt.Errorf("limit processor time to %d s: %w", seconds, err)
	}
	return nil
}
