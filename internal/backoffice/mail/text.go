package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineWidth is where the text part wraps, in characters. RFC 5322 section
// 2.1.1 asks for at most 78.
const lineWidth = 72

// clean makes one line of text out of anything: invalid UTF-8, control
// characters, line and paragraph separators and direction overrides become
// spaces, runs of spaces become one. No CR or LF survives it, which is what
// makes header injection impossible.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || breaksLine(r) || overridesDirection(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, isSpace), " ")
}

func breaksLine(r rune) bool { return r == '\u2028' || r == '\u2029' }

// overridesDirection finds the characters that let "fdp.exe" read "exe.pdf"
// (Unicode TR 36, section 2.5).
func overridesDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
}

// paragraphs splits text a person typed into its lines, cleaned, without
// the empty ones.
func paragraphs(s string) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(s, "\r", "\n")) {
		if line = clean(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// wrap breaks a paragraph at spaces into lines of at most width characters.
// A word longer than that stands alone, unbroken: it may be an address.
func wrap(s string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for word := range strings.FieldsFuncSeq(s, isSpace) {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += n
	}
	if used > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// isSpace knows the plain space only: a non-breaking one is meant to stay.
func isSpace(r rune) bool { return r == ' ' }
