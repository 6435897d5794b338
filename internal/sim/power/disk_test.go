package power_test

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"peyk/internal/blob"
	"peyk/internal/sim/power"
)

// volume opens a directory of the disk.
func volume(t *testing.T, d *power.Disk) blob.Disk {
	t.Helper()
	v, err := power.Blobs(d, "/v")()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, v blob.Disk, name, content string, sync bool) {
	t.Helper()
	f, err := v.Create(name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// after gives what is under each name after many cuts of the same disk, each
// with a seed of its own, and how often: "-" is no such name.
func after(t *testing.T, prepare func(v blob.Disk), names ...string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for seed := range uint64(300) {
		d := power.New(time.Now)
		prepare(volume(t, d))
		left := volume(t, d.Cut(rand.New(rand.NewPCG(seed, 0))))
		var all []string
		for _, name := range names {
			b, err := fs.ReadFile(left.FS(), name)
			if errors.Is(err, fs.ErrNotExist) {
				b, err = []byte("-"), nil
			}
			must(t, err)
			all = append(all, string(b))
		}
		found[strings.Join(all, " ")]++
	}
	return found
}

// only expects every one of the outcomes, often, and no other.
func only(t *testing.T, found map[string]int, want ...string) {
	t.Helper()
	for _, w := range want {
		if found[w] == 0 {
			t.Errorf("never %q", w)
		}
		delete(found, w)
	}
	if len(found) > 0 {
		t.Errorf("also %.100q", sorted(found))
	}
}

func TestSyncedBytesUnderASyncedNameStay(t *testing.T) {
	t.Parallel()
	only(t, after(t, func(v blob.Disk) {
		write(t, v, "x", "one", true)
		must(t, v.SyncDir("."))
	}, "x"), "one")
}

func TestANameNeedsItsDirectorySynced(t *testing.T) {
	t.Parallel()
	only(t, after(t, func(v blob.Disk) { write(t, v, "x", "one", true) }, "x"), "one", "-")
	only(t, after(t, func(v blob.Disk) {
		must(t, v.Mkdir("d"))
		write(t, v, "d/x", "one", true)
		must(t, v.SyncDir("d")) // but not the one that has d
	}, "d/x"), "one", "-")
}

func TestBytesNeedTheirFileSynced(t *testing.T) {
	t.Parallel()
	found := after(t, func(v blob.Disk) {
		write(t, v, "x", "one", false)
		must(t, v.SyncDir("."))
	}, "x")
	if found["one"] == 0 || found[""] == 0 || found["\x00\x00\x00"] == 0 || len(found) < 4 {
		t.Errorf("found %q; want the bytes, none, zeros and rubbish", sorted(found))
	}
}

func TestASectorIsWrittenWholeOrNot(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 512), strings.Repeat("b", 512)
	found := after(t, func(v blob.Disk) {
		write(t, v, "x", a+b, false)
		must(t, v.SyncDir("."))
	}, "x")
	none := strings.Repeat("\x00", 512)
	for _, want := range []string{"", a + b, a, none + b} {
		if found[want] == 0 {
			t.Errorf("never %.10q… of %d bytes", want, len(want))
		}
	}
	for got := range found {
		if strings.Count(got, "a")%512 != 0 && len(got) == 1024 && strings.Count(got, "a") > 100 {
			t.Errorf("half a sector: %q", got)
		}
	}
}

// A rename moves the whole file, from the old name to the new, and what had the
// new name before is whole as well.
func TestARenameIsNeverHalf(t *testing.T) {
	t.Parallel()
	replace := func(v blob.Disk) {
		must(t, v.Mkdir("d"), v.SyncDir("."))
		write(t, v, "x", "new", true)
		write(t, v, "d/y", "old", true)
		must(t, v.SyncDir("."), v.SyncDir("d"), v.Rename("x", "d/y"))
	}
	only(t, after(t, replace, "x", "d/y"), "new old", "- new", "new new")
	only(t, after(t, func(v blob.Disk) { replace(v); must(t, v.SyncDir("d")) }, "x", "d/y"), "- new", "new new")
	only(t, after(t, func(v blob.Disk) { replace(v); must(t, v.SyncDir(".")) }, "x", "d/y"), "- new")
}

func TestARemovalNeedsItsDirectorySynced(t *testing.T) {
	t.Parallel()
	remove := func(v blob.Disk) {
		write(t, v, "x", "one", true)
		must(t, v.SyncDir("."), v.Remove("x"))
	}
	only(t, after(t, remove, "x"), "one", "-")
	only(t, after(t, func(v blob.Disk) { remove(v); must(t, v.SyncDir(".")) }, "x"), "-")
}

func TestADiskThatLiesKeepsNothing(t *testing.T) {
	t.Parallel()
	d := power.New(time.Now)
	d.Ignore(func(op power.Op) bool { return op.Path == "/v/x" || op.Path == "/v/d" })
	v := volume(t, d)
	write(t, v, "x", "one", true)
	must(t, v.SyncDir("."), v.Mkdir("d"), v.SyncDir("d"))
	lost := 0
	for seed := range uint64(50) {
		b, err := fs.ReadFile(volume(t, d.Cut(rand.New(rand.NewPCG(seed, 0)))).FS(), "x")
		must(t, err)
		if string(b) != "one" {
			lost++
		}
	}
	if lost == 0 {
		t.Error("nothing was ever lost")
	}
}

func TestNothingWorksWithoutPower(t *testing.T) {
	t.Parallel()
	d := power.New(time.Now)
	v := volume(t, d)
	write(t, v, "x", "one", true)
	open, err := v.Open("x")
	must(t, err)
	var asked []power.Kind
	d.CutWhen(func(op power.Op) bool { asked = append(asked, op.Kind); return op.Kind == power.Mkdir })
	must(t, v.SyncDir("."))
	if err := v.Mkdir("d"); !errors.Is(err, power.ErrOff) || !d.Off() {
		t.Errorf("the operation under way: %v, off: %v", err, d.Off())
	}
	_, opened := v.Open("x")
	_, stat := v.Stat("x")
	_, read := open.Read(make([]byte, 3))
	_, found := power.Blobs(d, "/v")()
	for i, err := range []error{opened, stat, read, found, v.Rename("x", "y"), v.Remove("x"), v.SyncDir("."), v.Mkdir("e")} {
		if !errors.Is(err, power.ErrOff) {
			t.Errorf("call %d: %v; want %v", i, err, power.ErrOff)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked about %v", asked)
	}
}

func TestASeedRepeats(t *testing.T) {
	t.Parallel()
	start := template(t)
	for seed := uint64(1); seed <= 4; seed++ {
		first, err := play(t, seed, start, flaw{})
		again, errAgain := play(t, seed, start, flaw{})
		if err != nil || errAgain != nil || first.String() != again.String() {
			t.Errorf("seed %d: %v%s\nand then: %v%s", seed, err, first, errAgain, again)
		}
	}
}
