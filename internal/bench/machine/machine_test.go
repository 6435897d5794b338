package machine

import (
	"os"
	"testing"
	"time"
)

func TestFlushesAreTheSixteenthNumber(t *testing.T) {
	t.Parallel()
	const stats = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 693800 94801 28755370 5884763 5564805 1290651 172068272 1157092 0 771892 7496135 730217 903 121941560 217907 1648770 236372
 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0
`
	for device, want := range map[string]int64{"254:0": 1648770, "7:0": 0} {
		if got, ok := parseFlushes([]byte(stats), device); got != want || !ok {
			t.Errorf("%s has %d flushes, %v; want %d", device, got, ok, want)
		}
	}
	for _, device := range []string{"253:0", "8:0"} { // too old a kernel; no such device
		if got, ok := parseFlushes([]byte(stats), device); ok {
			t.Errorf("%s has %d flushes, want not known", device, got)
		}
	}
}

func TestStatIsReadBehindTheName(t *testing.T) {
	t.Parallel()
	cpu, parent, err := parseStat("12 (a) b (c) S 7 12 12 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 1 0 99 1 1")
	if err != nil || parent != 7 || cpu != 2*time.Second {
		t.Errorf("%s of CPU, parent %d, %v", cpu, parent, err)
	}
	if _, _, err := parseStat("12 (a"); err == nil {
		t.Error("half a line is read")
	}
}

func TestThisProcessHasAUsage(t *testing.T) {
	t.Parallel()
	u, err := UsageOf(os.Getpid())
	if err != nil || u.RSS == 0 || u.MaxRSS < u.RSS {
		t.Errorf("%+v, %v", u, err)
	}
	if l := Read(t.TempDir()); l.CPU == "" || l.MemoryMB == 0 || l.Filesystem == unknown {
		t.Errorf("the machine is %s", l)
	}
}
