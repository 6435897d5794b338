package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/signin"
)

func (s *Station) showSignIn(v *visit) (answer, error) {
	if v.who.Name != "" {
		return goTo(local(v.FormValue("next")))
	}
	return s.showDoor(v, signin.Page{}, http.StatusOK)
}

func (s *Station) showDoor(v *visit, p signin.Page, status int) (answer, error) {
	if lang := v.FormValue("lang"); lang != "" {
		v.w = s.book.For(lang, "UTC", v.now)
	}
	p.Next = local(v.FormValue("next"))
	p.Demo = slices.Clone(s.cfg.Demo)
	for i, d := range p.Demo {
		if id := "signin.demo." + d.Name; v.w.Has(id) {
			p.Demo[i].Role = v.w.Say(id)
		}
	}
	for _, l := range []signin.Language{{Tag: "tr", Name: "Türkçe"}, {Tag: "en", Name: "English"}} {
		if l.Tag != v.w.Locale {
			p.Others = append(p.Others, l)
		}
	}
	return answer{status: status, page: signin.View(s.bare(v, v.w.Say("signin.title")), p)}, nil
}

func (s *Station) signIn(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	name := strings.TrimSpace(v.PostForm.Get("name"))
	who, err := s.door.SignIn(v.Context(), name, v.PostForm.Get("password"), s.address(v.Request))
	var late *access.Throttled
	switch {
	case errors.Is(err, access.ErrWrong):
		s.cfg.Logger.InfoContext(v.Context(), "sign-in refused", "address", s.address(v.Request))
		return s.again(v, name, http.StatusUnauthorized, "signin.wrong")
	case errors.As(err, &late):
		s.cfg.Logger.WarnContext(v.Context(), "sign-in throttled", "address", s.address(v.Request), "wait", late.After)
		return s.throttled(v, name, late.After)
	case err != nil:
		return answer{}, err
	}
	s.cfg.Logger.InfoContext(v.Context(), "signed in", "account", who.Name)
	return answer{to: local(v.PostForm.Get("next")), before: func(w http.ResponseWriter) error { return s.open(v, w, who) }}, nil
}

func (s *Station) throttled(v *visit, name string, wait time.Duration) (answer, error) {
	a, err := s.again(v, name, http.StatusTooManyRequests, "signin.throttled")
	a.before = func(w http.ResponseWriter) error {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		return nil
	}
	return a, err
}

// again shows the door with what was typed, but the password.
func (s *Station) again(v *visit, name string, status int, problem string) (answer, error) {
	if lang := v.FormValue("lang"); lang != "" {
		v.w = s.book.For(lang, "UTC", v.now)
	}
	return s.showDoor(v, signin.Page{Name: name, Problem: v.w.Say(problem)}, status)
}

func (s *Station) signOut(v *visit) (answer, error) {
	return answer{to: "/signin", before: func(w http.ResponseWriter) error { return s.end(v, w) }}, nil
}

// home is the first page for who asks for reports, and the list for who does not.
func (s *Station) home(v *visit) (answer, error) {
	return goTo(firstPage(v.who))
}

func firstPage(a ledger.Account) string {
	switch {
	case access.MayRequest(a):
		return "/new"
	case a.Is(access.Approver):
		return "/approvals"
	case access.MayOperate(a):
		return "/operations"
	}
	return "/reports"
}

// local lets nobody be sent to another site: only a path of ours is taken.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return u.RequestURI()
}
