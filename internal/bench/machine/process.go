package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: USER_HZ, which is 100 on every Linux.
const tick = 10 * time.Millisecond

// Usage is what a process has taken so far.
type Usage struct {
	CPU    time.Duration
	RSS    int64 // bytes, now
	MaxRSS int64 // bytes, the most ever
}

// Process is one that is watched.
type Process struct {
	Name string
	PID  int
}

// UsageOf reads one process.
func UsageOf(pid int) (Usage, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, fmt.Errorf("read the usage of process %d: %w", pid, err)
	}
	cpu, _, err := parseStat(string(raw))
	if err != nil {
		return Usage{}, fmt.Errorf("read the usage of process %d: %w", pid, err)
	}
	status := fmt.Sprintf("/proc/%d/status", pid)
	return Usage{CPU: cpu, RSS: kilobytes(status, "VmRSS"), MaxRSS: kilobytes(status, "VmHWM")}, nil
}

func kilobytes(path, name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(field(path, name), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// parseStat reads utime, stime and the parent of a line of /proc/PID/stat
// (proc_pid_stat(5)). The name in it may hold anything but is the last in
// parentheses.
func parseStat(line string) (cpu time.Duration, parent int, err error) {
	i := strings.LastIndexByte(line, ')')
	if i < 0 {
		return 0, 0, errors.New("no name in stat")
	}
	f := strings.Fields(line[i+1:])
	if len(f) < 13 {
		return 0, 0, errors.New("stat is too short")
	}
	parent, err1 := strconv.Atoi(f[1])
	user, err2 := strconv.ParseInt(f[11], 10, 64)
	system, err3 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * tick, parent, errors.Join(err1, err2, err3)
}

// Children finds the processes a process has started, by what its binary is told
// to be: the first argument names them.
func Children(parent int) ([]Process, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var out []Process
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		if _, p, err := parseStat(string(raw)); err != nil || p != parent {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		out = append(out, Process{Name: role(filepath.Dir(path)), PID: pid})
	}
	return out, nil
}

func role(dir string) string {
	raw, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	args := strings.Split(string(raw), "\x00")
	if err != nil || len(args) < 2 {
		return unknown
	}
	return args[1]
}

// Tree is a process and all that it and its children have started.
func Tree(root int) ([]Process, error) {
	all := []Process{{Name: role(fmt.Sprintf("/proc/%d", root)), PID: root}}
	for i := 0; i < len(all); i++ {
		more, err := Children(all[i].PID)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}
