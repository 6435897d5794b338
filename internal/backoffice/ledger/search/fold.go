package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"peyk/internal/report"
)

const (
	longest   = 48  // letters of a word that count
	mostWords = 256 // of a text; the rest is not found
)

// Fold brings letters together that a person who types in a hurry does not tell
// apart: capitals and small ones, with a mark and without, the four i of Turkish
// and English. Compatibility forms are taken apart (Unicode, UAX 15, NFKD).
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ı': // has no mark to lose
			b.WriteByte('i')
		default:
			b.WriteString(plain(unicode.ToLower(r)))
		}
	}
	return b.String()
}

// plain writes letters that Unicode does not take apart as they are typed
// without them.
func plain(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'ł':
		return "l"
	}
	return string(r)
}

// Words are the runs of letters and digits of a text, folded, each once, in the
// order of the text.
func Words(text string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range split(text) {
		if !seen[w] && len(out) < mostWords {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

func split(text string) []string {
	words := strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = cut(w)
	}
	return words
}

// cut leaves of a word as many letters as count.
func cut(word string) string {
	n := 0
	for i := range word {
		if n == longest {
			return word[:i]
		}
		n++
	}
	return word
}

// Text is all the words a request is found by, each with a space before it.
func Text(a *report.Asked) string {
	return written(Words(strings.Join([]string{a.Title.TR, a.Title.EN, a.Sentence.TR, a.Sentence.EN, a.OwnerName}, " ")))
}

func written(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ")
}
