package web

import (
	"fmt"
	"net/http"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/asset"
	"peyk/internal/report"
)

// policy says who may use a route. A route about a request first finds it in
// the person's scope: what is not there is 404, what may not be done is 403.
type policy struct {
	name    string
	open    bool                                                           // for whoever comes
	account func(ledger.Account) bool                                      // nil: every signed-in person
	request func(ledger.Account, *report.Request, []ledger.Recipient) bool // nil: not about a request
}

// The policies, each by a rule of package access.
func anyone() policy   { return policy{name: "anyone", open: true} }
func signedIn() policy { return policy{name: "signed in"} }
func mayRequest() policy {
	return policy{name: "may request", account: access.MayRequest}
}
func mayApprove() policy {
	return policy{name: "may approve", account: func(a ledger.Account) bool { return a.Is(access.Approver) }}
}
func mayOperate() policy {
	return policy{name: "may operate", account: access.MayOperate}
}

func maySee() policy {
	return policy{name: "may see", request: func(ledger.Account, *report.Request, []ledger.Recipient) bool { return true }}
}
func mayDownload() policy { return policy{name: "may download", request: access.MayDownload} }
func mayDecide() policy {
	return policy{name: "may decide", request: func(a ledger.Account, r *report.Request, _ []ledger.Recipient) bool {
		return access.MayDecide(a, r)
	}}
}
func mayCancel() policy {
	return policy{name: "may cancel", request: func(a ledger.Account, r *report.Request, _ []ledger.Recipient) bool {
		return access.MayCancel(a, r)
	}}
}
func maySendAgain() policy {
	return policy{name: "may send again", request: func(a ledger.Account, r *report.Request, people []ledger.Recipient) bool {
		return len(access.MaySendAgain(a, r, people)) > 0
	}}
}
func mayRedrive() policy {
	return policy{name: "may redrive", request: func(a ledger.Account, _ *report.Request, _ []ledger.Recipient) bool {
		return access.MayRedrive(a)
	}}
}

// route is one address, who may use it, and what it does.
type route struct {
	pattern string
	policy  policy
	handle  func(*Station, *visit) (answer, error)
}

func routes() []route {
	return []route{
		{"GET /signin", anyone(), (*Station).showSignIn},
		{"POST /signin", anyone(), (*Station).signIn},
		{"POST /signout", signedIn(), (*Station).signOut},
		{"GET /{$}", signedIn(), (*Station).home},
		{"GET /new", mayRequest(), (*Station).showCatalog},
		{"GET /new/{type}", mayRequest(), (*Station).showForm},
		{"POST /new/{type}", mayRequest(), (*Station).submit},
		{"POST /new/{type}/words", mayRequest(), (*Station).sayRequest},
		{"GET /reports", signedIn(), (*Station).showReports},
		{"GET /approvals", mayApprove(), (*Station).showApprovals},
		{"GET /approvals/past", mayApprove(), (*Station).showDecisions},
		{"GET /operations", mayOperate(), (*Station).showOperations},
		{"GET /operations/parked/{id}", mayOperate(), (*Station).showParked},
		{"POST /operations/parked/{id}", mayOperate(), (*Station).resolveParked},
		{"GET /bell", signedIn(), (*Station).showBell},
		{"POST /bell/seen", signedIn(), (*Station).seenAll},
		{"GET /events", signedIn(), (*Station).events},
		{"GET /profile", signedIn(), (*Station).showProfile},
		{"POST /profile", signedIn(), (*Station).saveProfile},
		{"POST /profile/password", signedIn(), (*Station).changePassword},
		{"POST /profile/sessions", signedIn(), (*Station).endOthers},
		{"POST /profile/sessions/{id}", signedIn(), (*Station).endOne},
		{"POST /profile/tokens", signedIn(), (*Station).makeToken},
		{"POST /profile/tokens/{id}", signedIn(), (*Station).revokeToken},
		{"GET /r/{guid}", maySee(), (*Station).showReport},
		{"POST /r/{guid}/letters", maySendAgain(), (*Station).letters},
		{"POST /r/{guid}/seen", maySee(), (*Station).seen},
		{"POST /r/{guid}/approve", mayDecide(), (*Station).approve},
		{"POST /r/{guid}/decline", mayDecide(), (*Station).decline},
		{"GET /r/{guid}/cancel", mayCancel(), (*Station).askCancel},
		{"POST /r/{guid}/cancel", mayCancel(), (*Station).cancel},
		{"GET /r/{guid}/redrive", mayRedrive(), (*Station).inspect},
		{"POST /r/{guid}/resolve", mayRedrive(), (*Station).resolve},
		{"POST /r/{guid}/redrive", mayRedrive(), (*Station).redrive},
		{"GET /r/{guid}/files/{name}", mayDownload(), (*Station).download},
		{"POST /r/{guid}/files/{name}", mayDownload(), (*Station).collect},
		{"/", anyone(), (*Station).nowhere},
	}
}

// route builds the handler from the table.
func (s *Station) route() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.pattern, s.adapt(r))
	}
	mux.Handle("GET "+asset.Prefix, s.assets)
	guard := http.NewCrossOriginProtection()
	if u := s.cfg.PublicURL; u != nil {
		// Behind a proxy that rewrites Host, our own forms come from here.
		if err := guard.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("trust the public address %s: %w", u, err)
		}
	}
	guard.SetDenyHandler(s.adapt(route{policy: anyone(), handle: (*Station).crossOrigin}))
	return s.headers(guard.Handler(mux)), nil
}

// headers sets what holds for every answer (OWASP Secure Headers Project).
func (s *Station) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store") // but of what is built in
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "+
			"img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// methods that a browser's form or link uses.
func changes(method string) bool {
	return !slices.Contains([]string{http.MethodGet, http.MethodHead}, method)
}
