package lang_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/lang"
)

func TestNumbersInBothLanguages(t *testing.T) {
	t.Parallel()
	tr, en := lang.Of("tr-TR"), lang.Of("en")
	for _, c := range [][3]string{
		{tr.Integer(1234567), en.Integer(1234567), "1.234.567|1,234,567"},
		{tr.Integer(-999), en.Integer(0), "−999|0"},
		{tr.Decimal(1234.565, 2), en.Decimal(0.5, 0), "1.234,57|0"},
		{tr.Decimal(-0.001, 2), en.Decimal(-1000, 1), "0,00|−1,000.0"},
		{tr.Percent(0.96, 1), en.Percent(0.96, 1), "%96,0|96.0%"},
		{tr.Percent(-0.015, 1), en.Percent(12.5, 0), "−%1,5|1,250%"},
		{tr.Money(1234.56, lang.TRY, 2), en.Money(-1234.56, lang.USD, 2), "₺1.234,56|−$1,234.56"},
		{tr.Money(49_100_000, lang.EUR, 0), en.Money(0, lang.TRY, 2), "€49.100.000|₺0.00"},
	} {
		if got := c[0] + "|" + c[1]; got != c[2] {
			t.Errorf("got %s, want %s", got, c[2])
		}
	}
}

func TestRangesAreSaidAsShortAsCanBe(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{
		{"2025-01-01", "2026-01-01", "2025", "2025"},
		{"2024-01-01", "2026-01-01", "2024 – 2025", "2024 – 2025"},
		{"2025-02-01", "2025-03-01", "Şubat 2025", "February 2025"},
		{"2025-12-01", "2026-01-01", "Aralık 2025", "December 2025"},
		{"2026-11-23", "2026-11-24", "23 Kasım 2026", "23 November 2026"},
		{"2025-03-01", "2025-03-16", "1 – 15 Mart 2025", "1 – 15 March 2025"},
		{"2025-03-01", "2025-04-16", "1 Mart – 15 Nisan 2025", "1 March – 15 April 2025"},
		{"2024-12-31", "2025-01-03", "31 Aralık 2024 – 2 Ocak 2025", "31 December 2024 – 2 January 2025"},
	} {
		from, to := day(t, c[0]), day(t, c[1])
		for i, locale := range []string{"tr", "en"} {
			got := strings.ReplaceAll(lang.Of(locale).Range(from, to), "\u00a0", " ")
			if got != c[2+i] {
				t.Errorf("%s to %s: got %q, want %q", c[0], c[1], got, c[2+i])
			}
		}
	}
}

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestWrittenNumbersCanBeReadBack: without its dressing, what is written is
// what Go writes.
func TestWrittenNumbersCanBeReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v, digits := rapid.Float64Range(-1e15, 1e15).Draw(t, "v"), rapid.IntRange(0, 6).Draw(t, "digits")
		want := strconv.FormatFloat(v, 'f', digits, 64)
		if strings.Trim(want, "-0.") == "" {
			want = strings.TrimPrefix(want, "-")
		}
		tr := strings.NewReplacer(".", "", ",", ".", "−", "-").Replace(lang.Of("tr").Decimal(v, digits))
		en := strings.NewReplacer(",", "", "−", "-").Replace(lang.Of("en").Decimal(v, digits))
		if tr != want || en != want {
			t.Fatalf("tr %s, en %s, want %s", tr, en, want)
		}
	})
}

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"tr", "en"} {
		words := reflect.ValueOf(lang.Of(locale).Words)
		for i := range words.NumField() {
			if words.Field(i).String() == "" {
				t.Errorf("%s has no word for %s", locale, words.Type().Field(i).Name)
			}
		}
	}
}
