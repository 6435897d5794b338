package power_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/blob"
)

// loss is a promise that was not kept.
type loss struct{ what string }

func (l *loss) Error() string { return "lost: " + l.what }

func lost(format string, args ...any) error { return &loss{fmt.Sprintf(format, args...)} }

func isLoss(err error) bool {
	var l *loss
	return errors.As(err, &l)
}

// promises are what was answered.
type promises struct {
	rows  map[string]*rows    // by GUID
	blobs map[string]*bytesOf // by key
	fence int64
}

func newPromises() promises {
	return promises{rows: map[string]*rows{}, blobs: map[string]*bytesOf{}}
}

// rows are what a request's are, and might be instead: what was under way when
// the power went may have come through.
type rows struct {
	kept    string // as dump shows them
	maybe   string // "": nothing was under way
	tried   int    // changes, for their marks
	purging bool   // its bytes are being deleted
	leases  []ledger.Lease
}

// bytesOf are those of a blob; nil: it is not there.
type bytesOf struct {
	kept     []byte
	maybe    []byte
	underway bool
}

// check compares the stores with what was promised. From here on what might be
// is settled.
func (w *world) check(ctx context.Context) error {
	if err := w.checkIntegrity(ctx); err != nil {
		return err
	}
	for _, guid := range sorted(w.said.rows) {
		if err := w.checkRows(ctx, guid); err != nil {
			return err
		}
	}
	for _, key := range sorted(w.said.blobs) {
		if err := w.checkBlob(ctx, key); err != nil {
			return err
		}
	}
	if err := w.checkList(ctx); err != nil {
		return err
	}
	for _, guid := range sorted(w.said.rows) {
		if err := w.checkNamed(ctx, guid); err != nil {
			return err
		}
	}
	w.tally.add("checks")
	return nil
}

func (w *world) checkIntegrity(ctx context.Context) error {
	c, err := w.engine.Connector("file:" + dbPath + "?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer db.Close()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&said); err != nil {
		return w.unlessOff("check the integrity", err)
	}
	if said != "ok" {
		return lost("integrity_check: %s", said)
	}
	return nil
}

// unlessOff is a loss: with the power on, what is there can be read.
func (w *world) unlessOff(doing string, err error) error {
	if w.disk.Off() {
		return err
	}
	return lost("%s: %v", doing, err)
}

func (w *world) checkRows(ctx context.Context, guid string) error {
	r := w.said.rows[guid]
	found, err := w.dump(ctx, guid)
	if err != nil {
		return w.unlessOff("read "+guid, err)
	}
	switch {
	case found == r.kept:
		w.tally.addIf(r.maybe != "", "changes under way lost")
	case r.maybe != "" && found == r.maybe:
		w.tally.add("changes under way kept")
	default:
		return lost("request %s is\n  %s\nand was\n  %s\nor, perhaps,\n  %s", guid, found, r.kept, r.maybe)
	}
	r.kept, r.maybe = found, ""
	return nil
}

func (w *world) checkBlob(ctx context.Context, key string) error {
	b := w.said.blobs[key]
	found, err := w.read(ctx, key)
	if err != nil {
		return w.unlessOff("read blob "+key, err)
	}
	switch {
	case equal(found, b.kept):
		w.tally.addIf(b.underway, "blobs under way lost")
	case b.underway && equal(found, b.maybe):
		w.tally.add("blobs under way kept")
	default:
		return lost("blob %s is %s and was %s or, perhaps (%v), %s", key, brief(found), brief(b.kept), b.underway, brief(b.maybe))
	}
	b.kept, b.underway = found, false
	return nil
}

// equal tells an empty file from none.
func equal(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

func brief(b []byte) string {
	if b == nil {
		return "none"
	}
	return fmt.Sprintf("%d bytes, %s", len(b), digest(b)[:8])
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// read gives a blob's bytes, nil if there is none.
func (w *world) read(ctx context.Context, key string) ([]byte, error) {
	f, size, err := w.blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, size)
	_, err = io.ReadFull(f, b)
	return b, err
}

// checkList looks for blobs and requests nobody made.
func (w *world) checkList(ctx context.Context) error {
	for e, err := range w.blobs.List(ctx, epoch().Add(1000*time.Hour)) {
		if err != nil {
			return w.unlessOff("list the blobs", err)
		}
		if b := w.said.blobs[e.Key]; b == nil || b.kept == nil {
			return lost("blob %s of %d bytes comes from nowhere", e.Key, e.Size)
		}
	}
	return w.ledger.View(ctx, func(v ledger.View) error {
		all, err := v.Requests(ledger.Filter{Scope: ledger.Scope{All: true}, Limit: 1000})
		if err != nil {
			return w.unlessOff("list the requests", err)
		}
		for _, r := range all {
			if s := w.said.rows[r.GUID]; s == nil || s.kept == "" {
				return lost("request %s comes from nowhere", r.GUID)
			}
		}
		return nil
	})
}

// checkNamed looks for the bytes that rows name.
func (w *world) checkNamed(ctx context.Context, guid string) error {
	if w.said.rows[guid].purging {
		return nil
	}
	return w.ledger.View(ctx, func(v ledger.View) error {
		files, err := v.Files(guid)
		if err != nil {
			return w.unlessOff("read the files of "+guid, err)
		}
		for _, f := range files {
			b, err := w.read(ctx, f.BlobKey)
			if err != nil {
				return w.unlessOff("read blob "+f.BlobKey, err)
			}
			if digest(b) != f.SHA256 || b == nil {
				return lost("a row of %s names blob %s of digest %.8s; there is %s", guid, f.BlobKey, f.SHA256, brief(b))
			}
			w.tally.add("rows found their bytes")
		}
		return nil
	})
}

// granted takes note of a lease that was committed.
func (w *world) granted(guid string, leases []ledger.Lease) error {
	for _, l := range leases {
		if l.Fence <= w.said.fence {
			return lost("fence %d was given after %d", l.Fence, w.said.fence)
		}
		w.said.fence = l.Fence
		w.tally.add("leases")
	}
	w.said.rows[guid].leases = append(w.said.rows[guid].leases, leases...)
	return nil
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
