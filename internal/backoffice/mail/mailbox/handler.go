package mailbox

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
)

//go:embed pages/*.html pages/style.css
var assets embed.FS

var (
	errUnknownMail = errors.New("there is no such mail")
	errUnknownFile = errors.New("there is no such attachment")
)

// site serves the pages and the API.
type site struct {
	store *store
	opts  Options
	list  *template.Template
	one   *template.Template
	oops  *template.Template
}

func newHandler(store *store, o Options) (http.Handler, error) {
	s := &site{store: store, opts: o}
	for name, page := range map[string]**template.Template{"list": &s.list, "message": &s.one, "problem": &s.oops} {
		parsed, err := template.ParseFS(assets, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		*page = parsed
	}
	files, err := fs.Sub(assets, "pages")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /style.css", http.FileServerFS(files))
	mux.HandleFunc("GET /{$}", s.page(s.showList))
	mux.HandleFunc("GET /messages/{id}", s.page(s.showMessage))
	mux.HandleFunc("GET /messages/{id}/html", s.page(s.showHTML))
	mux.HandleFunc("GET /api/messages", s.api(s.apiList))
	mux.HandleFunc("GET /api/messages/{id}", s.api(s.apiMessage))
	mux.HandleFunc("GET /api/messages/{id}/raw", s.api(s.apiRaw))
	mux.HandleFunc("GET /api/messages/{id}/attachments/{n}", s.api(s.apiAttachment))
	mux.HandleFunc("/", s.page(func(http.ResponseWriter, *http.Request) error { return errUnknownMail }))
	return guard(mux), nil
}

// pagePolicy lets our own stylesheet in, and the frame a mail is shown in.
const pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets what every answer carries, and turns away requests that came
// under a name which is not this machine's.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !ownName(r.Host) {
			http.Error(w, "The mailbox answers to localhost, 127.0.0.1 and [::1] only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// status tells how a failure is answered.
func status(err error) int {
	if errors.Is(err, errUnknownMail) || errors.Is(err, errUnknownFile) || errors.Is(err, fs.ErrNotExist) {
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

// logFailure logs what only we can repair.
func (s *site) logFailure(r *http.Request, err error) {
	if status(err) >= http.StatusInternalServerError {
		s.opts.Log.LogAttrs(r.Context(), slog.LevelError, "mailbox page failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
}
