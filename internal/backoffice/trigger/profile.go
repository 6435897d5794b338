package trigger

import (
	"errors"
	"fmt"
	"net/http"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
)

// profile is what a person may choose for themselves.
type profile struct {
	Locale     string        `json:"locale"`
	TimeZone   string        `json:"time_zone"`
	Appearance string        `json:"appearance"` // light or dark; "": as the device says
	Keys       bool          `json:"keys"`       // single keys are shortcuts
	NoMail     []ledger.News `json:"no_mail"`    // kinds of news not wanted by e-mail
	NoPopup    []ledger.News `json:"no_popup"`   // nor as popups
}

// self is the caller's own account.
type self struct {
	Name     string   `json:"name"`
	FullName string   `json:"full_name"`
	Email    string   `json:"email"`
	Roles    []string `json:"roles"`
	profile
}

func selfOf(a ledger.Account) self {
	p := profile{Locale: a.Locale, TimeZone: a.TimeZone, Appearance: a.Appearance, Keys: !a.NoKeys, NoMail: a.NoMail, NoPopup: a.NoPopup}
	if p.NoMail == nil {
		p.NoMail = []ledger.News{}
	}
	if p.NoPopup == nil {
		p.NoPopup = []ledger.News{}
	}
	return self{a.Name, a.FullName, a.Email, a.Roles, p}
}

func (s *Station) showProfile(c call) (answer, error) { return ok(selfOf(c.who)) }

// setProfile writes all of a person's choices.
func (s *Station) setProfile(c call) (answer, error) {
	var in profile
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var out self
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		a, err := held(tx, c.who.Name)
		if err != nil {
			return err
		}
		a.Locale, a.TimeZone, a.Appearance, a.NoKeys, a.NoMail, a.NoPopup = in.Locale, in.TimeZone, in.Appearance, !in.Keys, in.NoMail, in.NoPopup
		if err := access.CheckChoices(a); err != nil {
			return protocol.NewProblem(http.StatusUnprocessableEntity, "invalid-account", "%v", err)
		}
		out = selfOf(a)
		return tx.PutAccount(a)
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// changePassword takes the old password again: an open browser on a desk is not
// its owner. Every sign-in of the person ends.
func (s *Station) changePassword(c call) (answer, error) {
	var in struct {
		Old      string `json:"old"`
		Password string `json:"password"`
	}
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	if err := s.prove(c, in.Old); err != nil {
		return answer{}, err
	}
	if in.Password == "" { // none is made up for who chooses
		return answer{}, weakPassword()
	}
	_, err := s.newPassword(c, in.Password, func(tx ledger.Tx) (ledger.Account, error) {
		a, err := held(tx, c.who.Name)
		if err == nil && a.Password != c.who.Password {
			err = ledger.ErrConflict // changed since the old one was proved
		}
		return a, err
	})
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "password changed", "account", c.who.Name)
	return ok(struct{}{})
}

// prove lets nobody on who does not know the caller's password, and nobody who
// guesses.
func (s *Station) prove(c call, password string) error {
	var late *access.Throttled
	if err := s.throttle.Try(c.who.Name, c.who.Name); errors.As(err, &late) {
		p := protocol.NewProblem(http.StatusTooManyRequests, "too-many-tries", "wait a while before the next try")
		p.RetryAfter = int(late.After.Seconds()) + 1
		return p
	}
	right, err := s.Passwords.Verify(c.Context(), c.who.Password, password)
	if err != nil {
		return fmt.Errorf("prove the password of %s: %w", c.who.Name, err)
	}
	if !right {
		return protocol.NewProblem(http.StatusForbidden, "wrong-password", "that is not your present password")
	}
	s.throttle.Clear(c.who.Name)
	return nil
}

func weakPassword() error {
	return protocol.NewProblem(http.StatusUnprocessableEntity, "weak-password", "a password has at least %d characters", access.MinPassword)
}
