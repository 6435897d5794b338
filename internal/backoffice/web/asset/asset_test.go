package asset_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"peyk/internal/backoffice/web/asset"
)

func load(t *testing.T) *asset.Shelf {
	t.Helper()
	s, err := asset.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(s *asset.Shelf, url, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// The first page has 100 KB in all. What is left for the page itself is 20.
func TestEverythingTogetherIsLight(t *testing.T) {
	t.Parallel()
	s, sum := load(t), 0
	for _, name := range []string{"peyk.css", "peyk.js", "news.js", "htmx.js", "htmx-sse.js", "mark.svg", "chevron.svg", "inter-400.woff2", "inter-500.woff2", "inter-600.woff2"} {
		res := get(s, s.URL(name), "br, gzip")
		if res.Code != http.StatusOK {
			t.Errorf("%s: %d", name, res.Code)
		}
		sum += res.Body.Len()
	}
	if t.Logf("%d bytes over the wire", sum); sum > 80_000 {
		t.Errorf("%d bytes are too many", sum)
	}
}

// A part that is on the disk and not in the sheet would be styles nobody gets.
func TestTheSheetHasAllItsParts(t *testing.T) {
	t.Parallel()
	parts, err := filepath.Glob("files/peyk/*")
	if err != nil || len(parts) == 0 {
		t.Fatalf("no parts of the sheet: %v", err)
	}
	s := load(t)
	css := get(s, s.URL("peyk.css"), "").Body.String()
	for _, part := range parts {
		text, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		heading, _, _ := strings.Cut(string(text), "\n")
		if strings.Count(css, heading) != 1 {
			t.Errorf("%s is not in the sheet, or twice: name it in parts() (its heading is %q)", part, heading)
		}
	}
}

func TestAddressesChangeWithTheContent(t *testing.T) {
	t.Parallel()
	s := load(t)
	url := s.URL("peyk.css")
	if !regexp.MustCompile(`^/static/peyk\.[0-9a-f]{10}\.css$`).MatchString(url) {
		t.Errorf("the address is %s", url)
	}
	res := get(s, url, "")
	if res.Header().Get("Content-Encoding") != "" || !strings.Contains(res.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("headers %v", res.Header())
	}
	for _, link := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(res.Body.String(), -1) {
		if got := get(s, link[1], ""); !strings.HasPrefix(link[1], asset.Prefix) || got.Code != http.StatusOK {
			t.Errorf("the style sheet names %s: %d", link[1], got.Code)
		}
	}
	for _, other := range []string{"/static/peyk.css", "/static/peyk.0000000000.css", "/static/../asset.go"} {
		if got := get(s, other, ""); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", other, got.Code)
		}
	}
}
