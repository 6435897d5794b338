package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// maxForm bounds a form, in bytes.
const maxForm = 64 << 10

// visit is one request of a person, with what its route's policy already found.
type visit struct {
	*http.Request
	came       *http.Request  // as it came, without a session in its context
	who        ledger.Account // empty: nobody is signed in
	w          *words.Words
	now        time.Time
	report     *report.Request // of a route about one; visible to who
	recipients []ledger.Recipient
}

// answer is what a handler wants said: a page, a way on, or a stream.
type answer struct {
	status int // 0: 200
	page   templ.Component
	to     string // 303 See Other
	before func(http.ResponseWriter) error
	stream func(http.ResponseWriter) error
}

func show(page templ.Component) (answer, error) { return answer{page: page}, nil }
func goTo(path string) (answer, error)          { return answer{to: path}, nil }

// adapt makes a handler of a route: who is it, may they, do it, say it.
func (s *Station) adapt(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = telemetry.Serving(r, string(report.Web))
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		v := &visit{Request: r, came: r, now: s.cfg.Now(), w: s.book.For(words.Prefer(r.Header.Get("Accept-Language")), "UTC", s.cfg.Now())}
		a, err := s.serve(rt, v)
		if err != nil {
			a = s.refuse(v, err)
		}
		if err := s.send(w, v, a); err != nil {
			s.cfg.Logger.WarnContext(v.Context(), "answer not sent", "path", r.URL.Path, "error", err)
		}
	})
}

func (s *Station) serve(rt route, v *visit) (answer, error) {
	if err := v.readForm(); err != nil {
		return answer{}, err
	}
	ctx, who, err := s.recall(v.Request)
	if err != nil {
		return answer{}, err
	}
	v.Request, v.who = v.WithContext(ctx), who
	if who.Name != "" {
		v.w = s.book.For(who.Locale, who.TimeZone, v.now)
	}
	if err := s.prolong(v); err != nil {
		return answer{}, err
	}
	if !rt.policy.open {
		if who.Name == "" {
			return s.askSignIn(v)
		}
		if err := s.permit(rt.policy, v); err != nil {
			return answer{}, err
		}
	}
	return rt.handle(s, v)
}

// The faults of an address and of a form that no page of ours makes.
var (
	errMalformed = errors.New("the form cannot be read")
	errTooLong   = fmt.Errorf("a reason has at most %d characters", report.MaxReason)
)

// readForm reads address and form before anything is done with them: what is
// cut off half way, or holds signs that no ledger keeps, is done nothing with.
// An address with such signs is nobody's.
func (v *visit) readForm() error {
	err := v.ParseForm()
	if changes(v.Method) && err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	if !ledger.ValidText(v.URL.Path) {
		return fmt.Errorf("%q: %w", v.URL.Path, ledger.ErrNotFound)
	}
	for name, values := range v.Form {
		if !ledger.ValidText(name) || slices.ContainsFunc(values, func(x string) bool { return !ledger.ValidText(x) }) {
			return fmt.Errorf("%w: the field %q is no text", errMalformed, name)
		}
	}
	return nil
}

// reason is what a person gave as the reason of an act.
func (v *visit) reason() (string, error) {
	text := strings.TrimSpace(v.PostFormValue("reason"))
	if utf8.RuneCountInString(text) > report.MaxReason {
		return "", errTooLong
	}
	return text, nil
}

// permit finds the request a route is about and applies the policy.
func (s *Station) permit(p policy, v *visit) error {
	if p.account != nil && !p.account(v.who) {
		return fmt.Errorf("%s %s %s: %w", v.who.Name, v.Method, v.URL.Path, access.ErrForbidden)
	}
	if p.request == nil {
		return nil
	}
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		if v.report, err = view.Visible(access.SeeScope(v.who), v.PathValue("guid")); err != nil {
			return err
		}
		v.recipients, err = view.Recipients(v.report.GUID)
		return err
	})
	if err != nil {
		return fmt.Errorf("look at request %s for %s: %w", v.PathValue("guid"), v.who.Name, err)
	}
	if !p.request(v.who, v.report, v.recipients) {
		return fmt.Errorf("%s %s %s: %w", v.who.Name, v.Method, v.URL.Path, access.ErrForbidden)
	}
	return nil
}

// askSignIn sends somebody unknown to the door, and afterwards back to what
// they wanted to read.
func (s *Station) askSignIn(v *visit) (answer, error) {
	if v.Header.Get("HX-Request") == "true" || v.URL.Path == "/events" {
		return answer{status: http.StatusUnauthorized}, nil
	}
	next := v.URL.RequestURI()
	if changes(v.Method) {
		next = "/"
		if v.PathValue("type") != "" {
			next = v.URL.Path // the form; its draft waits in the browser
		} else if guid := v.PathValue("guid"); guid != "" {
			next = "/r/" + url.PathEscape(guid)
		}
	}
	if next == "/" {
		return goTo("/signin")
	}
	return goTo("/signin?next=" + url.QueryEscape(next))
}

// send writes an answer. Pages are drawn before the first byte goes out.
func (s *Station) send(w http.ResponseWriter, v *visit, a answer) error {
	if a.before != nil {
		if err := a.before(w); err != nil {
			a = s.refuse(v, err)
		}
	}
	if a.stream != nil {
		return a.stream(w)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Cookie, Accept-Language")
	if a.to != "" {
		http.Redirect(w, v.Request, a.to, http.StatusSeeOther)
		return nil
	}
	var page bytes.Buffer
	if a.page != nil {
		if err := a.page.Render(v.Context(), &page); err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return fmt.Errorf("draw %s: %w", v.URL.Path, err)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Encoding, Sec-Fetch-Site")
	if compressible(v.Request, page.Len()) {
		var packed bytes.Buffer
		if err := s.packers.pack(&packed, page.Bytes()); err != nil {
			return fmt.Errorf("compress %s: %w", v.URL.Path, err)
		}
		w.Header().Set("Content-Encoding", "gzip")
		page = packed
	}
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	if _, err := page.WriteTo(w); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		return fmt.Errorf("write %s: %w", v.URL.Path, err)
	}
	return nil
}
