package words_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/report"
)

func read(t *testing.T, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func book(t *testing.T) *words.Book {
	t.Helper()
	b, err := words.Open()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var hole = regexp.MustCompile(`{{\.(\w+)}}`)

// holes lists the holes of a text in any of its forms.
func holes(text any) map[string]bool {
	raw, _ := json.Marshal(text)
	found := map[string]bool{}
	for _, m := range hole.FindAllStringSubmatch(string(raw), -1) {
		found[m[1]] = true
	}
	return found
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	en, tr := read(t, "en.json"), read(t, "tr.json")
	for id, text := range en {
		other, ok := tr[id]
		if !ok {
			t.Errorf("%s is not said in Turkish", id)
			continue
		}
		a, b := holes(text), holes(other)
		for name := range b {
			if !a[name] && name != "Count" {
				t.Errorf("%s: the Turkish text has a hole %s of its own", id, name)
			}
		}
		for name := range a {
			if !b[name] && name != "Count" {
				t.Errorf("%s: the Turkish text leaves out %s", id, name)
			}
		}
	}
	for id := range tr {
		if _, ok := en[id]; !ok {
			t.Errorf("%s is not said in English", id)
		}
	}
}

// No Turkish text hangs a suffix on a name or number: what follows a hole is a
// space, a punctuation mark or nothing.
func TestTurkishHangsNoSuffixOnAHole(t *testing.T) {
	t.Parallel()
	suffixed := regexp.MustCompile(`}}['’]?\p{L}`)
	for id, text := range read(t, "tr.json") {
		raw, _ := json.Marshal(text)
		if suffixed.Match(raw) {
			t.Errorf("%s: %s", id, raw)
		}
	}
}

// sources reads the code under dir that is neither a test nor generated, by path.
func sources(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		code := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
		if err != nil || !code && !strings.HasSuffix(path, ".templ") {
			return err
		}
		raw, err := os.ReadFile(path)
		found[path] = string(raw)
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("read %d files under %s: %v", len(found), dir, err)
	}
	return found
}

// built lists the ids that pages put together from closed sets.
func built() (ids []string) {
	family := func(prefix string, members ...string) {
		for _, m := range members {
			ids = append(ids, prefix+"."+m)
		}
	}
	numbers := func(most int) (out []string) {
		for i := range most {
			out = append(out, strconv.Itoa(i+1))
		}
		return out
	}
	for _, s := range []report.State{report.Accepted, report.Submitting, report.Preparing, report.Ready} {
		family("stage", string(s))
	}
	for _, n := range ledger.AllNews() {
		family("profile.news", string(n))
	}
	for _, s := range strings.Fields("unknown forbidden unreachable nocatalog malformed toolarge gone damaged moved once ontheway toooften internal") {
		family("error", s, s+".text")
	}
	for prefix, members := range map[string]string{
		"mail":                "pending sending unknown sent bounced unconfirmed given_up gone unwanted",
		"eye.mail":            "bounced unconfirmed given_up",
		"source":              "complete partial unreached",
		"signin.demo":         "derya murat cagri",
		"role":                "requester approver author operator admin",
		"rule":                "no-approval approver admin",
		"notice":              "asking ready late mail succeeded empty partial rejected failed declined cancelled expired",
		"progress":            "review gathering combining rendering",
		"part":                "ledger queue storage relay document-gate provider-app provider-files provider-notices",
		"phase":               "asked recorded prepared collected delivered",
		"share":               "waited worked rest",
		"tab":                 "running ready ended",
		"format":              "pdf xlsx csv json",
		"profile.did":         "saved password session others token",
		"profile.appearance":  "light dark",
		"profile.token.scope": "read full",
		"preset":              "today yesterday last-7-days last-30-days this-month last-month this-quarter last-quarter this-year last-year last-12-months",
	} {
		family(prefix, strings.Fields(members)...)
	}
	family("month", numbers(12)...)
	family("month.short", numbers(12)...)
	family("step", numbers(report.Steps)...)
	return ids
}

// Every id that the pages say is there; so is every id built from a closed set.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	texts := read(t, "en.json")
	said := regexp.MustCompile(`(?:Say|Count)\("([a-z0-9.-]+)"`)
	used := 0
	for path, code := range sources(t, "..") {
		for _, m := range said.FindAllStringSubmatch(code, -1) {
			used++
			if id := m[1]; texts[id] == nil && !strings.HasSuffix(id, ".") {
				t.Errorf("%s says %s, which is nowhere", path, id)
			}
		}
	}
	if used < 100 {
		t.Errorf("%d texts looked for", used)
	}
	for _, id := range built() {
		if texts[id] == nil {
			t.Errorf("%s is nowhere", id)
		}
	}
}

// Every text is said: its id stands in the code of the pages or belongs to a
// closed set. Causes and evidence are named by other stations: there the name
// stands in their code.
func TestEveryTextIsSaid(t *testing.T) {
	t.Parallel()
	pages := strings.Join(slices.Collect(maps.Values(sources(t, ".."))), "")
	stations := strings.Join(slices.Collect(maps.Values(sources(t, "../../.."))), "")
	ids := built()
	for id := range read(t, "en.json") {
		if strings.Contains(pages, `"`+id+`"`) || slices.Contains(ids, id) {
			continue
		}
		family, name, _ := strings.Cut(id, ".")
		wrote := `"` + regexp.QuoteMeta(name) + `"`
		if family == "evidence" {
			wrote += `[:\]]` // the key of a map
		}
		if (family == "cause" || family == "evidence") && regexp.MustCompile(wrote).MatchString(stations) {
			continue
		}
		t.Errorf("%s is said nowhere: take it out, or add its family to built()", id)
	}
}

func TestTimesAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	b := book(t)
	now := time.Date(2026, 11, 23, 11, 34, 0, 0, time.UTC) // 14:34 in Istanbul
	tr, en := b.For("tr", "Europe/Istanbul", now), b.For("en", "Europe/Istanbul", now)
	day := 24 * time.Hour
	for _, c := range []struct{ got, want string }{
		{tr.Moment(now), "bugün 14:34"},
		{en.Moment(now.Add(-day)), "yesterday 14:34"},
		{tr.Moment(now.Add(day)), "yarın 14:34"},
		{tr.Moment(now.Add(-4 * day)), "19 Kasım 14:34"},
		{en.Moment(now.Add(-400 * day)), "19 October 2025 14:34"},
		{tr.When(now), "14:34"},
		{tr.When(now.Add(-4 * day)), "19 Kas"},
		{tr.When(now.Add(-400 * day)), "19 Eki 2025"},
		{tr.Group(now.Add(-14 * time.Hour)), "Bugün"},
		{tr.Group(now.Add(-15 * time.Hour)), "Dün"},
		{en.Group(now.Add(-6 * day)), "In the last week"},
		{tr.Group(now.Add(-30 * day)), "Ekim 2026"},
		{tr.DayMonth(now.Add(30 * day)), "23 Aralık"},
		{en.Day(now), "23 November 2026"},
		{tr.Took(4 * time.Millisecond), "4 ms"},
		{tr.Took(1600 * time.Millisecond), "1,6 sn"},
		{en.Took(1600 * time.Millisecond), "1.6 s"},
		{tr.Took(156 * time.Second), "2 dk 36 sn"},
		{en.Took(90 * time.Minute), "1 h 30 min"},
		{en.Took(-time.Second), "–"},
		{en.About(time.Minute), "1 minute"},
		{en.About(2 * time.Minute), "2 minutes"},
		{tr.About(2 * time.Minute), "2 dakika"},
		{tr.About(59*time.Second + 700*time.Millisecond), "1 dakika"},
		{en.About(59*time.Minute + 40*time.Second), "1 hour"},
		{en.About(23*time.Hour + 40*time.Minute), "1 day"},
		{en.Short(59*time.Minute + 40*time.Second), "1 h"},
		{tr.About(3 * day), "3 gün"},
		{tr.Short(40 * time.Second), "40 sn"},
		{en.Short(61 * time.Minute), "1 h"},
	} {
		if c.got != c.want {
			t.Errorf("said %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbersAndSizes(t *testing.T) {
	t.Parallel()
	b := book(t)
	tr, en := b.For("tr-TR", "nowhere", time.Now()), b.For("de", "", time.Now())
	for _, c := range []struct{ got, want string }{
		{tr.Number(2_418_906), "2.418.906"}, {en.Number(2_418_906), "2,418,906"},
		{tr.Size(999), "999 B"}, {tr.Size(412_318), "412 KB"}, {tr.Size(999_600), "1 MB"}, {en.Size(999_400), "999 KB"}, {tr.Size(12_340_000), "12,3 MB"}, {en.Size(12_340_000), "12.3 MB"},
		{en.Count("count.pages", 1), "1 page"}, {en.Count("count.pages", 1200), "1,200 pages"}, {tr.Count("count.rows", 1200), "1.200 satır"},
		{en.Say("no.such.text"), "no.such.text"},
	} {
		if c.got != c.want {
			t.Errorf("said %q, want %q", c.got, c.want)
		}
	}
}

func TestPrefer(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "en", "tr": "tr", "tr-TR,tr;q=0.9": "tr", "en,tr;q=0.9": "en", "de,tr;q=0.5": "tr", "fr": "en", ";;;": "en",
	} {
		if got := words.Prefer(header); got != want {
			t.Errorf("%q prefers %s, want %s", header, got, want)
		}
	}
}
