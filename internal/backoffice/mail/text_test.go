package mail

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestLanguagesSayTheSame: both languages have the same texts with the same
// holes.
func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	english, turkish := holes(t, "locales/en.json"), holes(t, "locales/tr.json")
	for id, want := range english {
		if got, ok := turkish[id]; !ok || got != want {
			t.Errorf("%s has the holes %q in English, %q in Turkish (there: %v)", id, want, got, ok)
		}
	}
	if len(english) != len(turkish) {
		t.Errorf("%d texts in English, %d in Turkish", len(english), len(turkish))
	}
}

// holes lists the fields each text asks for.
func holes(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := locales.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for id, text := range texts {
		fields := regexp.MustCompile(`\.[A-Z][a-z]+`).FindAllString(fmt.Sprint(text), -1)
		slices.Sort(fields)
		found[id] = strings.Join(slices.Compact(fields), " ")
	}
	return found
}

func TestNumbersAndDates(t *testing.T) {
	t.Parallel()
	texts, err := loadLocales()
	if err != nil {
		t.Fatal(err)
	}
	istanbul, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		t.Fatal(err)
	}
	newYear := time.Date(2026, 12, 31, 21, 5, 0, 0, time.UTC)
	for locale, want := range map[string][]string{
		"tr-TR": {"640 bayt", "1\u00a0KB", "412\u00a0KB", "1,2\u00a0MB", "12\u00a0MB", "1.234.567 satır", "1 satır", "1 Ocak 2027", "1 Ocak 2027 00:05", "PDF, CSV ve Excel"},
		"en":    {"640 bytes", "1\u00a0KB", "412\u00a0KB", "1.2\u00a0MB", "12\u00a0MB", "1,234,567 rows", "1 row", "1 January 2027", "1 January 2027, 00:05", "PDF, CSV and Excel"},
	} {
		w := newWords(texts, locale, istanbul)
		got := []string{
			w.size(640), w.size(1024), w.size(421_884), w.size(1_258_291), w.size(12 << 20), w.count("rows", 1_234_567, nil), w.count("rows", 1, nil),
			w.date(newYear), w.moment(newYear), w.list([]string{"PDF", "CSV", "Excel"}),
		}
		if w.err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\ngot  %q\nwant %q", locale, w.err, got, want)
		}
	}
}

// TestWrapLosesNothing: wrapped text has the same words, in lines that fit
// unless a single word does not.
func TestWrapLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := clean(rapid.StringOf(rapid.RuneFrom([]rune("aşı \u00a0-"))).Draw(t, "text"))
		width := rapid.IntRange(1, 20).Draw(t, "width")
		lines := wrap(text, width)
		if strings.Join(lines, " ") != text {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > width && strings.Contains(line, " ") {
				t.Fatalf("line %q is longer than %d", line, width)
			}
		}
	})
}

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	s := secret("hunter2")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", s)
	b, err := json.Marshal(map[string]any{"password": s})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(s) + fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s) + fmt.Sprintf("%#v %v", struct{ P secret }{s}, []secret{s}) + log.String() + string(b)
	if strings.Contains(all, "hunter2") || strings.Contains(all, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret shows in %s", all)
	}
}
