package mail

import (
	"fmt"
	"strings"
)

// maxLine is the limit of RFC 2047 section 2 for a header line that holds an
// encoded word; it lies below the 78 of RFC 5322, so it serves for all.
const maxLine = 76

// Field is one header field in wire form: the value is encoded, and folded
// with CRLF and a space where it is long.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// unstructured makes a field of free text (RFC 5322 section 2.2.1).
func unstructured(name, text string) Field {
	text = clean(text)
	if plain(text) && len(name)+2+len(text) <= maxLine {
		return Field{name, text}
	}
	value, _ := encodedWords(text, len(name)+2)
	return Field{name, value}
}

// token makes a field whose value must not be broken; a long one moves to a
// line of its own.
func token(name, value string) Field {
	if len(name)+2+len(value) > maxLine {
		value = "\r\n " + value
	}
	return Field{name, value}
}

// mailbox makes an address field: a display name and an address.
func mailbox(name string, p Person, address string) Field {
	display := clean(p.Name)
	if display == "" {
		return Field{name, address}
	}
	value, col := phrase(display, len(name)+2)
	if col+len(address)+3 > maxLine {
		value += "\r\n"
	}
	return Field{name, value + " <" + address + ">"}
}

// phrase writes a display name that starts at column col and tells the
// column it ends at.
func phrase(s string, col int) (string, int) {
	if plain(s) && col+len(s)+2 <= maxLine {
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		return quoted, col + len(quoted)
	}
	return encodedWords(s, col)
}

// plain reports whether text can stand in a header unencoded.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, "=?")
}

// encodedWords writes text as Q encoded words of RFC 2047, the first starting
// at column col, folded before maxLine. No character is cut in two. It tells
// the column it ends at.
func encodedWords(s string, col int) (string, int) {
	const start, end = "=?UTF-8?Q?", "?="
	var b strings.Builder
	b.WriteString(start)
	col += len(start)
	for _, r := range s {
		piece := quoteRune(r)
		if col+len(piece)+len(end) > maxLine {
			b.WriteString(end + "\r\n " + start)
			col = 1 + len(start)
		}
		b.WriteString(piece)
		col += len(piece)
	}
	b.WriteString(end)
	return b.String(), col + len(end)
}

// quoteRune is the Q encoding with the small alphabet that is allowed even
// in a phrase (RFC 2047 section 5, rule 3).
func quoteRune(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', strings.ContainsRune("!*+-/", r):
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "=%02X", c)
	}
	return b.String()
}

// parameter writes one parameter of a MIME field on a line of its own, as a
// quoted string where it is short ASCII, else in the extended form of
// RFC 2231, continued over several lines where it is long.
func parameter(name, value string) string {
	if plain(value) && !strings.ContainsAny(value, `"\%*'`) && len(name)+len(value)+5 <= maxLine {
		return fmt.Sprintf(";\r\n %s=%q", name, value)
	}
	pieces := percentPieces(value, maxLine-len(" *00*=UTF-8'';")-len(name))
	if len(pieces) == 1 {
		return fmt.Sprintf(";\r\n %s*=UTF-8''%s", name, pieces[0])
	}
	var b strings.Builder
	charset := "UTF-8''"
	for i, piece := range pieces {
		fmt.Fprintf(&b, ";\r\n %s*%d*=%s%s", name, i, charset, piece)
		charset = ""
	}
	return b.String()
}

// percentPieces percent-encodes value in pieces of at most size bytes, none
// of which cuts a character.
func percentPieces(value string, size int) []string {
	var pieces []string
	var b strings.Builder
	for _, r := range value {
		encoded := percentRune(r)
		if b.Len() > 0 && b.Len()+len(encoded) > size {
			pieces = append(pieces, b.String())
			b.Reset()
		}
		b.WriteString(encoded)
	}
	return append(pieces, b.String())
}

// percentRune leaves the letters, digits and marks that RFC 2231's
// attribute-char and RFC 5987's attr-char have in common.
func percentRune(r rune) string {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-._~", r) {
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
