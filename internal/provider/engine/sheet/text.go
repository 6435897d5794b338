package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean is s in Unicode normalization form C, with a sign in the place of each
// character that neither XML 1.0 nor the company's gate takes: a picture of a
// control character (U+2400), else the replacement character.
func clean(s string) string {
	if printable(s) {
		return s
	}
	return norm.NFC.String(strings.Map(visible, strings.ToValidUTF8(s, "\ufffd")))
}

// printable finds what is most of all text, and needs no care.
func printable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

func visible(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return r
	case r < ' ':
		return '\u2400' + r
	case r == 0x7f:
		return '\u2421'
	case unicode.IsControl(r), r == '\ufffe', r == '\uffff':
		return utf8.RuneError
	}
	return r
}

// startsFormula tells whether a spreadsheet could take the text for a formula,
// or for the end of a cell and the beginning of one: programs skip spaces and
// what cannot be seen, and some read full-width signs like plain ones.
func startsFormula(s string) bool {
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
			return true
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return false
}
