// Package machine says what a measurement was made on and what it cost: the
// machine itself, the processes' time and memory, the flushes of the disk.
//
// Promise: numbers are the kernel's own. What it does not tell is said to be not
// known, never guessed.
//
// Limits: Linux, by /proc. Flushes are those of the whole device, so what others
// write to it at the same time is counted too.
//
// Failure: a process that is gone has no usage; that is an error of its reading.
package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Line is the machine in a few words.
type Line struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	MemoryMB   int64  `json:"memory_mb"`
	Kernel     string `json:"kernel"`
	Filesystem string `json:"filesystem"` // of the data, with its device
	Go         string `json:"go"`
	MaxProcs   int    `json:"gomaxprocs"`
}

// Read describes this machine; the filesystem is the one dir lies on.
func Read(dir string) Line {
	return Line{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), MemoryMB: memory(),
		Kernel: kernel(), Filesystem: filesystem(dir), Go: runtime.Version(), MaxProcs: runtime.GOMAXPROCS(0),
	}
}

// String is one line.
func (l Line) String() string {
	return fmt.Sprintf("%s, %d cores, %d MB, Linux %s, %s, %s, GOMAXPROCS %d",
		l.CPU, l.Cores, l.MemoryMB, l.Kernel, l.Filesystem, l.Go, l.MaxProcs)
}

// unknown stands for what the kernel does not tell.
const unknown = "not known"

// field gives the value of the first line "name : value" of a file.
func field(path, name string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

func memory() int64 {
	kb, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kb >> 10
}

func kernel() string {
	raw, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(raw))
}

// filesystem names the type and the device of the mount dir lies on.
func filesystem(dir string) string {
	dev, err := deviceOf(dir)
	if err != nil {
		return unknown
	}
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return unknown
	}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		i := bytes.IndexByte([]byte(line), '-')
		tail := strings.Fields(line[i+1:])
		if len(f) > 2 && f[2] == dev && len(tail) > 1 {
			return tail[0] + " on " + tail[1]
		}
	}
	return unknown
}

// deviceOf is major:minor of what a path lies on.
func deviceOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("find the device of %s: %w", path, err)
	}
	dev := info.Sys().(*syscall.Stat_t).Dev
	major := dev>>8&0xfff | dev>>32&^0xfff
	minor := dev&0xff | dev>>12&^0xff
	return fmt.Sprintf("%d:%d", major, minor), nil
}

// Flushes counts the flush requests a device has done.
type Flushes struct{ device string }

// FlushesOf watches the device a directory lies on. The kernel counts flushes
// for whole disks only, so a partition means the disk it is on.
func FlushesOf(dir string) (Flushes, error) {
	device, err := deviceOf(dir)
	if err != nil {
		return Flushes{}, err
	}
	node, err := filepath.EvalSymlinks("/sys/dev/block/" + device)
	if err != nil {
		return Flushes{device}, nil // no disk: its flushes will not be known
	}
	if _, err := os.Stat(filepath.Join(node, "partition")); err == nil {
		if raw, err := os.ReadFile(filepath.Join(filepath.Dir(node), "dev")); err == nil {
			device = strings.TrimSpace(string(raw))
		}
	}
	return Flushes{device}, nil
}

// Read gives the count since boot; false: the kernel does not count them here.
func (f Flushes) Read() (int64, bool) {
	raw, err := os.ReadFile("/proc/diskstats")
	if err != nil {
		return 0, false
	}
	return parseFlushes(raw, f.device)
}

// parseFlushes finds the 16th number of a device's line (kernel,
// Documentation/admin-guide/iostats.rst).
func parseFlushes(raw []byte, device string) (int64, bool) {
	const at = 2 + 16 // behind major, minor and name
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) > at && f[0]+":"+f[1] == device {
			n, err := strconv.ParseInt(f[at], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
