package report_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"peyk/internal/report"
)

func TestSaidIsFitToBeShown(t *testing.T) {
	t.Parallel()
	if got := (*report.Failure)(nil).Said(); got != "" {
		t.Errorf("nobody said %q", got)
	}
	for detail, want := range map[string]string{
		"7 rows;\r\n  at most 6": "7 rows; at most 6", "\x00\u202e": "", "İğde ₺": "İğde ₺", strings.Repeat("ş", 301): strings.Repeat("ş", 300) + "…",
	} {
		if got := (&report.Failure{Detail: detail}).Said(); got != want {
			t.Errorf("%q is said as %q, want %q", detail, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := (&report.Failure{Detail: rapid.String().Draw(t, "detail")}).Said()
		bad := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
		if utf8.RuneCountInString(got) > 301 || strings.ContainsFunc(got, bad) || got != strings.TrimSpace(got) {
			t.Fatalf("said is %q", got)
		}
	})
}
