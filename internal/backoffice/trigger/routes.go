package trigger

import (
	_ "embed"
	"net/http"

	"peyk/internal/backoffice/access"
	"peyk/internal/protocol"
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
		{"GET /api/v1/requests", member, asJSON(s.list)},
		{"GET /api/v1/requests/{guid}", inScope, asJSON(s.status)},
		{"POST /api/v1/requests/{guid}/approve", inScope, asJSON(s.approve)},
		{"POST /api/v1/requests/{guid}/decline", inScope, asJSON(s.decline)},
		{"POST /api/v1/requests/{guid}/cancel", inScope, asJSON(s.cancel)},
		{"POST /api/v1/requests/{guid}/redrive", inScope, asJSON(s.redrive)},
		{"POST /api/v1/requests/{guid}/resolve", inScope, asJSON(s.resolveTask)},
		{"POST /api/v1/requests/{guid}/seen", inScope, asJSON(s.seen)},
		{"GET /api/v1/requests/{guid}/files/{name}", inScope, s.download},
		{"POST /api/v1/requests/{guid}/files/{name}", inScope, s.collect},
		{"GET /api/v1/catalog", member, asJSON(s.catalog)},
		{"GET /api/v1/accounts", admin, asJSON(s.accounts)},
		{"POST /api/v1/accounts", admin, asJSON(s.addAccount)},
		{"POST /api/v1/accounts/{name}/password", member, asJSON(s.setPassword)},
		{"POST /api/v1/accounts/{name}/leave", admin, asJSON(s.leave)},
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
		c := call{Request: r}
		var err error
		if rt.policy != public {
			c, err = s.authenticate(r)
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
	case admin:
		if c.who.Is(access.Admin) {
			return nil
		}
		why = "only an admin keeps the accounts"
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
