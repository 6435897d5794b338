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
)

// Person is somebody made at the first start, with the password that is shown
// once.
type Person struct {
	Name     string `json:"name"`
	FullName string `json:"full_name"`
	Title    string `json:"title"` // what they do, for the sign-in page of the demo
	Password string `json:"password"`
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

// newcomer is somebody a first start makes an account for.
type newcomer struct {
	account ledger.Account
	person  Person
}

// settlePeople makes the accounts of a first start and lets the programs in.
func (co *Company) settlePeople(ctx context.Context) error {
	newcomers, err := co.newcomers(ctx)
	if err == nil {
		err = co.ledger.Update(ctx, func(tx ledger.Tx) error { return co.enrol(tx, newcomers) })
	}
	if err != nil {
		return fmt.Errorf("settle the people of a first start: %w", err)
	}
	return nil
}

// newcomers are those that are missing, with passwords. Those of the demo are
// noted now: a note without an account is harmless.
func (co *Company) newcomers(ctx context.Context) (drawn []newcomer, err error) {
	var missing []ledger.Account
	err = co.ledger.View(ctx, func(v ledger.View) (err error) {
		missing, err = co.missing(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, a := range missing {
		n, err := draw(a, co.passwords)
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, n)
	}
	if co.Demo {
		co.People, err = demoNotes(co.Dir, drawn)
	}
	return drawn, err
}

// missing lists who should have an account at a first start and has none: the
// people of the demo, or, where nobody keeps the accounts, an admin.
func (co *Company) missing(v ledger.View) (accounts []ledger.Account, err error) {
	everybody, err := v.Accounts()
	if err != nil {
		return nil, err
	}
	if co.Demo {
		return slices.DeleteFunc(demoPeople(), func(wanted ledger.Account) bool {
			return slices.ContainsFunc(everybody, func(a ledger.Account) bool { return a.Name == wanted.Name })
		}), nil
	}
	if slices.ContainsFunc(everybody, isAdmin) {
		return nil, nil
	}
	return []ledger.Account{firstAdmin()}, nil
}

func isAdmin(a ledger.Account) bool { return a.Is(access.Admin) }

// draw gives somebody a random password.
func draw(a ledger.Account, passwords *access.Passwords) (newcomer, error) {
	password, err := access.NewPassword(rand.Reader)
	if err == nil {
		a.Password, err = passwords.Hash(password)
	}
	if err != nil {
		return newcomer{}, fmt.Errorf("make a password for %s: %w", a.Name, err)
	}
	return newcomer{a, Person{Name: a.Name, FullName: a.FullName, Title: demoTitle(a.Name), Password: password}}, nil
}

// enrol writes the programs' tokens and the accounts that are still missing.
// The first token comes first: another trigger that starts now waits for its
// row, and then finds our accounts.
func (co *Company) enrol(tx ledger.Tx, newcomers []newcomer) error {
	service, err := access.NewToken(co.Service, "", access.ScopeService, tx.Now())
	if err := errors.Join(err, tx.PutToken(service)); err != nil {
		return err
	}
	missing, err := co.missing(tx)
	if err != nil {
		return err
	}
	co.Fresh = nil
	for _, n := range newcomers {
		if !slices.ContainsFunc(missing, func(a ledger.Account) bool { return a.Name == n.account.Name }) {
			continue
		}
		n.account.At = tx.Now()
		if err := tx.PutAccount(n.account); err != nil {
			return err
		}
		co.Fresh = append(co.Fresh, n.person)
	}
	return co.letCommandLineIn(tx)
}

// letCommandLineIn finds whom the command line acts as: who keeps the accounts,
// and in a demo, where it may act as anybody, who asks for reports.
func (co *Company) letCommandLineIn(tx ledger.Tx) error {
	everybody, err := tx.Accounts()
	if err != nil {
		return err
	}
	scope := access.ScopeCLI
	if i := slices.IndexFunc(everybody, isAdmin); i >= 0 {
		co.Admin = everybody[i].Name
	}
	co.ActsAs = co.Admin
	if co.Demo {
		scope, co.ActsAs = access.ScopeDemo, demoPeople()[0].Name
	}
	token, err := access.NewToken(co.CLI, co.ActsAs, scope, tx.Now())
	return errors.Join(err, tx.PutToken(token))
}

// demoNotes keeps the demo's passwords for the sign-in page. They lie beside
// the ledger, readable by the owner only; without --demo nobody reads them.
func demoNotes(dir string, fresh []newcomer) ([]Person, error) {
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
		known = slices.DeleteFunc(known, func(p Person) bool { return p.Name == f.person.Name })
		known = append(known, f.person)
	}
	if raw, err = json.MarshalIndent(known, "", "  "); err != nil {
		return nil, fmt.Errorf("write down the demo's people: %w", err)
	}
	return known, writePrivate(path, raw)
}
