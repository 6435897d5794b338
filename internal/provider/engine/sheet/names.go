package sheet

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// maxName is how many UTF-16 units a tab takes.
const maxName = 31

// tabs are the names of the sheets as Excel takes them: none of []:*?/\, no
// apostrophe at an end, not too long, not "History", which it keeps for itself,
// and no two alike in any case of letters.
func tabs(names []string) []string {
	out, taken := make([]string, len(names)), map[string]bool{"history": true}
	for i, name := range names {
		base := cmp.Or(tab(name), strconv.Itoa(i+1))
		out[i] = trimmed(base, maxName)
		for n := 2; taken[strings.ToLower(out[i])]; n++ {
			mark := " (" + strconv.Itoa(n) + ")"
			out[i] = trimmed(base, maxName-len(mark)) + mark
		}
		taken[strings.ToLower(out[i])] = true
	}
	return out
}

func tab(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]:*?/\\\t\r\n", r) {
			return ' '
		}
		return r
	}, clean(name))
	letters := []byte(strings.Join(strings.Fields(name), " "))
	for i := range letters {
		if letters[i] == '_' && looksEscaped(string(letters[i:min(i+7, len(letters))])) {
			letters[i] = '-' // not every program undoes Excel's escapes in names
		}
	}
	return strings.Trim(string(letters), "' ")
}

// trimmed is so many UTF-16 units of s at most, and no half character.
func trimmed(s string, units int) string {
	for i, r := range s {
		if units -= utf16.RuneLen(r); units < 0 {
			return strings.Trim(s[:i], "' ")
		}
	}
	return s
}

// letters is the name of a column, counted from 0: A, Z, AA.
func letters(column int) string {
	var b [4]byte
	at := len(b)
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		at--
		b[at] = byte('A' + (n-1)%26)
	}
	return string(b[at:])
}
