package sheet

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// chunk is how much is gathered before it is written.
const chunk = 32 << 10

// The marks of the parts.
const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spaceMain   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
)

// What a sheet holds (ECMA-376 and Excel's specification).
const (
	maxRows    = 1_048_576
	maxColumns = 16_384
	maxText    = 32_767  // UTF-16 units of a cell
	maxWhole   = 1 << 53 // up to here a float has every whole number
)

// part is the XML of a sheet being written. The first error stays.
type part struct {
	to  io.Writer
	buf []byte
	err error
}

func (p *part) raw(s string) { p.buf = append(p.buf, s...) }

func (p *part) number(n int) { p.buf = strconv.AppendInt(p.buf, int64(n), 10) }

// spill writes what has gathered, now and then.
func (p *part) spill() {
	if len(p.buf) >= chunk {
		p.flush()
	}
}

func (p *part) flush() {
	if p.err == nil {
		_, p.err = p.to.Write(p.buf)
	}
	p.buf = p.buf[:0]
}

// place is where a cell stands and how it looks.
type place struct {
	column string
	row    int
	style  int
}

func (p *part) open(at place) {
	p.raw(`<c r="`)
	p.raw(at.column)
	p.number(at.row)
	if at.style > 0 {
		p.raw(`" s="`)
		p.number(at.style)
	}
}

// text writes a cell of text; it is kept in the cell itself, since a table of
// shared texts would have to be held until the end.
func (p *part) text(at place, s string) {
	if tooLong(s) && p.err == nil {
		p.err = refuse("sheet-cell-too-long", "The text in the cell %s%d is longer than the %d characters a cell can hold. Ask for CSV, or have the report shortened.", at.column, at.row, maxText)
	}
	p.open(at)
	p.raw(`" t="inlineStr"><is><t`)
	if s != "" && (s[0] <= ' ' || s[len(s)-1] <= ' ') {
		p.raw(` xml:space="preserve"`)
	}
	p.raw(">")
	p.buf = appendEscaped(p.buf, s)
	p.raw("</t></is></c>")
}

func tooLong(s string) bool {
	if len(s) <= maxText {
		return false
	}
	units := 0
	for _, r := range s {
		units += utf16.RuneLen(r)
	}
	return units > maxText
}

// value writes a cell of a number or a day, with the formula it comes of, if
// any. What no cell holds as a number is told as false, and not written.
func (p *part) value(at place, v any, formula string) bool {
	var digits [32]byte
	written := appendNumber(digits[:0], v)
	if len(written) == 0 {
		return false
	}
	p.open(at)
	p.raw(`">`)
	if formula != "" {
		p.raw("<f>")
		p.raw(formula)
		p.raw("</f>")
	}
	p.raw("<v>")
	p.buf = append(p.buf, written...)
	p.raw("</v></c>")
	return true
}

func appendNumber(b []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		if v >= -maxWhole && v <= maxWhole {
			return strconv.AppendInt(b, v, 10)
		}
	case float64:
		if finite(v) {
			return appendFloat(b, v)
		}
	case time.Time:
		if day, ok := serial(v); ok {
			return strconv.AppendInt(b, day, 10)
		}
	}
	return b
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// appendFloat writes the fewest digits that are v again, and none of them in an
// exponent as long as a person could count the zeros.
func appendFloat(b []byte, v float64) []byte {
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// serial is the number of a day: days since 1899-12-30. Excel's calendar has a
// 29 February 1900, so it is ours only after that.
func serial(t time.Time) (int64, bool) {
	year, month, day := t.Date()
	t = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	const firstDay, lastDay = 61, 2_958_465 // 1900-03-01, 9999-12-31
	days := (t.Unix() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()) / (24 * 60 * 60)
	return days, days >= firstDay && days <= lastDay
}

// wordsOf is a value as text, where a cell cannot hold it as it is.
func wordsOf(v any) string {
	switch v := v.(type) {
	case string:
		return clean(v)
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return clean(fmt.Sprint(v))
}

// escaped is text as XML has it.
func escaped(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		b = appendByte(b, s[i])
	}
	return string(b)
}

// appendEscaped writes the text of a cell. An underscore that would begin one
// of Excel's own escapes, _x0041_, is escaped in that way itself.
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == '_' && looksEscaped(s[i:]) {
			b = append(b, "_x005F_"...)
		} else {
			b = appendByte(b, s[i])
		}
	}
	return b
}

func appendByte(b []byte, c byte) []byte {
	switch c {
	case '&':
		return append(b, "&amp;"...)
	case '<':
		return append(b, "&lt;"...)
	case '>':
		return append(b, "&gt;"...)
	case '"':
		return append(b, "&quot;"...)
	case '\r':
		return append(b, "&#13;"...)
	}
	return append(b, c)
}

// looksEscaped tells whether s begins like _x0041_.
func looksEscaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	return strings.Trim(s[2:6], "0123456789abcdefABCDEF") == ""
}
