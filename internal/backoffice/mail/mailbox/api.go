package mailbox

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// api turns a handler's error into an RFC 9457 problem.
func (s *site) api(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := handle(w, r)
		if err == nil {
			return
		}
		s.logFailure(r, err)
		code := status(err)
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Del("Content-Disposition")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": code, "title": http.StatusText(code), "detail": sentence(code, english())})
	}
}

// filter is what ?to= and ?guid= ask for; nil if neither is given.
func filter(r *http.Request) func(Summary) bool {
	var match func(Summary) bool
	if to := r.FormValue("to"); to != "" {
		match = SentTo(to)
	}
	if guid := r.FormValue("guid"); guid != "" {
		match = Both(match, About(guid))
	}
	return match
}

// apiList answers {"messages": [...]}, newest first.
func (s *site) apiList(w http.ResponseWriter, r *http.Request) error {
	found := s.store.list(filter(r))
	if found == nil {
		found = []Summary{}
	}
	return writeJSON(w, map[string]any{"messages": found})
}

func (s *site) apiMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.message(r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, m)
}

func writeJSON(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // a reader that left misses nothing
	return nil
}

// apiRaw answers the mail byte for byte as it came in.
func (s *site) apiRaw(w http.ResponseWriter, r *http.Request) error {
	summary, ok := s.store.find(r.PathValue("id"))
	if !ok {
		return errUnknownMail
	}
	file, _, err := s.store.open(summary.ID)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	download(w, summary.ID+".eml", "message/rfc822", summary.Size)
	_, _ = io.Copy(w, file) // a reader that left misses nothing
	return nil
}

func (s *site) apiAttachment(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.message(r.PathValue("id"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(m.Attachments) {
		return errUnknownFile
	}
	a := m.Attachments[n-1]
	download(w, a.Name, harmless(a.MediaType), a.Size)
	_, _ = w.Write(a.content) // a reader that left misses nothing
	return nil
}

// download sets the header of bytes to be saved, never shown: the policy
// covers a browser that shows them all the same.
func download(w http.ResponseWriter, name, mediaType string, size int64) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Content-Disposition", disposition(name))
}

// disposition names a download (RFC 6266).
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\`, r) {
			return '_'
		}
		return r
	}, name)
	value := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if value == "" {
		value = fmt.Sprintf("attachment; filename=%q", "attachment")
	}
	return value
}

// harmless lets the media types of reports through; what else a mail brings
// is bytes.
func harmless(mediaType string) string {
	switch mediaType {
	case "application/pdf", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return mediaType
	default:
		return "application/octet-stream"
	}
}
