package trigger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// content is what the stored file of every test holds.
const content = "%PDF-1.7 the whole report"

// fileName needs quoting in a header (RFC 6266).
const fileName = "top games.pdf"

func digest() string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// move commits one of the moves the other stations make.
func (w *world) move(guid string, next func(r *report.Request) (report.Move, error)) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		m, err := next(r)
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
}

// store brings an accepted request to STORED, its bytes in local storage.
func (w *world) store(guid string, took time.Duration) {
	w.tb.Helper()
	f := report.File{Name: fileName, MediaType: "application/pdf", Size: int64(len(content)), SHA256: digest(), Pages: 1}
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Submit(w.now, nil) })
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Prepare(w.now, nil) })
	w.move(guid, func(r *report.Request) (report.Move, error) {
		return r.Found(report.Manifest{Files: []report.File{f}}, time.Time{}, w.now, nil)
	})
	w.now = w.now.Add(took)
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Store(w.now, nil) })
	key := guid + "/1/report.1"
	if _, err := w.blobs.Put(w.tb.Context(), key, strings.NewReader(content), 1<<20); err != nil {
		w.tb.Fatal(err)
	}
	w.write(func(tx ledger.Tx) error {
		return tx.PutFile(ledger.File{GUID: guid, Generation: 1, File: f, BlobKey: key, StoredAt: w.now})
	})
}

// deliver ends a stored request well.
func (w *world) deliver(guid string) {
	w.tb.Helper()
	w.move(guid, func(r *report.Request) (report.Move, error) {
		r.Announced(w.now)
		return r.Deliver(w.now, nil)
	})
}

// fail ends a request badly.
func (w *world) fail(guid string) {
	w.tb.Helper()
	w.move(guid, func(r *report.Request) (report.Move, error) {
		return r.Fail(report.Failure{Code: "engine", Retriable: true}, w.now, nil)
	})
}
