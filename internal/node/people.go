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

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
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

// settle makes the accounts of a first start and returns those made now, with
// their passwords. An account that is there already stays as it is.
func settle(ctx context.Context, s ledgerStore, passwords *access.Passwords, people []ledger.Account) ([]Person, error) {
	var fresh []Person
	for _, a := range people {
		made, err := settleOne(ctx, s, passwords, a)
		if err != nil {
			return nil, fmt.Errorf("make the account %s: %w", a.Name, err)
		}
		if made.Password != "" {
			fresh = append(fresh, made)
		}
	}
	return fresh, nil
}

func settleOne(ctx context.Context, s ledgerStore, passwords *access.Passwords, a ledger.Account) (Person, error) {
	p := Person{Name: a.Name, FullName: a.FullName, Title: demoTitle(a.Name)}
	err := s.View(ctx, func(v ledger.View) error {
		_, err := v.Account(a.Name)
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		return p, err
	}
	password, err := access.NewPassword(rand.Reader)
	if err != nil {
		return p, err
	}
	if a.Password, err = passwords.Hash(password); err != nil {
		return p, err
	}
	err = s.Update(ctx, func(tx ledger.Tx) error {
		a.At = tx.Now()
		return tx.PutAccount(a)
	})
	p.Password = password
	return p, err
}

// anybody reports whether there is an account at all.
func anybody(ctx context.Context, s ledgerStore) (found bool, err error) {
	err = s.View(ctx, func(v ledger.View) error {
		all, err := v.Accounts()
		found = len(all) > 0
		return err
	})
	return found, err
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
	known = append(known, fresh...)
	if raw, err = json.MarshalIndent(known, "", "  "); err != nil {
		return nil, fmt.Errorf("write down the demo's people: %w", err)
	}
	return known, writePrivate(path, raw)
}
