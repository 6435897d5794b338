package trigger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/protocol"
)

// personDoc is an account as the API shows it.
type personDoc struct {
	Name     string   `json:"name"`
	FullName string   `json:"full_name"`
	Email    string   `json:"email"`
	Roles    []string `json:"roles"`
	Locale   string   `json:"locale"`
	TimeZone string   `json:"time_zone"`
	Gone     bool     `json:"gone,omitempty"`
	Password string   `json:"password,omitempty"` // shown once, when it was made
}

func personOf(a ledger.Account) personDoc {
	return personDoc{
		Name: a.Name, FullName: a.FullName, Email: a.Email, Roles: a.Roles,
		Locale: a.Locale, TimeZone: a.TimeZone, Gone: a.Gone,
	}
}

// accounts lists everybody, for an admin.
func (s *Station) accounts(c call) (answer, error) {
	out := struct {
		Accounts []personDoc `json:"accounts"`
	}{[]personDoc{}}
	err := s.Store.View(c.Context(), func(v ledger.View) error {
		rows, err := v.Accounts()
		for _, a := range rows {
			out.Accounts = append(out.Accounts, personOf(a))
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// addAccount makes an account with a random password, shown once.
func (s *Station) addAccount(c call) (answer, error) {
	var in personDoc
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	a := ledger.Account{Name: in.Name, FullName: in.FullName, Email: in.Email, Roles: in.Roles, Locale: in.Locale, TimeZone: in.TimeZone}
	out, err := s.newPassword(c, in.Password, func(tx ledger.Tx) (ledger.Account, error) {
		if err := access.Check(a); err != nil {
			return a, badAccount(err, c.who)
		}
		_, err := tx.Account(in.Name)
		if err == nil {
			return a, protocol.NewProblem(http.StatusConflict, "account-exists", "there is somebody called %s already", in.Name)
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return a, err
		}
		a.At = tx.Now()
		return a, nil
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: out}, nil
}

// badAccount says why an account cannot be made. What is wrong with its address is
// said in the language of who makes it.
func badAccount(err error, by ledger.Account) error {
	var address *mailaddr.Error
	if !errors.As(err, &address) {
		return protocol.NewProblem(http.StatusUnprocessableEntity, "invalid-account", "%v", err)
	}
	p := protocol.NewProblem(http.StatusUnprocessableEntity, "invalid-account", "the email address %q cannot be used", address.Address)
	p.Errors = []protocol.ProblemDetail{{Pointer: "/email", Detail: address.Reason.In(by.Locale)}}
	return p
}

// setPassword gives an account a new password: its own, or by an admin.
func (s *Station) setPassword(c call) (answer, error) {
	name := c.PathValue("name")
	if name != c.who.Name {
		if err := admin.check(c); err != nil {
			return answer{}, err
		}
	}
	var in struct {
		Password string `json:"password"`
	}
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	out, err := s.newPassword(c, in.Password, func(tx ledger.Tx) (ledger.Account, error) { return held(tx, name) })
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// known finds an account for an admin, who may learn that there is none.
func known(v ledger.View, name string) (ledger.Account, error) {
	a, err := v.Account(name)
	if errors.Is(err, ledger.ErrNotFound) {
		return a, protocol.NewProblem(http.StatusNotFound, "account-unknown", "nobody here is called %s", name)
	}
	return a, err
}

// held is known for who changes the account.
func held(tx ledger.Tx, name string) (ledger.Account, error) {
	if _, err := known(tx, name); err != nil {
		return ledger.Account{}, err
	}
	return tx.LockAccount(name)
}

// signOut ends every sign-in of an account.
func signOut(tx ledger.Tx, name string) error {
	rows, err := tx.SessionsOf(name)
	for _, row := range rows {
		if err := tx.DeleteSession(row.TokenHash); err != nil {
			return err
		}
	}
	return err
}

// newPassword hashes outside the transaction, for it takes its time, writes the
// account and ends its sign-ins.
func (s *Station) newPassword(c call, password string, find func(ledger.Tx) (ledger.Account, error)) (personDoc, error) {
	shown := ""
	if password == "" {
		var err error
		if password, err = access.NewPassword(rand.Reader); err != nil {
			return personDoc{}, fmt.Errorf("make a password: %w", err)
		}
		shown = password
	}
	if len([]rune(password)) < access.MinPassword {
		return personDoc{}, weakPassword()
	}
	hash, err := s.Passwords.Hash(password)
	if err != nil {
		return personDoc{}, fmt.Errorf("hash a password: %w", err)
	}
	var out personDoc
	err = s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		a, err := find(tx)
		if err != nil {
			return err
		}
		a.Password = hash
		out = personOf(a)
		return errors.Join(tx.PutAccount(a), signOut(tx, a.Name))
	})
	out.Password = shown
	return out, err
}

// leave marks an account as gone: it signs in no more, decides no more and
// receives no more.
func (s *Station) leave(c call) (answer, error) {
	var out personDoc
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		a, err := held(tx, c.PathValue("name"))
		if err != nil {
			return err
		}
		a.Gone = true
		out = personOf(a)
		return errors.Join(tx.PutAccount(a), signOut(tx, a.Name), revokeAll(tx, a.Name))
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}
