package web_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// hostile is a text that would be markup, script, attribute or template wherever
// it is not written as text. harmless has the same words and none of the signs.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>' onmouseover='alert(1)' </textarea></title></option></a><a href=javascript:alert(1)> {{.}} ${x} &lt;b&gt;`

func harmless() string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"'<>=(){}$&;/:.`, r) {
			return 'x'
		}
		return r
	}, hostile)
}

// full is a world in which every text that people, the provider's catalog or a
// report bring is this one.
func full(t *testing.T, s string) (*world, []string) {
	t.Helper()
	w := newWorld(t)
	both := report.Text{EN: s, TR: s}
	c := sampleCatalog()
	for i := range c.Types {
		k := &c.Types[i]
		k.Title, k.Description, k.Sentence, k.Short, k.Group, k.ApprovalReason = both, both, both, both, both, both
		for j := range k.Parameters {
			p := &k.Parameters[j]
			p.Title = both
			for n := range p.Choices {
				p.Choices[n].Title = both
			}
			if p.Type == protocol.Choice {
				p.Choices = append(p.Choices, protocol.ChoiceOption{Value: s, Title: both})
			}
			if p.Type == protocol.Text {
				p.Default, _ = json.Marshal(s)
			}
		}
	}
	w.catalog(c)
	called(w, s)
	return w, requests(w, s)
}

// called calls everybody by the text.
func called(w *world, s string) {
	w.update(func(tx ledger.Tx) error {
		all, err := tx.Accounts()
		for _, a := range all {
			a.FullName = s
			if err := tx.PutAccount(a); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		return tx.Park(ledger.Parked{Role: "gateway", Subject: s, Raw: []byte(s), Cause: s, At: tx.Now()})
	})
}

// requests are of derya's: one that waits, one that was declined, one that
// failed, one that is here; and gives the addresses to look at.
func requests(w *world, s string) []string {
	ev := report.Evidence{"error": s, "reply": s, "status": s, "by": s, "mail_derya": s, s: s}
	here := delivered()
	here[2] = func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Found(report.Manifest{
			Files:   []report.File{{Name: s, MediaType: "application/pdf", Size: 1, SHA256: strings.Repeat("0", 64), Pages: 2, Rows: 3}},
			Sources: []report.Source{{Name: s, State: report.SourcePartial, Rows: 1, AsOf: at}, {Name: s, State: report.SourceUnreached, AsOf: at}},
		}, at.Add(time.Hour), at, ev)
	}
	broken := append(delivered()[:2:2], func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Fail(report.Failure{Code: s, Stage: s, Detail: s, Retriable: true}, at, ev)
	})
	refused := func(r *report.Request, at time.Time) (report.Move, error) { return r.Decline("murat", s, at) }
	var paths []string
	for _, r := range []*report.Request{
		w.asked("derya", "approver"), w.asked("derya", "approver", refused), w.asked("derya", "none", broken...), w.asked("derya", "none", here...),
	} {
		w.update(func(tx ledger.Tx) error {
			both := report.Text{EN: s, TR: s}
			r.Asked.Title, r.Asked.Sentence, r.Asked.Short, r.Asked.Note, r.Asked.OwnerName = both, both, both, s, s
			if r.State == report.Declined {
				if err := tx.AddApproval(ledger.Approval{GUID: r.GUID, Account: "murat", Reason: s, At: tx.Now()}); err != nil {
					return err
				}
			}
			return tx.Save(r, r.Version)
		})
		for _, who := range []string{"derya", "murat"} {
			w.update(func(tx ledger.Tx) error {
				_, err := tx.AddNotice(ledger.Notice{Account: who, GUID: r.GUID, Generation: 1, Subject: ledger.SubjectReady, Title: report.Text{EN: s, TR: s}, At: tx.Now()})
				return err
			})
		}
		paths = append(paths, "/r/"+r.GUID, "/r/"+r.GUID+"/redrive", "/r/"+r.GUID+"/cancel", "/new/top-games.v1?again="+r.GUID)
	}
	q := url.QueryEscape(s)
	return append(paths, "/new", "/new/top-games.v1", "/new/churn.v2", "/new?q="+q, "/reports", "/reports?q="+q+"&show="+q, "/approvals", "/approvals/past",
		"/approvals?at="+q+"&done="+q, "/bell", "/profile", "/profile?did="+q, "/operations", "/operations?q="+q, "/operations/parked/1",
		"/signin?next="+q+"&lang="+q, "/nowhere/"+url.PathEscape(s))
}

// shape counts the elements of a page with the names of their attributes; texts
// are left out.
func shape(t *testing.T, path string, page *html.Node) map[string]int {
	t.Helper()
	out := map[string]int{}
	for n := range page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		var names []string
		for _, a := range n.Attr {
			names = append(names, a.Key)
			link := slices.Contains([]string{"href", "src", "action", "formaction", "hx-get", "hx-post"}, a.Key)
			if link && a.Val != "" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") || link && strings.HasPrefix(a.Val, "//") {
				t.Errorf("%s: <%s %s=%q> leads elsewhere", path, n.Data, a.Key, a.Val)
			}
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
			}
		}
		slices.Sort(names)
		out[n.Data+" "+strings.Join(names, " ")]++
	}
	return out
}

// Whatever a text says, it is text: a page has the same elements and attributes
// as with harmless words.
func TestNoTextBecomesMarkup(t *testing.T) {
	t.Parallel()
	bad, paths := full(t, hostile)
	good, same := full(t, harmless())
	shown := 0
	for _, who := range []string{"derya", "murat", "cagri", ""} {
		b, g := bad.browser(), good.browser()
		if who != "" {
			b, g = bad.as(who), good.as(who)
			form := url.Values{"label": {"x"}, "scope": {"read"}, "days": {"1"}}
			b.post("/profile/tokens", form)
			g.post("/profile/tokens", form)
		}
		for i, path := range paths {
			got, want := b.get(path), g.get(same[i])
			if got.status != want.status {
				t.Errorf("%s, %s: %d, with harmless words %d", who, path, got.status, want.status)
				continue
			}
			shown += strings.Count(got.body, "&lt;script&gt;alert(1)")
			a, z := shape(t, path, got.page()), shape(t, path, want.page())
			if !maps.Equal(a, z) {
				for name := range a {
					if a[name] != z[name] {
						t.Errorf("%s, %s: <%s> %d times, with harmless words %d", who, path, name, a[name], z[name])
					}
				}
			}
		}
		// What was typed comes back with a problem, and as text.
		for path, form := range map[string]url.Values{
			"/new/churn.v2":     {"text": {hostile}, "plan": {hostile}, "recipients": {hostile}, "note": {hostile}, "guid": {hostile}, "drawn_at": {hostile}},
			"/profile/password": {"old": {hostile}, "new": {hostile}, "repeat": {"x"}},
			"/profile":          {"locale": {hostile}, "time_zone": {hostile}, "appearance": {hostile}},
			"/profile/tokens":   {"label": {hostile + hostile}, "scope": {"read"}, "days": {hostile}},
			"/signin":           {"name": {hostile}, "password": {"x"}, "next": {hostile}},
		} {
			shape(t, path, b.post(path, form).page())
			for n := range b.post(path, form).page().Descendants() {
				if _, external := attr(n, "src"); n.Data == "img" || n.Data == "script" && !external {
					t.Errorf("%s: what was typed became <%s>", path, n.Data)
				}
			}
		}
	}
	if shown < 100 {
		t.Errorf("the hostile text was shown %d times only: the pages do not hold it", shown)
	}
}
