package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"peyk/internal/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "0198f2a4/1/top-games.pdf.17"

func openDir(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := OpenDir(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func put(ctx context.Context, d *Dir, key string) error {
	_, err := d.Put(ctx, key, strings.NewReader("content"), 100)
	return err
}

// files lists the regular files under a path, relative to it.
func files(t *testing.T, path string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(path), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// witness is a disk that writes down what is durable and fails on demand.
type witness struct {
	Disk
	mu    sync.Mutex
	calls int
	fail  int // the call that fails, from 1; 0: none
	err   error
	dirty map[string]bool // names whose bytes or entries are not synced
}

func (w *witness) step(dirty ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.calls == w.fail {
		return w.err
	}
	for _, name := range dirty {
		w.dirty[name] = true
	}
	return nil
}

func (w *witness) clean(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.dirty, name)
}

func (w *witness) Create(name string) (NewFile, error) {
	if err := w.step(); err != nil {
		return nil, err
	}
	f, err := w.Disk.Create(name)
	return &witnessFile{f, w, name}, err
}

func (w *witness) Mkdir(name string) error {
	if err := w.step(); err != nil {
		return err
	}
	err := w.Disk.Mkdir(name)
	if err == nil {
		w.mu.Lock()
		w.dirty[filepath.Dir(name)] = true
		w.mu.Unlock()
	}
	return err
}

func (w *witness) Rename(from, to string) error {
	if w.dirty[from] {
		return errors.New("renamed before its bytes were synced")
	}
	if err := w.step(filepath.Dir(from), filepath.Dir(to)); err != nil {
		return err
	}
	w.clean(tempDir) // two names there are as good as one: Tidy removes both
	return w.Disk.Rename(from, to)
}

func (w *witness) Remove(name string) error {
	w.clean(name)
	return w.Disk.Remove(name)
}

func (w *witness) SyncDir(name string) error {
	if err := w.step(); err != nil {
		return err
	}
	w.clean(name)
	return w.Disk.SyncDir(name)
}

type witnessFile struct {
	NewFile
	w    *witness
	name string
}

func (f *witnessFile) Write(b []byte) (int, error) {
	if err := f.w.step(f.name); err != nil {
		return 0, err
	}
	return f.NewFile.Write(b)
}

func (f *witnessFile) Sync() error {
	if err := f.w.step(); err != nil {
		return err
	}
	f.w.clean(f.name)
	return f.NewFile.Sync()
}

// watched opens a directory whose disk is a witness.
func watched(t *testing.T, fail int, err error) (*Dir, *witness) {
	t.Helper()
	path := t.TempDir()
	w := &witness{dirty: make(map[string]bool)}
	d := &Dir{path: path, now: time.Now, open: func() (Disk, error) {
		real, err := openRoot(path)
		w.Disk = real
		return w, err
	}}
	t.Cleanup(func() { d.Close() })
	if _, err := d.current(); err != nil {
		t.Fatal(err)
	}
	w.calls, w.fail, w.err = 0, fail, err
	return d, w
}

func TestPutIsDurable(t *testing.T) {
	t.Parallel()
	d, w := watched(t, 0, nil)
	for _, key := range []string{testKey, testKey, "0198f2a4/2/top-games.pdf.18"} {
		if err := put(t.Context(), d, key); err != nil {
			t.Fatal(err)
		}
		if len(w.dirty) > 0 {
			t.Errorf("put %s returned before these were synced: %v", key, w.dirty)
		}
	}
}

// A file set aside must not be back under its key after a power cut.
func TestSetAsideIsDurable(t *testing.T) {
	t.Parallel()
	d, w := watched(t, 0, nil)
	if err := put(t.Context(), d, testKey); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), d, testKey+"9"); err != nil { // its directory stays
		t.Fatal(err)
	}
	if err := d.SetAside(t.Context(), testKey); err != nil || len(w.dirty) > 0 {
		t.Errorf("set aside: %v, not synced: %v", err, w.dirty)
	}
}

// Each call to the disk fails once, in turn: the error has its class, nothing
// is left over, and the next Put succeeds.
func TestFullAtEveryStep(t *testing.T) {
	t.Parallel()
	healthy, w := watched(t, 0, nil)
	if err := put(t.Context(), healthy, testKey); err != nil {
		t.Fatal(err)
	}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		for step := 1; step <= w.calls; step++ {
			d, w := watched(t, step, &os.PathError{Op: "write", Path: "x", Err: full})
			err := put(t.Context(), d, testKey)
			if report.ClassOf(err) != report.Transient || report.CodeOf(err) != CodeStorageFull {
				t.Errorf("%v at step %d: %v", full, step, err)
			}
			for _, name := range files(t, d.path) {
				if strings.HasPrefix(name, tempDir) {
					t.Errorf("%v at step %d leaves %s", full, step, name)
				}
			}
			if err := put(t.Context(), d, testKey); err != nil || len(w.dirty) > 0 {
				t.Errorf("after %v at step %d: %v, not synced: %v", full, step, err, w.dirty)
			}
		}
	}
}

func TestOtherDiskErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	d, _ := watched(t, 3, syscall.EIO)
	if err := put(t.Context(), d, testKey); !errors.Is(err, syscall.EIO) || report.CodeOf(err) == CodeStorageFull {
		t.Errorf("put on a broken disk: %v", err)
	}
}

func TestTidy(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := openDir(t, path)
	if err := put(t.Context(), d, testKey); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-40 * 24 * time.Hour)
	for name, at := range map[string]time.Time{
		"temp/dead": old, "temp/alive": time.Now(), "aside/a/1/x.1": old, "aside/a/1/y.1": time.Now(),
	} {
		full := filepath.Join(path, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, nil, 0o600), os.Chtimes(full, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(path, blobDir, testKey), old, old); err != nil {
		t.Fatal(err)
	}
	openDir(t, path)
	want := []string{"aside/a/1/y.1", "blobs/" + testKey, "temp/alive"}
	if got := files(t, path); !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
}

func TestSetAsideStartsItsDaysAnew(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := openDir(t, path)
	if err := put(t.Context(), d, testKey); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-40 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(path, blobDir, testKey), old, old); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.SetAside(t.Context(), testKey), d.Tidy(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := files(t, path); !slices.Equal(got, []string{"aside/" + testKey}) {
		t.Errorf("left: %v", got)
	}
}

func TestDeleteLeavesNoEmptyDirectories(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := openDir(t, path)
	if err := errors.Join(put(t.Context(), d, testKey), d.Delete(t.Context(), testKey)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(path, blobDir))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// Deleting the last file of a directory takes the directory away under the
// hands of whoever puts the next one there.
func TestPutAndDeleteSideBySide(t *testing.T) {
	t.Parallel()
	d := openDir(t, t.TempDir())
	var both sync.WaitGroup
	for _, key := range []string{"a/1/x", "a/1/y"} {
		both.Go(func() {
			for range 100 {
				if err := errors.Join(put(t.Context(), d, key), d.Delete(t.Context(), key)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
}

func TestDirectoryTakenAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "blobs")
	d := openDir(t, path)
	if err := errors.Join(put(t.Context(), d, testKey), os.RemoveAll(path)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Open(t.Context(), testKey); !errors.Is(err, ErrNotFound) {
		t.Errorf("opened from a directory that was removed: %v", err)
	}
	if err := put(t.Context(), d, testKey); err != nil {
		t.Errorf("put after the directory was removed: %v", err)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), d, testKey); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("put where even the parent is gone: %v", err)
	}
}

func TestLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	outside, path := t.TempDir(), t.TempDir()
	d := openDir(t, path)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(path, blobDir, "out")); err != nil {
		t.Fatal(err)
	}
	if f, _, err := d.Open(t.Context(), "out/secret"); err == nil {
		content, _ := io.ReadAll(f)
		t.Errorf("read %q through a link", content)
	}
	if err := put(t.Context(), d, "out/new"); err == nil {
		t.Error("wrote through a link")
	}
	if got := files(t, outside); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("outside: %v", got)
	}
}

func BenchmarkPut(b *testing.B) {
	d, err := OpenDir(b.Context(), b.TempDir(), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	content := strings.Repeat("x", 50<<10)
	for b.Loop() {
		if _, err := d.Put(b.Context(), testKey, strings.NewReader(content), 1<<20); err != nil {
			b.Fatal(err)
		}
	}
}
