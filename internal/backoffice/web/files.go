package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
)

// errPost says that this file is had by POST: the download is recorded, and
// the report goes afterwards.
var errPost = errors.New("this report is downloaded by POST")

func (s *Station) download(v *visit) (answer, error) {
	if v.report.Asked.Retention == 0 {
		return answer{}, errPost
	}
	return s.pass(v, false)
}

func (s *Station) collect(v *visit) (answer, error) { return s.pass(v, true) }

// pass hands the file's bytes through as they come from the trigger, as
// something to keep and nothing to run.
func (s *Station) pass(v *visit, collect bool) (answer, error) {
	name := v.PathValue("name")
	res, err := s.api.File(v.Context(), v.who.Name, v.report.GUID, name, collect) //nolint:bodyclose // closed once it was passed on
	if err != nil {
		return answer{}, err
	}
	s.cfg.Logger.InfoContext(v.Context(), "download", "file", name, "account", v.who.Name)
	return answer{stream: func(w http.ResponseWriter) error {
		defer res.Body.Close()
		h := w.Header()
		for _, header := range []string{"Content-Type", "Content-Length", "Repr-Digest"} {
			if value := res.Header.Get(header); value != "" {
				h.Set(header, value)
			}
		}
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name})) // RFC 6266
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cache-Control", "no-store")
		_, err := io.Copy(w, res.Body)
		return err
	}}, nil
}
