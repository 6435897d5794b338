package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/profile"
	"peyk/internal/backoffice/web/zone"
	"peyk/internal/protocol"
)

// showProfile draws the page as it stands.
func (s *Station) showProfile(v *visit) (answer, error) {
	return s.drawProfile(v, 0, func(p *profile.Page) {
		if id := "profile.did." + v.URL.Query().Get("did"); v.w.Has(id) {
			p.Did = v.w.Say(id)
		}
	})
}

// drawProfile draws the page with what change makes of it.
func (s *Station) drawProfile(v *visit, status int, change func(*profile.Page)) (answer, error) {
	p := profile.Page{
		Email: v.who.Email, Settings: settings(v, choicesOf(v.who)),
		Password: profile.Password{Least: v.w.Count("profile.password.least", access.MinPassword)},
		New:      newToken(v, "", access.ScopeRead, fmt.Sprint(access.UsualDays)),
	}
	if err := s.fillDoors(v, &p); err != nil {
		return answer{}, err
	}
	change(&p)
	f, err := s.frame(v, v.w.Say("profile.title"), "profile")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: profile.View(f, p)}, nil
}

func choicesOf(a ledger.Account) api.Profile {
	return api.Profile{
		Locale: a.Locale, TimeZone: a.TimeZone, Appearance: a.Appearance, Keys: !a.NoKeys,
		NoMail: a.NoMail, NoPopup: a.NoPopup,
	}
}

func settings(v *visit, c api.Profile) profile.Settings {
	set := profile.Settings{
		Zone: c.TimeZone, Zones: zone.Names(), ZoneHint: v.w.Say("profile.zone.hint", "Clock", v.w.Clock(v.now)), Keys: c.Keys,
	}
	for _, l := range [][2]string{{"tr", "Türkçe"}, {"en", "English"}} {
		set.Languages = append(set.Languages, profile.Option{Value: l[0], Label: l[1], Chosen: l[0] == c.Locale})
	}
	for _, look := range []string{"", "light", "dark"} {
		id := "profile.appearance.system"
		if look != "" {
			id = "profile.appearance." + look
		}
		set.Appearances = append(set.Appearances, profile.Option{Value: look, Label: v.w.Say(id), Chosen: look == c.Appearance})
	}
	for _, n := range newsOf(v.who) {
		set.News = append(set.News, profile.News{
			Kind: string(n), Label: v.w.Say("profile.news." + string(n)),
			Mail: !slices.Contains(c.NoMail, n), Popup: !slices.Contains(c.NoPopup, n),
		})
	}
	return set
}

// newsOf lists the kinds of news that reach somebody at all.
func newsOf(a ledger.Account) []ledger.News {
	return slices.DeleteFunc(ledger.AllNews(), func(n ledger.News) bool {
		return n == ledger.NewsAsking && len(access.SeeScope(a).Approves) == 0
	})
}

func (s *Station) saveProfile(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	c := api.Profile{
		Locale: v.PostForm.Get("locale"), TimeZone: v.PostForm.Get("time_zone"), Appearance: v.PostForm.Get("appearance"),
		Keys:    v.PostForm.Get("keys") == "on",
		NoMail:  unwanted(v, v.PostForm["mail"], v.who.NoMail),
		NoPopup: unwanted(v, v.PostForm["popup"], v.who.NoPopup),
	}
	err := s.api.SetProfile(v.Context(), v.who.Name, c)
	if err == nil {
		return did("saved", "")
	}
	zoneWrong := false
	if p, refused := refusal(err, "invalid-account"); !refused && !errors.Is(err, api.ErrUnreachable) {
		return answer{}, err
	} else if refused {
		_, bad := time.LoadLocation(c.TimeZone)
		zoneWrong = bad != nil || c.TimeZone == "" || c.TimeZone == "Local"
		if !zoneWrong {
			return answer{}, p // no page of ours offers that
		}
	}
	status := statusOf(err)
	if zoneWrong {
		status = http.StatusUnprocessableEntity
	}
	return s.drawProfile(v, status, func(p *profile.Page) {
		p.Settings = settings(v, c)
		if zoneWrong {
			p.Settings.ZoneProblem = v.w.Say("profile.zone.unknown")
		} else {
			p.Settings.Alarm = v.w.Say("error.unreachable.text")
		}
	})
}

// unwanted are the kinds that were shown and not ticked, and those that were not
// shown and not wanted before.
func unwanted(v *visit, ticked []string, before []ledger.News) []ledger.News {
	shown := newsOf(v.who)
	out := []ledger.News{}
	for _, n := range ledger.AllNews() {
		if slices.Contains(shown, n) && !slices.Contains(ticked, string(n)) || !slices.Contains(shown, n) && slices.Contains(before, n) {
			out = append(out, n)
		}
	}
	return out
}

func (s *Station) changePassword(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	again := func(status int, change func(*profile.Password)) (answer, error) {
		return s.drawProfile(v, status, func(p *profile.Page) { change(&p.Password) })
	}
	if v.PostForm.Get("new") != v.PostForm.Get("repeat") {
		return again(http.StatusUnprocessableEntity, func(p *profile.Password) { p.RepeatProblem = v.w.Say("profile.password.differs") })
	}
	err := s.api.ChangePassword(v.Context(), v.who.Name, v.PostForm.Get("old"), v.PostForm.Get("new"))
	if err == nil {
		return s.reopen(v)
	}
	var p *protocol.Problem
	errors.As(err, &p)
	switch {
	case errors.Is(err, api.ErrUnreachable):
		return again(statusOf(err), func(p *profile.Password) { p.OldProblem = v.w.Say("error.unreachable.text") })
	case p != nil && p.Code == "wrong-password":
		return again(http.StatusForbidden, func(p *profile.Password) { p.OldProblem = v.w.Say("profile.password.wrong") })
	case p != nil && p.Code == "too-many-tries":
		return again(http.StatusTooManyRequests, func(p *profile.Password) { p.OldProblem = v.w.Say("signin.throttled") })
	case p != nil && p.Code == "weak-password":
		return again(http.StatusUnprocessableEntity, func(p *profile.Password) { p.NewProblem = p.Least })
	}
	return answer{}, err
}

// reopen signs the person in again here, after every sign-in was ended.
func (s *Station) reopen(v *visit) (answer, error) {
	var who ledger.Account
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		who, err = view.Account(v.who.Name)
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("sign %s in with the new password: %w", v.who.Name, err)
	}
	a, _ := did("password", "password")
	a.before = func(w http.ResponseWriter) error { return s.open(v, w, who) }
	return a, nil
}

// did goes back to the page, which says what was done.
func did(what, section string) (answer, error) {
	to := "/profile?did=" + url.QueryEscape(what)
	if section != "" {
		to += "#" + section
	}
	return goTo(to)
}

// refusal finds a problem of the trigger's by its code.
func refusal(err error, code string) (*protocol.Problem, bool) {
	var p *protocol.Problem
	if errors.As(err, &p) && p.Code == code {
		return p, true
	}
	return nil, false
}

func statusOf(err error) int { return classOf(err).status }
