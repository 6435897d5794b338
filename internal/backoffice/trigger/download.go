package trigger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// download serves a file to its owner or a recipient, and changes nothing.
func (s *Station) download(w http.ResponseWriter, c call) error {
	_, err := s.serveFile(w, c, false)
	return err
}

// collect serves a file and records that it was had: the way where a report is
// kept only until then. A download that broke off was not had.
func (s *Station) collect(w http.ResponseWriter, c call) error {
	f, err := s.serveFile(w, c, true)
	if err != nil {
		return err
	}
	// Whoever hangs up behind the last byte has it all the same.
	if err := s.collected(context.WithoutCancel(c.Context()), f, c.who.Name); err != nil {
		s.Log.ErrorContext(c.Context(), "collection not recorded; the report stays until its next one",
			"file", f.Name, "error", err)
	}
	return nil
}

func (s *Station) serveFile(w http.ResponseWriter, c call, collect bool) (ledger.File, error) {
	f, err := s.mayHave(c, collect)
	if err != nil {
		return f, err
	}
	body, size, err := s.Blobs.Open(c.Context(), f.BlobKey)
	if errors.Is(err, blob.ErrNotFound) {
		return f, s.damaged(c, f, err)
	}
	if err != nil {
		return f, fmt.Errorf("open %s for %s: %w", f.BlobKey, c.who.Name, err)
	}
	defer body.Close()
	if err := intact(body, f.File); err != nil {
		return f, s.damaged(c, f, err)
	}
	s.Log.InfoContext(c.Context(), "download", "file", f.Name, "by", c.who.Name, "size", size)
	return f, send(w, body, size, f.File)
}

// damaged is the answer for bytes that are not what was stored.
func (s *Station) damaged(c call, f ledger.File, why error) error {
	s.Log.ErrorContext(c.Context(), "a stored report is damaged; it is not served", "key", f.BlobKey, "error", why)
	return protocol.NewProblem(http.StatusGone, "damaged", "our copy is damaged; ask for the report again")
}

// intact reads the bytes once before they are served: what rotted in storage
// after it was announced is found here or by nobody.
func intact(body io.ReadSeeker, f report.File) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("its SHA-256 is %s, it was stored with %s", got, f.SHA256)
	}
	_, err := body.Seek(0, io.SeekStart)
	return err
}

// send writes the file. Once bytes are on their way no other answer is
// possible, so what breaks off then ends the connection: the reader must not
// take a part for the whole.
func send(w http.ResponseWriter, body io.Reader, size int64, f report.File) error {
	digest, err := protocol.FormatReprDigest(f.SHA256)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", contentType(f.MediaType))
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})) // RFC 6266
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(protocol.HeaderReprDigest, digest)
	if n, err := io.Copy(w, body); err != nil || n != size {
		panic(http.ErrAbortHandler)
	}
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// contentType tells of text in which signs it is written: what came through the
// gate is UTF-8, and nobody should have to guess (RFC 7111).
func contentType(mediaType string) string {
	if mediaType == "text/csv" {
		return mediaType + "; charset=utf-8"
	}
	return mediaType
}

// mayHave finds the file's row for somebody who may have its bytes.
func (s *Station) mayHave(c call, collect bool) (f ledger.File, err error) {
	err = s.Store.View(c.Context(), func(v ledger.View) error {
		r, err := v.Visible(access.SeeScope(c.who), c.guid())
		if err != nil {
			return err
		}
		people, err := v.Recipients(r.GUID)
		if err != nil {
			return err
		}
		if !access.MayDownload(c.who, r, people) {
			return ledger.ErrNotFound // who may see the request need not know its files
		}
		if r.Asked.Retention == 0 && !collect {
			return protocol.NewProblem(http.StatusMethodNotAllowed, "collect-by-post", "this report is kept until it is had: download it with POST")
		}
		f, err = servable(v, r, c.PathValue("name"))
		return err
	})
	return f, err
}

// servable is the file of the current generation, if its bytes are believed.
func servable(v ledger.View, r *report.Request, name string) (ledger.File, error) {
	if !r.PurgedAt.IsZero() {
		return ledger.File{}, protocol.NewProblem(http.StatusGone, protocol.CodeGone, "its time is over; ask for the report again")
	}
	if r.State != report.Stored && r.State != report.Delivered {
		return ledger.File{}, ledger.ErrNotFound
	}
	files, err := v.Files(r.GUID)
	if err != nil {
		return ledger.File{}, err
	}
	for _, f := range files {
		if f.Name == name && f.Generation == r.Generation && f.BlobKey != "" && !f.Damaged {
			return f, nil
		}
	}
	return ledger.File{}, ledger.ErrNotFound
}

// collected records the first download and lets PURGE look again. A file of a
// generation before the current one does not count: the report that came since
// is another.
func (s *Station) collected(ctx context.Context, f ledger.File, by string) error {
	err := s.Store.Update(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(f.GUID)
		if err != nil || f.Generation != r.Generation || !r.CollectedAt.IsZero() {
			return err
		}
		r.CollectedAt = tx.Now()
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		if err := tx.Append(ledger.Fact(r, report.Requester, 0, "collected", report.Evidence{"file": f.Name, "by": by})); err != nil {
			return err
		}
		return tx.Wake(r.GUID, ledger.Purge)
	})
	if errors.Is(err, ledger.ErrConflict) {
		return s.collected(ctx, f, by)
	}
	return err
}
