package store

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peyk/internal/protocol"
)

// crash lets go of the directory as a killed process would: nothing is settled
// or told, only the locks fall.
func crash(t tb, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestInterruptedJobIsQueuedAgain(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	job := submitted(t, s, guid(1), 1)
	if _, err := s.putFiles(t.Context(), job, documents("half")); err != nil {
		t.Fatal(err)
	}
	before := operationOf(t, s, guid(1))
	crash(t, s)
	s = openStore(t, dir, c)
	defer s.Close()
	o := operationOf(t, s, guid(1))
	if o.State != protocol.Queued || o.Rev <= before.Rev {
		t.Errorf("after the crash: %+v, before: %+v", o, before)
	}
	if left := files(t, s); len(left) != 0 {
		t.Errorf("files of no result are left: %v", left)
	}
	publish(t, s, claim(t, s), "whole")
	crash(t, s)
	s = openStore(t, dir, c)
	defer s.Close()
	if got := read(t, s.Reader, guid(1), 1); got != "whole" {
		t.Errorf("file holds %q", got)
	}
	if len(outbox(t, s)) != 1 {
		t.Error("the webhook did not survive")
	}
}

func TestPoison(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	submitted(t, s, guid(1), 1)
	for range maxUnclean - 1 {
		crash(t, s)
		s = openStore(t, dir, c)
		claim(t, s)
	}
	crash(t, s)
	s = openStore(t, dir, c)
	defer s.Close()
	o := operationOf(t, s, guid(1))
	if o.State != protocol.Failed || o.Error == nil || o.Error.Code != "poison" || o.Error.Retriable {
		t.Errorf("after %d deaths: %+v", maxUnclean, o)
	}
	if _, found, err := s.Claim(t.Context()); found || err != nil {
		t.Errorf("claimed again: %v, %v", found, err)
	}
	if due := outbox(t, s); len(due) != 1 {
		t.Errorf("%d webhooks tell of it", len(due))
	}
}

// An orderly stop is no death: a job may see any number of them.
func TestReleaseIsNoDeath(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	job := submitted(t, s, guid(1), 1)
	for range 2 * maxUnclean {
		if err := s.Release(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		crash(t, s)
		s = openStore(t, dir, c)
		job = claim(t, s)
	}
	crash(t, s) // the first death
	s = openStore(t, dir, c)
	defer s.Close()
	if o := operationOf(t, s, guid(1)); o.State != protocol.Queued {
		t.Errorf("after many orderly stops and one death: %+v", o)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	_, err := Open(t.Context(), config(dir, c))
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second process opens it: %v", err)
	}
	patient := config(dir, c)
	patient.LockWait = time.Minute
	opened := make(chan error)
	go func() {
		heir, err := Open(context.Background(), patient)
		if err == nil {
			err = heir.Close()
		}
		opened <- err
	}()
	s.Close()
	if err := <-opened; err != nil {
		t.Errorf("the successor: %v", err)
	}
}

// A file service in a process of its own reads what is written here.
func TestReaderBesides(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	if _, err := OpenReader(t.Context(), dir, c.Now); err == nil {
		t.Error("a store that does not exist can be read")
	}
	s := openStore(t, dir, c)
	r, err := OpenReader(t.Context(), dir, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	publish(t, s, submitted(t, s, guid(1), 1), "content")
	if got := read(t, r, guid(1), 1); got != "content" {
		t.Errorf("file holds %q", got)
	}
	s.Close()
	if got := read(t, r, guid(1), 1); got != "content" {
		t.Errorf("without the writer the file holds %q", got)
	}
	if _, err := r.db.db.Exec("delete from jobs"); err == nil {
		t.Error("a reader can write")
	}
}

func TestClosedStoreRefuses(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), newClock())
	s.Close()
	if _, err := s.Submit(t.Context(), submission(guid(1), 1, "a"), 0); !errors.Is(err, ErrClosed) {
		t.Errorf("Submit: %v", err)
	}
}

// killEnv makes the test binary be the process that is killed.
const killEnv = "PEYK_STORE_TEST_DIR"

// TestKilledProcess kills a real process in the middle of its writes and looks
// at what it said before: every report it called accepted or published is so.
func TestKilledProcess(t *testing.T) {
	if dir := os.Getenv(killEnv); dir != "" {
		writeForever(t, dir)
	}
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 37*20) // lines of a GUID
	if _, err := io.ReadFull(out, said); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	s := openStore(t, dir, newClock())
	defer s.Close()
	for line := range strings.Lines(string(said) + string(rest)) {
		if g := strings.TrimSuffix(line, "\n"); len(g) == 36 && read(t, s.Reader, g, 1) != g {
			t.Errorf("report %s was published and is not there", g)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
		t.Error(err)
	}
}

func writeForever(t *testing.T, dir string) {
	s := openStore(t, dir, newClock())
	for i := 0; ; i++ {
		publish(t, s, submitted(t, s, guid(i), 1), guid(i))
		os.Stdout.WriteString(guid(i) + "\n")
	}
}
