package node

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"peyk/internal/strictyaml"
)

// Role is a part that can be a process of its own.
type Role string

// The roles: the company's stations, what the company may need beside them, and
// the other company's.
const (
	Web     Role = "web"
	Trigger Role = "trigger"
	Gateway Role = "gateway"
	Reader  Role = "reader"
	Trace   Role = "trace"

	Queue   Role = "queue"   // a NATS server
	Mailbox Role = "mailbox" // a mail server with a page to read it

	App   Role = "app"   // reporting app
	Files Role = "files" // reporting files
)

// Stations are the company's, in the order of the journey.
func Stations() []Role { return []Role{Web, Trigger, Gateway, Reader, Trace} }

// AllRoles are those `peyk serve` knows.
func AllRoles() []Role { return append(Stations(), Queue, Mailbox, App, Files) }

// ParseRoles reads roles; none means the company's stations. Those of two
// companies never share a process.
func ParseRoles(names []string) (roles []Role, err error) {
	if len(names) == 0 {
		return Stations(), nil
	}
	all := AllRoles()
	for _, name := range names {
		r := Role(name)
		if !slices.Contains(all, r) {
			return nil, fmt.Errorf("there is no role %q; %s", name, strictyaml.DidYouMean(name, strs(all)))
		}
		if !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	ours := func(r Role) bool { return r != App && r != Files }
	if slices.ContainsFunc(roles, ours) && !allOf(roles, ours) {
		return nil, errors.New("app and files belong to another company than the rest: run them as processes of their own")
	}
	return roles, nil
}

func allOf(roles []Role, is func(Role) bool) bool {
	return !slices.ContainsFunc(roles, func(r Role) bool { return !is(r) })
}

// only keeps those of the roles that are among others.
func only(roles, others []Role) (kept []Role) {
	for _, r := range roles {
		if slices.Contains(others, r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func strs(roles []Role) (names []string) {
	for _, r := range roles {
		names = append(names, string(r))
	}
	return names
}

// nameOf is how a process with these roles is called.
func nameOf(roles []Role) string { return strings.Join(strs(roles), "+") }
