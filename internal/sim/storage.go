package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"syscall"
	"time"

	"peyk/internal/blob"
	"peyk/internal/report"
)

// stored is one file in local storage.
type stored struct {
	bytes []byte
	at    time.Time
}

// storage is the company's local storage.
type storage struct {
	files map[string]stored
	aside int
}

// blobs is the storage as a process reaches it.
type blobs struct{ w *World }

// storageErr is a fault as package blob reports it.
func storageErr(f fault) error {
	if f == "ENOSPC" {
		return &report.Error{Class: report.Transient, Code: blob.CodeStorageFull, Cause: syscall.ENOSPC}
	}
	return f.err()
}

// Put reads first, which are points of its own, and keeps the bytes at once.
func (b *blobs) Put(_ context.Context, key string, r io.Reader, limit int64) (blob.Written, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Written{}, err
	}
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return blob.Written{}, fmt.Errorf("put blob %s: %w", key, err)
	}
	if int64(len(content)) > limit {
		return blob.Written{}, fmt.Errorf("put blob %s: %w", key, blob.ErrTooLarge)
	}
	v := b.w.enter(put, "")
	if !v.effect {
		return blob.Written{}, storageErr(v.fault)
	}
	b.w.storage.files[key] = stored{content, b.w.clock.tick()}
	sum := sha256.Sum256(content)
	b.w.log.Written[key] = hex.EncodeToString(sum[:])
	return blob.Written{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, b.w.leave(v, nil)
}

// memFile is an open blob.
type memFile struct{ *bytes.Reader }

func (memFile) Close() error { return nil }

// Open may find that the bytes have rotted: from then on they are damaged.
func (b *blobs) Open(_ context.Context, key string) (blob.File, int64, error) {
	v := b.w.enter(open, "")
	if v.fault == "rot" {
		b.w.rot(key)
	} else if !v.effect {
		return nil, 0, storageErr(v.fault)
	}
	f, ok := b.w.storage.files[key]
	if !ok {
		return nil, 0, fmt.Errorf("open blob %s: %w", key, blob.ErrNotFound)
	}
	v.fault = ""
	return memFile{bytes.NewReader(f.bytes)}, int64(len(f.bytes)), b.w.leave(v, nil)
}

func (w *World) rot(key string) {
	if f, ok := w.storage.files[key]; ok && len(f.bytes) > 0 {
		bad := bytes.Clone(f.bytes)
		bad[len(bad)/2] ^= 1
		w.storage.files[key] = stored{bad, f.at}
	}
}

// keys lists what lies there, oldest first: keys end in fences, and two kinds
// of ledger that count theirs differently must see the same order.
func (w *World) keys() []string {
	return slices.SortedFunc(maps.Keys(w.storage.files), func(a, b string) int {
		return w.storage.files[a].at.Compare(w.storage.files[b].at)
	})
}

// SetAside takes bytes out of everybody's reach.
func (b *blobs) SetAside(_ context.Context, key string) error {
	v := b.w.enter(remove, "aside")
	if !v.effect {
		return storageErr(v.fault)
	}
	if _, ok := b.w.storage.files[key]; !ok {
		return b.w.leave(v, blob.ErrNotFound)
	}
	delete(b.w.storage.files, key)
	b.w.storage.aside++
	return b.w.leave(v, nil)
}

// Delete removes the bytes.
func (b *blobs) Delete(_ context.Context, key string) error {
	v := b.w.enter(remove, "")
	if !v.effect {
		return storageErr(v.fault)
	}
	delete(b.w.storage.files, key)
	return b.w.leave(v, nil)
}

// Tidy has nothing to do: nothing here is ever half written.
func (b *blobs) Tidy(context.Context) error { return nil }

// List yields what was last written before a moment.
func (b *blobs) List(_ context.Context, before time.Time) iter.Seq2[blob.Entry, error] {
	return func(yield func(blob.Entry, error) bool) {
		for _, key := range b.w.keys() {
			f, there := b.w.storage.files[key]
			if there && f.at.Before(before) && !yield(blob.Entry{Key: key, Size: int64(len(f.bytes)), ModTime: f.at}, nil) {
				return
			}
		}
	}
}

// documentGate passes what begins as a PDF does and ends as one, and says that
// it has one page.
type documentGate struct{ w *World }

func (g *documentGate) Check(_ context.Context, _ string, r io.Reader, _ int64) (int, error) {
	v := g.w.enter(gate, "")
	if !v.effect {
		return 0, &report.Error{Class: report.Transient, Code: "gate-failed", Cause: errors.New(string(v.fault))}
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(content, []byte("%PDF-")) || !bytes.HasSuffix(content, []byte("%%EOF")) {
		return 0, &report.Error{Class: report.Lying, Code: "not-a-pdf", Cause: errors.New("no PDF")}
	}
	return 1, g.w.leave(v, nil)
}
