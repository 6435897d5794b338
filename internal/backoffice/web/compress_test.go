package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"peyk/internal/backoffice/ledger"
)

// wire is what an answer takes on the wire, its body as it was sent.
func wire(r reply) int { return len(r.body) }

var named = regexp.MustCompile(`url\((/static/[^)]+)\)`)

// The first page, with everything it needs, stays under 100 KB.
func TestFirstPageIsSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 60 {
		r := w.asked("derya", "none", delivered()...)
		w.notice("derya", r.GUID, ledger.SubjectReady)
	}
	b := w.as("derya")
	packed := []string{"Accept-Encoding", "gzip"}
	for _, path := range []string{"/", "/reports", "/new"} {
		at := path
		page := b.get(path, packed...)
		if to := page.header.Get("Location"); to != "" {
			at, page = to, b.get(to, packed...)
		}
		total := wire(page)
		seen := map[string]bool{}
		var follow func(address string)
		follow = func(address string) {
			if seen[address] || !strings.HasPrefix(address, "/static/") {
				return
			}
			seen[address] = true
			res := b.get(address, packed...)
			if res.status != http.StatusOK {
				t.Fatalf("%s needs %s: %d", at, address, res.status)
			}
			total += wire(res)
			for _, m := range named.FindAllStringSubmatch(b.get(address).body, -1) {
				follow(m[1])
			}
		}
		plain := b.get(at).page()
		for _, x := range []struct{ tag, attr string }{{"link", "href"}, {"script", "src"}, {"img", "src"}} {
			for _, n := range all(plain, el(x.tag, x.attr, "*")) {
				follow(value(n, x.attr))
			}
		}
		if len(seen) < 6 {
			t.Errorf("%s needs only %v: the test does not see all", at, seen)
		}
		t.Logf("%s with %d files: %d bytes", at, len(seen), total)
		if total >= 100_000 {
			t.Errorf("%s takes %d bytes with its %d files", at, total, len(seen))
		}
	}
}

// A page that reflects what is in its address is compressed for our own pages
// and for what a person types, and for no other site.
func TestPagesAreCompressedWhereItIsSafe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.asked("derya", "none")
	}
	b := w.as("derya")
	for _, c := range []struct {
		path, accept, site string
		packed             bool
	}{
		{"/reports", "gzip, deflate, br", "cross-site", true},
		{"/reports", "br", "same-origin", false},
		{"/reports", "gzip;q=0", "same-origin", false},
		{"/reports", "gzip;q=0.5", "none", true},
		{"/reports?q=oyun", "gzip", "same-origin", true},
		{"/reports?q=oyun", "gzip", "none", true},
		{"/reports?q=oyun", "gzip", "same-site", false},
		{"/reports?q=oyun", "gzip", "cross-site", false},
		{"/reports?q=oyun", "gzip", "", false},
	} {
		res := b.get(c.path, "Accept-Encoding", c.accept, "Sec-Fetch-Site", c.site)
		if got := res.header.Get("Content-Encoding") == "gzip"; got != c.packed || res.status != http.StatusOK {
			t.Errorf("%s for %q from %q: %d, compressed %t", c.path, c.accept, c.site, res.status, got)
		}
		if !strings.Contains(strings.Join(res.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s does not vary by encoding", c.path)
		}
	}
	if res := b.post("/r/"+"none", url.Values{}, "Accept-Encoding", "gzip"); res.status != http.StatusNotFound && res.status != http.StatusMethodNotAllowed {
		t.Errorf("an unknown page: %d", res.status)
	}
}
