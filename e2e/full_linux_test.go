package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of so many bytes on a directory, until the test ends.
func smallDisk(t *testing.T, dir string, size int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("filling a disk takes one of its own, and only root can mount it")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size)); err != nil {
		t.Fatalf("mount a small disk on %s to fill it: %v; in a container this takes the capability SYS_ADMIN", dir, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// fill leaves no byte free on the disk of a directory until free is called.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(bytes.Repeat([]byte("x"), size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("fill the disk: %v", err)
		}
	}
	f.Close()
	return func() {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// flood asks for tiny reports and holds every answer against the promise: 202,
// or 503 with the time to come back.
type flood struct {
	i    *instance
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	taken   []string
	refused int
}

func startFlood(i *instance) *flood {
	ctx, stop := context.WithCancel(context.Background())
	f := &flood{i: i, stop: stop}
	i.t.Cleanup(func() { f.end() }) // before the instance ends, whatever happens
	for range 4 {
		f.done.Go(func() {
			for ctx.Err() == nil {
				if guid := newGUID(i.t); f.ask(ctx, guid) {
					i.within(time.Second, func() bool { return ctx.Err() != nil || i.status(guid).State.Terminal() })
				}
			}
		})
	}
	return f
}

// ask asks for one report until it is answered 202.
func (f *flood) ask(ctx context.Context, guid string) bool {
	body, _ := json.Marshal(map[string]any{"guid": guid, "type": "tiny.v1", "parameters": struct{}{}}) // cannot fail
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.i.now().URLs.API+"/requests", bytes.NewReader(body))
		if err != nil {
			f.i.t.Error(err)
			return false
		}
		req.Header.Set("Authorization", "Bearer "+f.i.now().Token)
		resp, err := f.i.http.Do(req)
		if err != nil {
			if ctx.Err() == nil {
				f.i.t.Errorf("%s was not answered: %v", guid, err)
			}
			return false
		}
		resp.Body.Close()
		if f.note(guid, resp) {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return false
}

// note counts an answer; true: it was 202.
func (f *flood) note(guid string, resp *http.Response) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case resp.StatusCode == http.StatusAccepted:
		f.taken = append(f.taken, guid)
		return true
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		f.refused++
	default:
		f.i.t.Errorf("%s was answered %s, Retry-After %q", guid, resp.Status, resp.Header.Get("Retry-After"))
	}
	return false
}

// counts tells how many were taken and refused so far.
func (f *flood) counts() (taken, refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.taken), f.refused
}

// more waits until so many more were taken.
func (f *flood) more(n int) {
	f.i.t.Helper()
	before, _ := f.counts()
	f.i.eventually("more answers 202", func() bool { taken, _ := f.counts(); return taken >= before+n })
}

func (f *flood) end() []string {
	f.stop()
	f.done.Wait()
	return f.taken
}

// checkArrived waits for every report that was promised.
func (f *flood) checkArrived(t *testing.T) {
	t.Helper()
	began := time.Now()
	guids := f.end()
	again := 0
	for _, guid := range guids {
		st := f.i.delivered(guid)
		checkLegal(t, st)
		checkOnce(t, f.i, st)
		if st.Recipients[0].Flagged {
			again++
		}
	}
	_, refused := f.counts()
	t.Logf("%d taken, %d refused, the last arrived %s after the end of the load, %d letters sent again after an UNKNOWN",
		len(guids), refused, time.Since(began).Round(time.Second), again)
}

// TestLedgerDiskFull fills the disk the ledger lies on, and no other. Who asks
// meanwhile is refused and told when to come back; what was promised arrives.
func TestLedgerDiskFull(t *testing.T) {
	t.Parallel()
	i := newInstance(t, embedded, t.TempDir())
	disk := filepath.Join(i.dir, "company")
	smallDisk(t, disk, 64<<20)
	for _, other := range []string{"queue", "blobs", "mailbox"} {
		elsewhere := filepath.Join(i.dir, "elsewhere", other)
		if err := errors.Join(os.MkdirAll(elsewhere, 0o700), os.Symlink(elsewhere, filepath.Join(disk, other))); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(i.end)
	i.up()
	f := startFlood(i)
	for range sampleOf(1, 5) {
		f.more(30)
		free := fill(t, disk)
		_, before := f.counts()
		i.eventually("refusals", func() bool { _, refused := f.counts(); return refused >= before+20 })
		i.eventually("/readyz saying no", func() bool { return i.answer("/readyz") == http.StatusServiceUnavailable })
		free()
		f.more(30)
	}
	i.eventually("/readyz saying yes", func() bool { return i.answer("/readyz") == http.StatusNoContent })
	f.checkArrived(t)
}

// answer is the status of a page anybody may look at; 0: nobody answered.
func (i *instance) answer(path string) int {
	resp, err := i.http.Get(i.now().URLs.Web + path)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestBlobDiskFull fills the disk reports are kept on. Requests are taken and
// wait in READY, the operator sees why, and they arrive once there is room.
func TestBlobDiskFull(t *testing.T) {
	t.Parallel()
	i := newInstance(t, embedded, t.TempDir())
	disk := filepath.Join(i.dir, "company", "blobs")
	smallDisk(t, disk, 32<<20)
	t.Cleanup(i.end)
	i.up()
	for range sampleOf(1, 5) {
		f := startFlood(i)
		f.more(30)
		free := fill(t, disk)
		f.more(8)
		guid := i.request(t.Context(), "tiny.v1", nil)
		i.until(guid, "READY")
		i.eventually("the operator seeing why it waits", func() bool { return strings.Contains(i.owedError(guid, "FETCH"), "storage-full") })
		free()
		f.more(8)
		f.checkArrived(t) // before the next: what is kept takes room
		i.delivered(guid)
		if _, refused := f.counts(); refused > 0 {
			t.Errorf("%d were refused although the ledger had room", refused)
		}
	}
}
