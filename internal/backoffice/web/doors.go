package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/profile"
)

// fillDoors lists by which ways one comes in as this person: sign-ins, this one
// first, and tokens.
func (s *Station) fillDoors(v *visit, p *profile.Page) error {
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) error {
		p.Sessions, p.Tokens = nil, nil
		sessions, err := view.SessionsOf(v.who.Name)
		if err != nil {
			return err
		}
		slices.Reverse(sessions)
		for _, row := range sessions {
			one := session(v, row, s.here(v))
			if one.Here {
				p.Sessions = slices.Insert(p.Sessions, 0, one)
			} else {
				p.Sessions = append(p.Sessions, one)
			}
		}
		p.Others = slices.ContainsFunc(p.Sessions, func(x profile.Session) bool { return !x.Here })
		tokens, err := view.TokensOf(v.who.Name)
		for _, row := range tokens {
			if access.Personal(row) {
				p.Tokens = append(p.Tokens, token(v, row))
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("list the ways in as %s: %w", v.who.Name, err)
	}
	return nil
}

func session(v *visit, row ledger.Session, here string) profile.Session {
	facts := []string{v.w.Say("profile.session.since", "Moment", v.w.Moment(row.At)), v.w.Say("profile.session.used", "Moment", v.w.Moment(row.UsedAt))}
	if row.Address != "" {
		facts = append(facts, v.w.Say("profile.session.address", "Address", row.Address))
	}
	return profile.Session{
		ID: access.Ref(row.TokenHash), Browser: browser(v, row.Agent), Facts: strings.Join(facts, " · "), Here: row.TokenHash == here,
	}
}

func token(v *visit, row ledger.Token) profile.Token {
	used := v.w.Say("profile.token.unused")
	if !row.UsedAt.IsZero() {
		used = v.w.Say("profile.token.used", "Day", v.w.DayMonth(row.UsedAt))
	}
	facts := []string{v.w.Say("profile.token.made", "Day", v.w.DayMonth(row.At)), used, v.w.Say("until.day", "Day", v.w.DayMonth(row.ExpiresAt))}
	return profile.Token{
		ID: access.Ref(row.Hash), Label: row.Label, Scope: v.w.Say("profile.token.scope." + row.Scope),
		Facts: strings.Join(facts, " · "), RunOut: access.RunOut(row, v.now),
	}
}

// browser names a browser and its system in plain words, from what it calls
// itself: names that others carry as well are asked last.
func browser(v *visit, agent string) string {
	pick := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(agent, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	name := pick([][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"YaBrowser/", "Yandex"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := pick([][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"},
	})
	switch {
	case name == "":
		return v.w.Say("profile.session.unknown")
	case system == "":
		return name
	}
	return name + ", " + system
}

func (s *Station) endOthers(v *visit) (answer, error) {
	token := s.sessions.Token(v.Context())
	if _, err := s.signIns.EndOthers(v.Context(), v.who.Name, token); err != nil {
		return answer{}, err
	}
	return did("others", "sessions")
}

func (s *Station) endOne(v *visit) (answer, error) {
	id := v.PathValue("id")
	if here := s.here(v); here != "" && id == access.Ref(here) {
		return s.signOut(v)
	}
	if err := s.signIns.EndOne(v.Context(), v.who.Name, id); err != nil {
		return answer{}, err
	}
	return did("session", "sessions")
}

func newToken(v *visit, label, scope, days string) profile.NewToken {
	n := profile.NewToken{Label: label, Days: days}
	for _, x := range []string{access.ScopeRead, access.ScopeFull} {
		n.Scopes = append(n.Scopes, profile.Option{Value: x, Label: v.w.Say("profile.token.scope." + x), Chosen: x == scope})
	}
	return n
}

// makeToken answers the page with the secret on it, this once.
func (s *Station) makeToken(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	label, scope := v.PostForm.Get("label"), v.PostForm.Get("scope")
	days, _ := strconv.Atoi(v.PostForm.Get("days")) // 0 is refused
	secret, err := s.api.NewToken(v.Context(), v.who.Name, label, scope, days)
	if err == nil {
		return s.drawProfile(v, 0, func(p *profile.Page) {
			p.Fresh = &profile.Fresh{
				Label: strings.TrimSpace(label), Secret: secret,
				Curl: fmt.Sprintf("curl -H 'Authorization: Bearer %s' %s/api/v1/requests", secret, s.origin(v)),
			}
		})
	}
	n := newToken(v, label, scope, v.PostForm.Get("days"))
	if p, refused := refusal(err, "invalid-token"); refused {
		for _, e := range p.Errors {
			switch e.Pointer {
			case "/label":
				n.LabelProblem = v.w.Say("profile.token.label.bad")
			case "/days":
				n.DaysProblem = v.w.Say("form.between", "Min", "1", "Max", "365")
			default:
				return answer{}, err
			}
		}
		return s.drawProfile(v, http.StatusUnprocessableEntity, func(page *profile.Page) { page.New = n })
	}
	if _, full := refusal(err, "too-many-tokens"); full {
		n.Alarm = v.w.Count("profile.token.too-many", access.MaxTokens)
	} else if errors.Is(err, api.ErrUnreachable) {
		n.Alarm = v.w.Say("error.unreachable.text")
	} else {
		return answer{}, err
	}
	return s.drawProfile(v, statusOf(err), func(page *profile.Page) { page.New = n })
}

func (s *Station) revokeToken(v *visit) (answer, error) {
	if err := s.api.RevokeToken(v.Context(), v.who.Name, v.PathValue("id")); err != nil {
		return answer{}, err
	}
	return did("token", "tokens")
}

// origin is where this browser reaches us.
func (s *Station) origin(v *visit) string {
	if u := s.cfg.PublicURL; u != nil {
		return u.Scheme + "://" + u.Host
	}
	if s.cfg.Secure {
		return "https://" + v.Host
	}
	return "http://" + v.Host
}
