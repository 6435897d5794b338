package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peyk/internal/backoffice/web"
)

func TestEveryRouteHasAPolicy(t *testing.T) {
	t.Parallel()
	open := map[string]bool{"GET /signin": true, "POST /signin": true, "/": true}
	for pattern, policy := range web.Patterns() {
		if policy == "" {
			t.Errorf("%s has no policy", pattern)
		}
		if (policy == "anyone") != open[pattern] {
			t.Errorf("%s is for %s: whoever comes may use only %v", pattern, policy, open)
		}
		if strings.Contains(pattern, "{guid}") && !strings.HasPrefix(policy, "may ") {
			t.Errorf("%s is about a request, yet its policy is %q", pattern, policy)
		}
	}
}

// aboutOne lists the routes about a request, filled in.
func aboutOne(guid string) map[string]string {
	out := map[string]string{}
	for pattern := range web.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if found && strings.Contains(path, "{guid}") {
			out[pattern] = method + " " + strings.NewReplacer("{guid}", guid, "{name}", "top-games.pdf").Replace(path)
		}
	}
	return out
}

// Somebody else's report answers as one that does not exist: on every route,
// for every role that may not see it, byte for byte.
func TestForeignReportIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := []string{
		w.asked("derya", "none", delivered()...).GUID,
		w.asked("derya", "none").GUID,
		w.asked("derya", "none", failed()...).GUID,
	}
	for _, who := range []string{"emre", "ali", "selin", "murat"} {
		b := w.as(who)
		unknown := aboutOne(uuid.Must(uuid.NewV7()).String())
		for _, guid := range foreign {
			for pattern, call := range aboutOne(guid) {
				got, want := b.call(call), b.call(unknown[pattern])
				if got.status != http.StatusNotFound || got.body != want.body {
					t.Errorf("%s, %s: %d, an unknown one %d; the pages are equal: %v", who, pattern, got.status, want.status, got.body == want.body)
				}
			}
		}
	}
	if calls := w.trigger.seen(); len(calls) > 0 {
		t.Errorf("the trigger was asked for somebody else's report: %+v", calls)
	}
}

// Who sees a request may still not do everything with it.
func TestWhatWhoSeesMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting := w.asked("derya", "approver").GUID
	here := w.asked("derya", "none", delivered()...).GUID
	allowed := map[string]string{ // route → who may, of those who see it
		"GET /r/{guid}":               "derya murat selin cagri kok",
		"POST /r/{guid}/seen":         "derya murat selin cagri kok",
		"POST /r/{guid}/letters":      "derya",
		"POST /r/{guid}/decline":      "murat selin",
		"GET /r/{guid}/cancel":        "derya cagri kok",
		"POST /r/{guid}/cancel":       "derya cagri kok",
		"POST /r/{guid}/redrive":      "cagri kok",
		"GET /r/{guid}/redrive":       "cagri kok",
		"POST /r/{guid}/resolve":      "cagri kok",
		"POST /r/{guid}/approve":      "murat selin",
		"GET /r/{guid}/files/{name}":  "derya",
		"POST /r/{guid}/files/{name}": "derya",
	}
	for _, who := range []string{"derya", "murat", "selin", "cagri", "kok"} {
		b := w.as(who)
		for pattern, call := range aboutOne(waiting) {
			if strings.Contains(pattern, "files") {
				if who == "murat" || who == "selin" {
					continue // they do not see a report that needed no approval
				}
				call = aboutOne(here)[pattern]
			}
			w.trigger.down(true) // so that nothing changes from one try to the next
			got := b.call(call)
			w.trigger.down(false)
			may := strings.Contains(" "+allowed[pattern]+" ", " "+who+" ")
			if refused := got.status == http.StatusForbidden; refused == may {
				t.Errorf("%s, %s: %d, may %v", who, pattern, got.status, may)
			}
		}
	}
}

func TestPagesByRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	browsers := map[string]*browser{}
	for _, name := range strings.Fields("derya murat selin emre ali cagri kok") {
		browsers[name] = w.as(name)
	}
	for path, who := range map[string]string{
		"/new": "derya murat emre", "/new/churn.v2": "derya murat emre", "/reports": "derya murat selin emre ali cagri kok",
		"/approvals": "murat selin", "/operations": "cagri kok", "/bell": "derya murat selin emre ali cagri kok",
	} {
		for name, b := range browsers {
			want := http.StatusForbidden
			if strings.Contains(" "+who+" ", " "+name+" ") {
				want = http.StatusOK
			}
			if got := b.get(path); got.status != want {
				t.Errorf("%s reads %s: %d, want %d", name, path, got.status, want)
			}
		}
	}
}

// The menu shows what the person may do, and nothing else.
func TestMenuShowsWhatOneMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for who, want := range map[string]string{
		"derya": "/new /reports", "murat": "/new /reports /approvals", "cagri": "/reports /operations", "ali": "/reports",
	} {
		var got []string
		for _, a := range all(w.as(who).get("/reports").page(), el("a", "class", "item")) {
			got = append(got, value(a, "href"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s sees %v, want %s", who, got, want)
		}
	}
}

// Everybody's letters lie in the built-in mailbox: only who operates is led there.
func TestMailboxIsForWhoOperates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Mailbox = "http://127.0.0.1:8025" })
	for who, want := range map[string]bool{"derya": false, "murat": false, "cagri": true, "kok": true} {
		links := all(w.as(who).get("/reports").page(), el("a", "href", "http://127.0.0.1:8025"))
		if (len(links) > 0) != want {
			t.Errorf("%s is led to the mailbox: %v, want %v", who, len(links) > 0, want)
		}
	}
}

func TestNobodyIsSentToTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	guid := w.asked("derya", "none").GUID
	for call, next := range map[string]string{
		"GET /r/" + guid:              "/r/" + guid,
		"POST /r/" + guid + "/cancel": "/r/" + guid,
		"POST /new/churn.v2":          "/new/churn.v2",
		"GET /reports?show=ready":     "/reports?show=ready",
		"GET /operations":             "/operations",
	} {
		got := b.call(call)
		if to := got.header.Get("Location"); got.status != http.StatusSeeOther || to != "/signin?next="+url.QueryEscape(next) {
			t.Errorf("%s: %d to %q", call, got.status, to)
		}
	}
	if got := b.get("/events"); got.status != http.StatusUnauthorized {
		t.Errorf("the stream answers %d to nobody", got.status)
	}
}

// call sends "METHOD /path".
func (b *browser) call(call string) reply {
	b.w.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	if method == http.MethodPost {
		return b.post(path, url.Values{"reason": {"because"}, "version": {"1"}})
	}
	return b.get(path)
}
