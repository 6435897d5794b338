package gate

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkCSV lets records through as RFC 4180 has them, all of one length, whose
// cells no spreadsheet takes for formulas.
func (c *checker) checkCSV(doc []byte) *refusal {
	if int64(len(doc)) > c.limits.Bytes {
		return &refusal{TooMuch, fmt.Sprintf("%d bytes, at most %d", len(doc), c.limits.Bytes)}
	}
	if !utf8.Valid(doc) || len(doc) == 0 {
		return &refusal{NotCSV, fmt.Sprintf("not UTF-8: begins with %.32q", doc)}
	}
	if at := bytes.IndexFunc(doc, hidden); at >= 0 {
		return &refusal{NotCSV, fmt.Sprintf("a control character at byte %d", at)}
	}
	rest, width := string(doc), 0
	for record := 1; rest != ""; record++ {
		n, after, err := readRecord(rest)
		switch {
		case err != nil:
			err.Detail = fmt.Sprintf("record %d: %s", record, err.Detail)
			return err
		case record > 1 && n != width:
			return &refusal{Malformed, fmt.Sprintf("record %d has %d fields, the first one %d", record, n, width)}
		}
		width, rest = n, after
	}
	return nil
}

// hidden tells what no text has: control characters but those of lines.
func hidden(r rune) bool {
	return r != '\t' && r != '\r' && r != '\n' && (unicode.IsControl(r) || r == '\ufffe' || r == '\uffff')
}

// readRecord gives the number of its fields and what stands behind its CRLF,
// which the last one may lack.
func readRecord(s string) (fields int, rest string, err *refusal) {
	for {
		field, after, err := readField(s)
		if err != nil {
			return 0, "", err
		}
		if formulaIn(field) {
			return 0, "", &refusal{Formula, fmt.Sprintf("field %d is %.60q", fields+1, field)}
		}
		fields++
		switch {
		case after == "":
			return fields, "", nil
		case after[0] == ',':
			s = after[1:]
		case strings.HasPrefix(after, "\r\n"):
			return fields, after[2:], nil
		default:
			return 0, "", &refusal{Malformed, fmt.Sprintf("%.20q behind field %d", after, fields)}
		}
	}
}

func readField(s string) (field, rest string, err *refusal) {
	if s == "" || s[0] != '"' {
		end := strings.IndexAny(s, ",\r\n\"")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], nil
	}
	for at := 1; ; at += 2 {
		end := strings.IndexByte(s[at:], '"')
		if end < 0 {
			return "", "", &refusal{Malformed, "a quoted field does not end"}
		}
		if at += end; at+1 == len(s) || s[at+1] != '"' {
			return strings.ReplaceAll(s[1:at], `""`, `"`), s[at+1:], nil
		}
	}
}

// plainNumber may begin with a sign.
var plainNumber = regexp.MustCompile(`\A[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\z`)

// formulaIn tells whether a spreadsheet could find a formula in a field: at its
// beginning, or behind what it may take for the end of a cell. Where lists are
// written with semicolons, Excel takes those for commas.
func formulaIn(field string) bool {
	if !strings.ContainsAny(field, "=+-@＝＋－＠") || plainNumber.MatchString(field) {
		return false
	}
	for cell := range strings.FieldsFuncSeq(field, func(r rune) bool { return r == ';' || r == '\t' || r == '\r' || r == '\n' }) {
		if startsFormula(cell) {
			return true
		}
	}
	return false
}

// startsFormula skips what spreadsheets skip: spaces, and what cannot be seen.
func startsFormula(s string) bool {
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '＝', '＋', '－', '＠':
			return true
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return false
}
