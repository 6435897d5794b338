package trigger

import (
	_ "embed"
	"net/http"

	"peyk/internal/backoffice/access"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

//go:embed openapi.yaml
var openAPI []byte

// policy says who may call a route. One without a policy lets nobody in.
type policy string

const (
	public    policy = "public"    // anybody, without a token
	member    policy = "member"    // every account that is still here
	requester policy = "requester" // who may ask for reports
	admin     policy = "admin"     // who keeps the accounts
	keeper    policy = "keeper"    // an admin, and no program of theirs
	person    policy = "person"    // every account, but no program of theirs
	operator  policy = "operator"  // who looks after the whole
	inScope   policy = "in scope"  // every account; the ledger finds the request only for whom may see it
)

// route is one line of the table that is the whole API.
type route struct {
	pattern string
	policy  policy
	serve   func(http.ResponseWriter, call) error
}

func (s *Station) table() []route {
	return []route{
		{"POST /api/v1/requests", requester, asJSON(s.submit)},
		{"POST /api/v1/requests/check", requester, asJSON(s.check)},
		{"GET /api/v1/requests", member, asJSON(s.list)},
		{"GET /api/v1/requests/{guid}", inScope, asJSON(s.status)},
		{"POST /api/v1/requests/{guid}/approve", inScope, asJSON(s.approve)},
		{"POST /api/v1/requests/{guid}/decline", inScope, asJSON(s.decline)},
		{"POST /api/v1/requests/{guid}/cancel", inScope, asJSON(s.cancel)},
		{"POST /api/v1/requests/{guid}/redrive", inScope, asJSON(s.redrive)},
		{"POST /api/v1/requests/{guid}/letters", inScope, asJSON(s.letters)},
		{"POST /api/v1/requests/{guid}/resolve", inScope, asJSON(s.resolveTask)},
		{"POST /api/v1/requests/{guid}/seen", inScope, asJSON(s.seen)},
		{"GET /api/v1/requests/{guid}/files/{name}", inScope, s.download},
		{"POST /api/v1/requests/{guid}/files/{name}", inScope, s.collect},
		{"POST /api/v1/notices/seen", member, asJSON(s.seenUpTo)},
		{"GET /api/v1/catalog", member, asJSON(s.catalog)},
		{"GET /api/v1/accounts", admin, asJSON(s.accounts)},
		{"POST /api/v1/accounts", keeper, asJSON(s.addAccount)},
		{"POST /api/v1/accounts/{name}/password", person, asJSON(s.setPassword)},
		{"POST /api/v1/accounts/{name}/leave", keeper, asJSON(s.leave)},
		{"GET /api/v1/me", member, asJSON(s.showProfile)},
		{"POST /api/v1/me", person, asJSON(s.setProfile)},
		{"POST /api/v1/me/password", person, asJSON(s.changePassword)},
		{"GET /api/v1/me/tokens", member, asJSON(s.listTokens)},
		{"POST /api/v1/me/tokens", person, asJSON(s.makeToken)},
		{"POST /api/v1/me/tokens/{id}/revoke", person, asJSON(s.revokeToken)},
		{"POST /api/v1/parked/{id}/resolve", operator, asJSON(s.resolveParked)},
		{"GET /api/v1/openapi.yaml", public, contract},
		{"/", public, noSuchPath},
	}
}

func (s *Station) routes() {
	for _, rt := range s.table() {
		s.mux.HandleFunc(rt.pattern, s.admit(rt))
	}
}

// admit is the one place where a call is authenticated, let in, and refused.
func (s *Station) admit(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = telemetry.Serving(r, string(report.Trigger))
		c := call{Request: r}
		var err error
		if rt.policy != public {
			c, err = s.authenticate(r)
		}
		if err == nil {
			err = findable(r)
		}
		if err == nil {
			err = withinScope(c)
		}
		if err == nil {
			err = rt.policy.check(c)
		}
		if err == nil {
			err = rt.serve(w, c)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	}
}

// withinScope lets a token that reads do nothing else, on whatever route.
func withinScope(c call) error {
	if c.token.Scope != access.ScopeRead || c.Method == http.MethodGet || c.Method == http.MethodHead {
		return nil
	}
	return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "the token only reads")
}

func (p policy) check(c call) error {
	why := "this has no policy yet"
	switch p {
	case public, member, inScope:
		return nil
	case requester:
		if access.MayRequest(c.who) {
			return nil
		}
		why = "your account may not ask for reports"
	case operator:
		if access.MayOperate(c.who) {
			return nil
		}
		why = "only an operator looks after the whole"
	case admin, keeper:
		if c.who.Is(access.Admin) && (p == admin || !access.Personal(c.token)) {
			return nil
		}
		why = "only an admin keeps the accounts, and no token of theirs"
	case person:
		if !access.Personal(c.token) {
			return nil
		}
		why = "a token makes no tokens and changes no password and no profile"
	}
	return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "%s", why)
}

// asJSON writes what h answers.
func asJSON(h func(call) (answer, error)) func(http.ResponseWriter, call) error {
	return func(w http.ResponseWriter, c call) error {
		a, err := h(c)
		if err != nil {
			return err
		}
		if a.location != "" {
			w.Header().Set("Location", a.location)
		}
		protocol.WriteJSON(w, a.status, a.body)
		return nil
	}
}

func contract(w http.ResponseWriter, _ call) error {
	w.Header().Set("Content-Type", "application/yaml") // RFC 9512
	_, _ = w.Write(openAPI)                            // the reader is gone: nobody is left to tell
	return nil
}

func noSuchPath(_ http.ResponseWriter, c call) error {
	return protocol.NewProblem(http.StatusNotFound, protocol.CodeNotFound, "there is no %s", c.URL.Path)
}
