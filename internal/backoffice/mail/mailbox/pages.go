package mailbox

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// listLength is how many mails one page lists.
const listLength = 100

// frame is what every page needs.
type frame struct {
	Words words
	Query template.URL // keeps ?lang= on links; built from known words only
	zone  *time.Location
}

// When writes a time as the page's language does.
func (f frame) When(t time.Time) string { return t.In(f.zone).Format(f.Words.TimeLayout) }

// Bytes writes a size.
func (f frame) Bytes(n int64) string { return f.Words.size(n) }

type listPage struct {
	frame
	To, GUID string
	Filtered bool
	Mails    []Summary
	Older    string // address of the next page, empty on the last one
}

type messagePage struct {
	frame
	Message
}

type problemPage struct {
	frame
	Sentence string
}

// page answers a failure with a page.
func (s *site) page(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := handle(w, r)
		if err == nil {
			return
		}
		s.logFailure(r, err)
		f, code := s.frame(r), status(err)
		if err := s.render(w, s.oops, code, problemPage{f, sentence(code, f.Words)}); err != nil {
			http.Error(w, sentence(code, f.Words), code)
		}
	}
}

// frame chooses the language: ?lang=, else what the browser asks for.
func (s *site) frame(r *http.Request) frame {
	f := frame{Words: english(), zone: s.opts.Zone}
	asked := r.FormValue("lang")
	if asked == "tr" || asked == "en" {
		f.Query = template.URL("?lang=" + asked)
	} else {
		asked = r.Header.Get("Accept-Language")
	}
	tags, _, _ := language.ParseAcceptLanguage(asked)
	matcher := language.NewMatcher([]language.Tag{language.English, language.Turkish})
	if _, i, _ := matcher.Match(tags...); i == 1 {
		f.Words = turkish()
	}
	return f
}

// render writes the page into memory first, so that a failure is answered as
// one.
func (s *site) render(w http.ResponseWriter, page *template.Template, code int, data any) error {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "layout.html", data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // a reader that left misses nothing
	return nil
}

func (s *site) showList(w http.ResponseWriter, r *http.Request) error {
	match := filter(r)
	p := listPage{
		frame:    s.frame(r),
		To:       strings.TrimSpace(r.FormValue("to")),
		GUID:     strings.TrimSpace(r.FormValue("guid")),
		Filtered: match != nil,
	}
	if before := r.FormValue("before"); before != "" {
		match = Both(match, func(s Summary) bool { return s.ID < before })
	}
	p.Mails = s.store.list(match)
	if len(p.Mails) > listLength {
		p.Mails = p.Mails[:listLength]
		query := url.Values{"before": {p.Mails[listLength-1].ID}}
		for _, key := range []string{"to", "guid", "lang"} {
			if value := r.FormValue(key); value != "" {
				query.Set(key, value)
			}
		}
		p.Older = "/?" + query.Encode()
	}
	return s.render(w, s.list, http.StatusOK, p)
}

func (s *site) showMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.message(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.render(w, s.one, http.StatusOK, messagePage{s.frame(r), m})
}

// mailPolicy shows a mail's own styles and inline pictures; nothing is
// fetched, run or submitted, and links open outside.
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// showHTML serves the HTML part by itself, for the frame.
func (s *site) showHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := s.store.message(r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(m.HTML)) // a reader that left misses nothing
	return nil
}
