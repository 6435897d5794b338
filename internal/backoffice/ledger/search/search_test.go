package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// alike are letters people take for one when they type, worked out by hand: the
// first is what is typed on a plain keyboard.
func alike() []string {
	return []string{"iıİIîÎïí", "sşŞSśš", "cçÇCćč", "gğĞGģ", "oöÖOóôØø", "uüÜUûúů", "aâÂAàáå", "eéÉEêè", "nñÑNń", "zZžŹ", "dđĐD", "lłŁL", "b", "kK", "0", "7"}
}

// However a text is spelt, with whichever of the letters that are alike, it folds
// to the plain one; composed or not.
func TestSpellingsMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var spelt, plain strings.Builder
		for range rapid.IntRange(1, 20).Draw(t, "letters") {
			row := []rune(rapid.SampledFrom(alike()).Draw(t, "letter"))
			r := rapid.SampledFrom(row).Draw(t, "spelling")
			plain.WriteRune(row[0])
			spelt.WriteRune(r)
			if r == row[0] && unicode.IsLetter(r) && rapid.IntRange(0, 3).Draw(t, "mark") == 0 {
				spelt.WriteRune('\u0301') // an acute of its own
			}
		}
		if got := search.Fold(spelt.String()); got != plain.String() {
			t.Fatalf("Fold(%q) is %q, want %q", spelt.String(), got, plain.String())
		}
	})
}

// Folding twice changes nothing, and no capital or mark is left in a word.
func TestWordsArePlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		words := search.Words(text)
		for _, w := range words {
			if again := search.Words(w); len(again) != 1 || again[0] != w {
				t.Fatalf("the word %q of %q is %q when it is read again", w, text, again)
			}
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(words))); len(unique) != len(words) {
			t.Fatalf("%q of %q has a word twice", words, text)
		}
	})
}

// Whatever a request asks, each of its words stands in a list by which it is
// found: that of the word, or of a phrase that has it.
func TestEntryHasAListForEachWord(t *testing.T) {
	t.Parallel()
	text := rapid.Custom(func(t *rapid.T) report.Text {
		return report.Text{TR: rapid.String().Draw(t, "tr"), EN: rapid.String().Draw(t, "en")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a := report.Asked{Title: text.Draw(t, "title"), Sentence: text.Draw(t, "sentence"), OwnerName: rapid.String().Draw(t, "name")}
		e := search.EntryOf(&a)
		for _, w := range strings.Fields(e.Text) {
			listed := slices.Contains(e.Terms, w)
			for _, p := range e.Phrases {
				listed = listed || slices.Contains(e.Terms, p.Key) && slices.Contains(p.Words, w)
			}
			if !listed {
				t.Fatalf("the word %q of %+v has no list: %+v", w, a, e)
			}
		}
	})
}

func TestMatch(t *testing.T) {
	t.Parallel()
	const guid = "019ab0f2-7c00-7000-8000-00000000beef"
	text := search.Text(&report.Asked{
		Title: report.Text{TR: "İstanbul'un ısınması", EN: "Heating"}, Sentence: report.Text{TR: "1–15 Mart 2025"}, OwnerName: "Şükrü Iğdır",
	})
	for typed, want := range map[string]bool{
		"istanbul": true, "un": true, "ISIN": true, "mart 15": true, "sukru igd": true, "SUKRU": true, "heat 2025": true,
		"019ab0f2-7c": true, "019AB0F2": true, "019ab0f2 mart": true, guid: true,
		"tanbul": false, "019ab0f3": false, "mart 16": false, "beef": false, "7c00": false,
	} {
		q := search.Parse(typed)
		if !q.Enough() {
			t.Errorf("%q is not enough", typed)
		}
		if got := q.Match(text, guid); got != want {
			t.Errorf("%q matches: %t", typed, got)
		}
	}
	for _, typed := range []string{"", "  ", "a", "ı 1 2", "- –", "é"} {
		if search.Parse(typed).Enough() {
			t.Errorf("%q is enough", typed)
		}
	}
}
