package trigger

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// download serves a file to its owner or a recipient. GET changes nothing;
// where the report is kept only until it is had, the download is the POST,
// which records it.
func (s *Station) download(w http.ResponseWriter, r *http.Request) {
	c, err := s.authenticate(r)
	if err == nil {
		err = s.serveFile(w, c, r.Method == http.MethodPost)
	}
	var p *protocol.Problem
	if errors.As(err, &p) && p.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost) // RFC 9110, 15.5.6
	}
	if err != nil {
		s.fail(w, r, err)
	}
}

func (s *Station) serveFile(w http.ResponseWriter, c call, collect bool) error {
	f, err := s.mayHave(c, collect)
	if err != nil {
		return err
	}
	body, size, err := s.Blobs.Open(c.Context(), f.BlobKey)
	if err != nil {
		return fmt.Errorf("open %s for %s: %w", f.BlobKey, c.who.Name, err)
	}
	defer body.Close()
	if collect {
		if err := s.collected(c, f); err != nil {
			return err
		}
	}
	s.Log.InfoContext(c.Context(), "download", "guid", f.GUID, "file", f.Name, "by", c.who.Name, "size", size)
	return send(w, body, size, f.File)
}

func send(w http.ResponseWriter, body io.Reader, size int64, f report.File) error {
	digest, err := protocol.FormatReprDigest(f.SHA256)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})) // RFC 6266
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(protocol.HeaderReprDigest, digest)
	_, _ = io.Copy(w, body) // the reader is gone: the status is out already
	return nil
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

// collected records the first download and lets PURGE look again.
func (s *Station) collected(c call, f ledger.File) error {
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		r, err := tx.Request(f.GUID)
		if err != nil || !r.CollectedAt.IsZero() {
			return err
		}
		r.CollectedAt = tx.Now()
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		if err := tx.Append(ledger.Fact(r, report.Requester, 0, "collected", report.Evidence{"file": f.Name, "by": c.who.Name})); err != nil {
			return err
		}
		return tx.Wake(r.GUID, ledger.Purge)
	})
	if errors.Is(err, ledger.ErrConflict) {
		return s.collected(c, f)
	}
	return err
}
