package inter

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// replacement stands for a character the fonts do not have.
const replacement = '□'

// Clean makes of any text one that can be set on a line: composed letters
// (NFC), white space as spaces, and no control or direction characters, which
// would let a value play tricks with its neighbours.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return '\u00a0'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(replacement))))
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Width of s in 1/1000 em. s is Clean.
func (f *Face) Width(s string) int {
	w := 0
	for _, r := range s {
		w += f.place(r).width
	}
	return w
}

// Run takes the longest beginning of s, which is Clean and not empty, that is
// of one set. It appends its letters in that set's bytes to codes, and gives
// their width in 1/1000 em and what is left of s.
func (f *Face) Run(codes []byte, s string) (run []byte, set *Set, width int, rest string) {
	for i, r := range s {
		p := f.place(r)
		if set == nil {
			set = p.set
		}
		if p.set != set {
			return codes, set, width, s[i:]
		}
		codes = append(codes, p.code)
		width += p.width
	}
	return codes, set, width, ""
}

func (f *Face) place(r rune) place {
	if r < 128 && r >= 0 {
		return f.ascii[r]
	}
	return f.find(r)
}

func (f *Face) find(r rune) place {
	if p, ok := f.places[r]; ok {
		return p
	}
	return f.places[replacement]
}
