package trigger_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

// aBody is a body each call accepts, so that only the right to call decides.
func aBody(pattern, guid string) string {
	switch {
	case strings.HasPrefix(pattern, "GET "), strings.Contains(pattern, "/files/"), strings.HasSuffix(pattern, "/seen"):
		return ""
	case strings.HasSuffix(pattern, "/redrive"):
		return `{"version":1}`
	case strings.HasSuffix(pattern, "/{guid}/resolve"):
		return `{"version":1,"kind":"EMAIL","reason":"x"}`
	case strings.HasSuffix(pattern, "/letters"):
		return `{"to":[]}`
	case strings.HasSuffix(pattern, "/requests"), strings.HasSuffix(pattern, "/check"):
		return form(guid, "top-games.v1")
	case strings.HasSuffix(pattern, "/accounts"):
		return `{"name":"ece","email":"ece@example.com","roles":["requester"],"locale":"tr","time_zone":"UTC"}`
	case strings.HasSuffix(pattern, "/v1/me"):
		return `{"locale":"en","time_zone":"UTC"}`
	case strings.HasSuffix(pattern, "/me/password"):
		return `{"old":"` + oldPassword + `","password":"another long sentence"}`
	case strings.HasSuffix(pattern, "/me/tokens"):
		return `{"label":"x","scope":"read"}`
	case strings.HasSuffix(pattern, "/revoke"):
		return ""
	case strings.HasSuffix(pattern, "/password"):
		return "{}"
	}
	return `{"reason":"x"}`
}

// allowed is the policy table as a person would say it, apart from the code's.
var allowed = map[string][]string{
	"public":    {"", access.Requester, access.Approver, access.Author, access.Operator, access.Admin},
	"member":    {access.Requester, access.Approver, access.Author, access.Operator, access.Admin},
	"in scope":  nil, // the request itself decides: TestForeignIsUnknown
	"requester": {access.Requester},
	"admin":     {access.Admin},
	"keeper":    {access.Admin},
	"person":    {access.Requester, access.Approver, access.Author, access.Operator, access.Admin},
	"operator":  {access.Operator, access.Admin},
}

// Every route says who may call it, and holds to it.
func TestEveryRouteHasItsPolicy(t *testing.T) {
	t.Parallel()
	for _, rt := range newWorld(t).station.Routes() {
		pattern, policy := rt[0], rt[1]
		who, known := allowed[policy]
		if !known {
			t.Errorf("%s has the policy %q", pattern, policy)
			continue
		}
		if strings.Contains(pattern, "{guid}") != (policy == "in scope") {
			t.Errorf("%s has the policy %q", pattern, policy)
		}
		method, path, found := strings.Cut(pattern, " /api/v1")
		if !found {
			continue // the rest of the world: nothing is there
		}
		w := newWorld(t)
		for _, role := range append([]string{""}, access.Roles()...) {
			w.enlist(role)
			path := strings.NewReplacer("{guid}", w.ask("top-games.v1"), "{name}", cmp.Or(role, "nobody")).Replace(path)
			got := w.call(role, method, path, aBody(pattern, w.guid())).Code
			if policy == "in scope" && role != "" {
				continue
			}
			if refused := got == 401 || got == 403; refused == slices.Contains(who, role) {
				t.Errorf("%s (%s) answers %d to %q", pattern, policy, got, role)
			}
		}
	}
}

// enlist makes an account, called as its only role, that has nothing to do with
// any request.
func (w *world) enlist(role string) {
	w.tb.Helper()
	if role == "" {
		return
	}
	w.write(func(tx ledger.Tx) error {
		a := ledger.Account{Name: role, Email: role + "@example.com", Roles: []string{role}, Locale: "tr", TimeZone: "UTC", Password: w.hash}
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		return tx.PutToken(ledger.Token{Hash: access.Digest(role), Account: role, Scope: access.ScopeCLI})
	})
}

// Whoever may not see a request cannot tell it from one that does not exist, on
// whatever route there is.
func TestForeignIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, unknown := w.ask("top-games.v1"), w.guid()
	strangers := []string{access.Requester, access.Approver, access.Author}
	for _, role := range strangers {
		w.enlist(role)
	}
	routes := 0
	for _, rt := range w.station.Routes() {
		method, path, _ := strings.Cut(rt[0], " /api/v1")
		if !strings.Contains(path, "{guid}") {
			continue
		}
		routes++
		for _, who := range strangers {
			at := func(guid string) string { return strings.NewReplacer("{guid}", guid, "{name}", "a.pdf").Replace(path) }
			one := w.want(404, "report-unknown", who, method, at(foreign), aBody(rt[0], ""))
			two := w.want(404, "report-unknown", who, method, at(unknown), aBody(rt[0], ""))
			if one.Body.String() != two.Body.String() {
				t.Errorf("%s tells them apart:\n%s\n%s", rt[0], one.Body, two.Body)
			}
		}
	}
	if routes == 0 {
		t.Error("no route names a request")
	}
}
