package inter_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"peyk/internal/provider/engine/render/inter"
)

func family(tb testing.TB) *inter.Family {
	tb.Helper()
	f, err := inter.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// piece is a run as a test looks at it.
type piece struct {
	set   *inter.Set
	codes string
	width int
}

func pieces(f *inter.Face, s string) []piece {
	var all []piece
	for s != "" {
		var codes []byte
		var p piece
		codes, p.set, p.width, s = f.Run(nil, s)
		p.codes = string(codes)
		all = append(all, p)
	}
	return all
}

func TestTurkishNeedsOneSet(t *testing.T) {
	t.Parallel()
	f := family(t)
	for _, w := range []inter.Weight{inter.Regular, inter.Medium, inter.SemiBold} {
		runs := pieces(f.Face(w), "Pijamalı hasta yağız şoföre çabucak güvendi. İĞÜŞÖÇ âîû – “₺1.234,56” → €5 • …")
		if len(runs) != 1 || runs[0].set != f.Face(w).Core {
			t.Errorf("%s: %d runs", w, len(runs))
		}
	}
}

func TestDigitsAreTabular(t *testing.T) {
	t.Parallel()
	f := family(t)
	for _, w := range []inter.Weight{inter.Regular, inter.Medium, inter.SemiBold} {
		for d := '0'; d <= '9'; d++ {
			if got, want := f.Face(w).Width(string(d)), f.Face(w).Width("0"); got != want {
				t.Errorf("%s: %c is %d wide, 0 is %d", w, d, got, want)
			}
		}
	}
}

func TestLettersOfOtherLanguagesSwitchSets(t *testing.T) {
	t.Parallel()
	f := family(t).Face(inter.Regular)
	runs := pieces(f, "aŠb")
	if len(runs) != 3 || runs[0].set != f.Core || runs[1].set != f.Rest || runs[2].set != f.Core {
		t.Errorf("got %d runs", len(runs))
	}
	if f.Width("日") != f.Width("□") || pieces(f, "日")[0] != pieces(f, "□")[0] {
		t.Error("a letter the fonts do not have is no box")
	}
}

func TestCleanTextIsHarmless(t *testing.T) {
	t.Parallel()
	f := family(t).Face(inter.Regular)
	rapid.Check(t, func(t *rapid.T) {
		s := inter.Clean(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text"))
		if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || inter.Clean(s) != s {
			t.Fatalf("%q is not clean", s)
		}
		for _, r := range s {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%q has %U", s, r)
			}
		}
		width, letters := 0, 0
		for _, run := range pieces(f, s) {
			width += run.width
			letters += len(run.codes)
		}
		if width != f.Width(s) || letters != utf8.RuneCountInString(s) {
			t.Fatalf("%q: the runs are %d wide with %d letters, the text is %d with %d", s, width, letters, f.Width(s), utf8.RuneCountInString(s))
		}
	})
}
