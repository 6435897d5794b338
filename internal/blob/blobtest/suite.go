// Package blobtest is the contract of package blob as tests: whatever stores
// blobs passes them.
//
// Promise: each test runs on a store of its own, in parallel.
//
// Limits: durability is tested beside each store, where syncing can be seen.
//
// Failure: a property that does not hold prints the seed that repeats it.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/blob"
	"peyk/internal/report"
)

// Store is what the suite asks of a store.
type Store interface {
	Put(ctx context.Context, key string, r io.Reader, limit int64) (blob.Written, error)
	Open(ctx context.Context, key string) (blob.File, int64, error)
	Delete(ctx context.Context, key string) error
	SetAside(ctx context.Context, key string) error
	List(ctx context.Context, before time.Time) iter.Seq2[blob.Entry, error]
}

// Open opens an empty store; the test's cleanup closes it.
type Open func(t *testing.T) Store

// Run puts a store through the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Store){
		"what was put is read":                readBack,
		"put again replaces":                  replaced,
		"an open file stays the same":         stays,
		"the limit is a limit":                limited,
		"a failing reader stores nothing":     readerFails,
		"a cancelled put stores nothing":      cancelled,
		"deleted and set aside are not found": gone,
		"list shows what is there":            listed,
		"list leaves out what is younger":     younger,
		"a key is no path":                    badKeys,
		"it acts like a map":                  likeAMap,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const key = "0198f2a4/1/top-games.pdf.17"

func put(t *testing.T, s Store, key, content string) {
	t.Helper()
	w, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(content))
	if want := (blob.Written{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}); w != want {
		t.Errorf("put %s: counted %+v, want %+v", key, w, want)
	}
}

func read(ctx context.Context, s Store, key string) (string, error) {
	f, size, err := s.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err == nil && int64(len(content)) != size {
		err = fmt.Errorf("read %d bytes, %d announced", len(content), size)
	}
	return string(content), err
}

func holds(t *testing.T, s Store, key, want string) {
	t.Helper()
	if got, err := read(t.Context(), s, key); err != nil || got != want {
		t.Errorf("%s holds %.80q, %v; want %.80q", key, got, err, want)
	}
}

func absent(t *testing.T, s Store, key string) {
	t.Helper()
	if got, err := read(t.Context(), s, key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("%s holds %.80q, %v; want it not found", key, got, err)
	}
}

func readBack(t *testing.T, s Store) {
	put(t, s, key, "")
	holds(t, s, key, "")
	put(t, s, "plain", strings.Repeat("peyk", 1<<18))
	holds(t, s, "plain", strings.Repeat("peyk", 1<<18))

	f, _, err := s.Open(t.Context(), "plain")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(-3, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if end, err := io.ReadAll(f); err != nil || string(end) != "eyk" {
		t.Errorf("the last three bytes are %q, %v", end, err)
	}
}

func replaced(t *testing.T, s Store) {
	put(t, s, key, "first")
	put(t, s, key, "second")
	holds(t, s, key, "second")
}

func stays(t *testing.T, s Store) {
	put(t, s, key, "first")
	f, _, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	put(t, s, key, "second")
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "first" {
		t.Errorf("the open file holds %q, %v", got, err)
	}
}

func limited(t *testing.T, s Store) {
	put(t, s, key, "first")
	_, err := s.Put(t.Context(), key, strings.NewReader("second"), 5)
	if !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("six bytes of five: %v", err)
	}
	holds(t, s, key, "first")
}

func readerFails(t *testing.T, s Store) {
	broken := errors.New("reset by peer")
	r := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))
	if _, err := s.Put(t.Context(), key, r, 100); !errors.Is(err, broken) {
		t.Errorf("put from a broken reader: %v", err)
	}
	absent(t, s, key)
}

func cancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }))
	if _, err := s.Put(ctx, key, r, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled put: %v", err)
	}
	absent(t, s, key)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func gone(t *testing.T, s Store) {
	absent(t, s, key)
	for name, remove := range map[string]func(context.Context, string) error{"delete": s.Delete, "set aside": s.SetAside} {
		put(t, s, key, name)
		put(t, s, key+"9", "neighbour")
		if err := remove(t.Context(), key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		absent(t, s, key)
		holds(t, s, key+"9", "neighbour")
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Errorf("delete again: %v", err)
	}
	if err := s.SetAside(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("set aside again: %v", err)
	}
}

func listed(t *testing.T, s Store) {
	want := map[string]int64{"a/1/x.pdf.1": 1, "a/2/x.pdf.2": 2, "b": 3}
	for k, size := range want {
		put(t, s, k, strings.Repeat("x", int(size)))
	}
	put(t, s, "c", "x")
	if err := s.SetAside(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int64)
	for e, err := range s.List(t.Context(), time.Now().Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(e.ModTime).Abs() > time.Hour {
			t.Errorf("%s was last written at %v", e.Key, e.ModTime)
		}
		got[e.Key] = e.Size
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func younger(t *testing.T, s Store) {
	put(t, s, key, "x")
	for e, err := range s.List(t.Context(), time.Now().Add(-time.Hour)) {
		t.Errorf("listed %v, %v", e, err)
	}
}

func badKeys(t *testing.T, s Store) {
	for _, k := range []string{
		"", ".", "..", "/", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "a/.hidden", "-rf", "a\\b", "a b",
		"a\x00b", "a\nb", "ç", "C:x", strings.Repeat("x", 129), strings.Repeat("a/", 8) + "a", strings.Repeat("0123456789/", 60),
	} {
		if _, err := s.Put(t.Context(), k, strings.NewReader("x"), 1); report.CodeOf(err) != blob.CodeBadKey || report.ClassOf(err) != report.Permanent {
			t.Errorf("put under %.80q: %v", k, err)
		}
		_, _, err := s.Open(t.Context(), k)
		if err == nil || s.Delete(t.Context(), k) == nil || s.SetAside(t.Context(), k) == nil {
			t.Errorf("%.80q is a key", k)
		}
	}
}

// likeAMap compares the store with a map through short random histories. Each
// has keys of its own and few steps, for every step waits for a disk.
func likeAMap(t *testing.T, s Store) {
	history := 0
	rapid.Check(t, func(rt *rapid.T) {
		history++
		model := make(map[string]string)
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			key := fmt.Sprintf("%d/%s", history, rapid.SampledFrom([]string{"1/x", "1/y", "2/x"}).Draw(rt, "key"))
			content := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(rt, "content")
			if rapid.Bool().Draw(rt, "put") {
				if _, err := s.Put(t.Context(), key, bytes.NewReader(content), 20); err != nil {
					rt.Fatal(err)
				}
				model[key] = string(content)
			} else {
				if err := s.Delete(t.Context(), key); err != nil {
					rt.Fatal(err)
				}
				delete(model, key)
			}
			got, err := read(t.Context(), s, key)
			if want, there := model[key]; there != (err == nil) || got != want || err != nil && !errors.Is(err, blob.ErrNotFound) {
				rt.Fatalf("%s holds %q, %v; want %q, %v", key, got, err, want, there)
			}
		}
		for key, want := range model {
			if got, err := read(t.Context(), s, key); err != nil || got != want {
				rt.Fatalf("%s holds %q, %v; want %q", key, got, err, want)
			}
		}
	})
}
