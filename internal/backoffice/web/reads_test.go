package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
	"peyk/internal/report"
)

// lists records which lists the pages read from the ledger.
type lists struct {
	ledger.Ledger
	mu   sync.Mutex
	read []string
}

func (l *lists) View(ctx context.Context, fn func(ledger.View) error) error {
	return l.Ledger.View(ctx, func(v ledger.View) error { return fn(listed{v, l}) })
}

func (l *lists) add(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = append(l.read, name)
}

// take gives what was read since the last call.
func (l *lists) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	read := l.read
	l.read = nil
	return read
}

// listed is a view that records its lists. A page may need any of them; an act
// that succeeds and redirects needs none.
type listed struct {
	ledger.View
	to *lists
}

func (v listed) Requests(f ledger.Filter) ([]*report.Request, error) {
	v.to.add("Requests")
	return v.View.Requests(f)
}

func (v listed) Counts(f ledger.Filter) (map[report.State]int, error) {
	v.to.add("Counts")
	return v.View.Counts(f)
}

func (v listed) Approvals(guid string) ([]ledger.Approval, error) {
	v.to.add("Approvals")
	return v.View.Approvals(guid)
}

func (v listed) Journal(guid string) ([]report.Entry, error) {
	v.to.add("Journal")
	return v.View.Journal(guid)
}

func (v listed) Mails(guid string) ([]ledger.Mail, error) {
	v.to.add("Mails")
	return v.View.Mails(guid)
}

func (v listed) Tasks(guid string) ([]ledger.Task, error) {
	v.to.add("Tasks")
	return v.View.Tasks(guid)
}

func (v listed) Inbox(account string, before int64, limit int) ([]ledger.Notice, error) {
	v.to.add("Inbox")
	return v.View.Inbox(account, before, limit)
}

func (v listed) Inboxes(accounts ...string) ([]ledger.Inbox, error) {
	v.to.add("Inboxes")
	return v.View.Inboxes(accounts...)
}

func (v listed) Notices(account string, after int64, limit int) ([]ledger.Notice, error) {
	v.to.add("Notices")
	return v.View.Notices(account, after, limit)
}

func (v listed) Unseen(account string, limit int) ([]ledger.Notice, error) {
	v.to.add("Unseen")
	return v.View.Unseen(account, limit)
}

// TestActsReadNoLists sends each form that acts through the trigger. One that
// succeeds answers with a redirect, so it reads no list that only a page shows.
func TestActsReadNoLists(t *testing.T) {
	t.Parallel()
	spy := &lists{}
	w := newWorld(t, func(c *web.Config) {
		spy.Ledger = c.Ledger
		c.Ledger = spy
	})
	for range 3 {
		w.asked("derya", "none", delivered()...)
	}
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: "gateway", Subject: "x", Raw: []byte("x"), Cause: "x", At: tx.Now()})
	})
	derya, murat, cagri := w.as("derya"), w.as("murat"), w.as("cagri")
	games, churn := derya.draw("/new/top-games.v1"), murat.draw("/new/churn.v2")
	reason := url.Values{"reason": {"wrong period"}, "kind": {"EMAIL"}, "back": {"/reports"}}
	acts := []struct {
		who    *browser
		path   string
		fields url.Values
	}{
		{derya, "/new/top-games.v1", games},
		{murat, "/new/churn.v2", churn}, // of a type that needs approval
		{murat, "/r/" + w.asked("derya", "approver").GUID + "/approve", nil},
		{murat, "/r/" + w.asked("derya", "approver").GUID + "/decline", reason},
		{derya, "/r/" + w.asked("derya", "none").GUID + "/cancel", reason},
		{cagri, "/r/" + w.asked("derya", "none", failed()...).GUID + "/redrive", nil},
		{derya, "/r/" + w.asked("derya", "none", delivered()...).GUID + "/seen", nil},
		{derya, "/bell/seen", url.Values{"up_to": {"1"}}},
		{derya, "/profile", url.Values{"locale": {"tr"}, "time_zone": {"Europe/Istanbul"}}},
		{cagri, "/operations/parked/1", reason},
	}
	for _, act := range acts {
		spy.take()
		res := act.who.post(act.path, act.fields)
		read := spy.take()
		if res.status != http.StatusSeeOther {
			t.Errorf("POST %s: status %d, want a redirect; it read %v\n%s", act.path, res.status, read, res.body)
			continue
		}
		if len(read) > 0 {
			t.Errorf("POST %s read %s before it redirected", act.path, strings.Join(read, ", "))
		}
	}
}

// TestARefusedFormIsShownWithTheCatalog checks that a refused form is answered
// with the whole page, the list of the person's usual types in it.
func TestARefusedFormIsShownWithTheCatalog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		w.asked("derya", "none", delivered()...)
	}
	b := w.as("derya")
	fields := b.draw("/new/top-games.v1")
	fields.Set("p.count", "many")
	want := len(all(b.get("/new/top-games.v1").page(), el("a", "href", "/new/top-games.v1")))
	res := b.post("/new/top-games.v1", fields)
	got := len(all(res.page(), el("a", "href", "/new/top-games.v1")))
	if res.status != http.StatusUnprocessableEntity || got != want {
		t.Errorf("status %d with %d links to the type, want 422 with %d", res.status, got, want)
	}
}
