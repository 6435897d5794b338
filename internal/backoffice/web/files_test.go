package web_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/ledger"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	w.update(func(tx ledger.Tx) error {
		return tx.PutRecipient(ledger.Recipient{GUID: r.GUID, Account: "emre"})
	})
	for _, who := range []string{"derya", "emre"} {
		res := w.as(who).get("/r/" + r.GUID + "/files/top-games.pdf")
		if res.status != http.StatusOK || res.body != "%PDF-1.7 sample" {
			t.Fatalf("%s: %d %q", who, res.status, res.body)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename=top-games.pdf", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		} {
			if got := res.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", who, name, got, want)
			}
		}
	}
	for _, c := range w.trigger.seen() {
		if c.method != http.MethodGet {
			t.Errorf("a download that is kept is a %s", c.method)
		}
	}
}

// Where the report goes once it was had, GET changes nothing: the button is a
// POST.
func TestDownloadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	w.update(func(tx ledger.Tx) error {
		r.Asked.Retention = 0
		return tx.Save(r, r.Version)
	})
	b := w.as("derya")
	path := "/r/" + r.GUID + "/files/top-games.pdf"
	for _, page := range []*html.Node{b.get("/r/" + r.GUID).page(), b.get("/reports").page()} {
		one(t, page, el("form", "method", "post", "action", path))
		if n := len(all(page, el("a", "href", path))); n != 0 {
			t.Errorf("%d links to the file", n)
		}
	}
	res := b.get(path)
	if res.status != http.StatusMethodNotAllowed || len(w.trigger.seen()) != 0 {
		t.Errorf("GET: %d, %d calls", res.status, len(w.trigger.seen()))
	}
	if got := text(res.page()); strings.Contains(got, "Hesabınız bunu yapamaz") || !strings.Contains(got, "Bu rapor indirilince silinir") {
		t.Errorf("GET says %q", got)
	}
	if res := b.post(path, nil); res.status != http.StatusOK || w.trigger.seen()[0].method != http.MethodPost {
		t.Errorf("POST: %d", res.status)
	}
}
