package inter

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// replacement stands for a character the fonts do not have.
const replacement = '□'

// Run is a piece of text in one set, in that set's bytes.
type Run struct {
	Set   *Set
	Bytes string
	Width int // 1/1000 em
}

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

// Runs splits s, which is Clean, into pieces of one set each.
func (f *Face) Runs(s string) []Run {
	var runs []Run
	var b strings.Builder
	var set *Set
	width := 0
	flush := func() {
		if b.Len() > 0 {
			runs = append(runs, Run{set, b.String(), width})
			b.Reset()
		}
	}
	for _, r := range s {
		p := f.place(r)
		if p.set != set {
			flush()
			set, width = p.set, 0
		}
		b.WriteByte(p.code)
		width += p.width
	}
	flush()
	return runs
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
