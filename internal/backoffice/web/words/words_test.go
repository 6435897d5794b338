package words_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

// Every id that the pages say is there; so is every id built from a closed set.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	texts := read(t, "en.json")
	said := regexp.MustCompile(`(?:Say|Count)\("([a-z0-9.-]+)"`)
	used := 0
	err := filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range said.FindAllStringSubmatch(string(raw), -1) {
			used++
			if id := m[1]; texts[id] == nil && !strings.HasSuffix(id, ".") {
				t.Errorf("%s says %s, which is nowhere", path, id)
			}
		}
		return err
	})
	if err != nil || used < 100 {
		t.Errorf("%d texts looked for: %v", used, err)
	}
	var built []string
	for _, s := range []report.State{report.Accepted, report.Submitting, report.Preparing, report.Ready} {
		built = append(built, "stage."+string(s))
	}
	for _, s := range strings.Fields("pending sending unknown sent bounced unconfirmed given_up gone") {
		built = append(built, "mail."+s)
	}
	for _, s := range strings.Fields("complete partial unreached") {
		built = append(built, "source."+s)
	}
	for _, s := range strings.Fields("requester approver author operator admin") {
		built = append(built, "role."+s)
	}
	for _, s := range strings.Fields("asking ready late mail succeeded empty partial rejected failed declined cancelled expired") {
		built = append(built, "notice."+s)
	}
	for _, s := range strings.Fields("unknown forbidden unreachable nocatalog toolarge gone damaged moved internal") {
		built = append(built, "error."+s, "error."+s+".text")
	}
	for _, id := range built {
		if texts[id] == nil {
			t.Errorf("%s is nowhere", id)
		}
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
		{tr.Size(999), "999 B"}, {tr.Size(412_318), "412 KB"}, {tr.Size(12_340_000), "12,3 MB"}, {en.Size(12_340_000), "12.3 MB"},
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
