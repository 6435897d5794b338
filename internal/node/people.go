package node

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
)

// Person is somebody made at the first start, with the password that is shown
// once.
type Person struct {
	Name     string `json:"name"`
	FullName string `json:"full_name"`
	Title    string `json:"title"` // what they do, for the sign-in page of the demo
	Password string `json:"password"`
}

// ledgerStore is what the first start needs of the ledger.
type ledgerStore interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
	View(ctx context.Context, fn func(ledger.View) error) error
}

// The demo's people: one asks, one approves, one looks after it all.
func demoPeople() []ledger.Account {
	person := func(name, full string, roles ...string) ledger.Account {
		return ledger.Account{
			Name: name, FullName: full, Email: name + "@kule.example",
			Roles: roles, Locale: "tr", TimeZone: "Europe/Istanbul",
		}
	}
	return []ledger.Account{
		person("derya", "Derya Aksoy", access.Requester),
		person("murat", "Murat Yıldız", access.Requester, access.Approver),
		person("cagri", "Çağrı Demir", access.Operator, access.Admin),
	}
}

func demoTitle(name string) string {
	switch name {
	case "derya":
		return "Genel Müdür – rapor ister"
	case "murat":
		return "Finans – onaylar"
	}
	return "Operatör ve yönetici"
}

// firstAdmin is who can make all others, where there is no demo.
func firstAdmin() ledger.Account {
	return ledger.Account{
		Name: "admin", FullName: "Peyk Admin", Email: "admin@localhost.localdomain",
		Roles: []string{access.Requester, access.Operator, access.Admin}, Locale: "en", TimeZone: "UTC",
	}
}

// settleDemo makes the demo's people at the first start. Their passwords are
// noted before the accounts are made: a note without an account is harmless.
func settleDemo(ctx context.Context, dir string, s ledgerStore, passwords *access.Passwords) (fresh, all []Person, err error) {
	var missing []ledger.Account
	for _, a := range demoPeople() {
		found, err := known(ctx, s, a.Name)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			missing = append(missing, a)
		}
	}
	if fresh, err = draw(missing); err != nil {
		return nil, nil, err
	}
	if all, err = demoNotes(dir, fresh); err != nil {
		return nil, nil, err
	}
	return fresh, all, enrol(ctx, s, passwords, missing, fresh)
}

// settleAdmin makes the first admin where there is nobody at all, and finds who
// keeps the accounts.
func settleAdmin(ctx context.Context, s ledgerStore, passwords *access.Passwords) (fresh []Person, admin string, err error) {
	var everybody []ledger.Account
	err = s.View(ctx, func(v ledger.View) (err error) {
		everybody, err = v.Accounts()
		return err
	})
	if err != nil {
		return nil, "", err
	}
	for _, a := range everybody {
		if a.Is(access.Admin) {
			return nil, a.Name, nil
		}
	}
	first := []ledger.Account{firstAdmin()}
	if fresh, err = draw(first); err != nil {
		return nil, "", err
	}
	return fresh, first[0].Name, enrol(ctx, s, passwords, first, fresh)
}

// draw gives each a random password.
func draw(accounts []ledger.Account) (people []Person, err error) {
	for _, a := range accounts {
		password, err := access.NewPassword(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("make a password for %s: %w", a.Name, err)
		}
		people = append(people, Person{Name: a.Name, FullName: a.FullName, Title: demoTitle(a.Name), Password: password})
	}
	return people, nil
}

// enrol puts accounts with their drawn passwords into the ledger.
func enrol(ctx context.Context, s ledgerStore, passwords *access.Passwords, accounts []ledger.Account, people []Person) error {
	for i := range accounts {
		hash, err := passwords.Hash(people[i].Password)
		if err != nil {
			return fmt.Errorf("make the account %s: %w", accounts[i].Name, err)
		}
		accounts[i].Password = hash
	}
	err := s.Update(ctx, func(tx ledger.Tx) error {
		for _, a := range accounts {
			a.At = tx.Now()
			if err := tx.PutAccount(a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("make the accounts of a first start: %w", err)
	}
	return nil
}

func known(ctx context.Context, s ledgerStore, name string) (bool, error) {
	err := s.View(ctx, func(v ledger.View) error {
		_, err := v.Account(name)
		return err
	})
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// demoNotes keeps the demo's passwords for the sign-in page. They lie beside
// the ledger, readable by the owner only; without --demo nobody reads them.
func demoNotes(dir string, fresh []Person) ([]Person, error) {
	path := filepath.Join(dir, "demo-people.json")
	var known []Person
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the demo's people: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(raw, &known); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	if len(fresh) == 0 {
		return known, nil
	}
	for _, f := range fresh { // a note without an account is replaced
		known = slices.DeleteFunc(known, func(p Person) bool { return p.Name == f.Name })
		known = append(known, f)
	}
	if raw, err = json.MarshalIndent(known, "", "  "); err != nil {
		return nil, fmt.Errorf("write down the demo's people: %w", err)
	}
	return known, writePrivate(path, raw)
}

// mailHost is the right side of our Message-IDs.
func mailHost(from mail.Person) string {
	for i := len(from.Address) - 1; i >= 0; i-- {
		if from.Address[i] == '@' {
			return from.Address[i+1:]
		}
	}
	return "localhost"
}
