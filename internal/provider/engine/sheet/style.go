package sheet

import (
	"strconv"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
)

// style is how a cell looks.
type style struct {
	format string // a number format code; "": General
	bold   bool
	rule   rule
	quote  bool // text, whatever it begins with
	wrap   bool
}

// rule is the line at a cell.
type rule int

// The rules, in the order of the borders in styles.xml.
const (
	noRule rule = iota
	under       // under the head
	over        // over totals
)

// formatCode writes a look as Excel's format codes do: always with a comma
// between thousands and a point before decimals, which each reader's Excel
// shows as the reader's settings have it. What it does not turn round by itself
// is written as the language has it: the percent sign and the order of a date.
func formatCode(look definition.Look, l lang.Language) string {
	switch look.Format {
	case definition.FormatInteger:
		return "#,##0"
	case definition.FormatDecimal:
		return "#,##0" + decimals(look.Digits)
	case definition.FormatPercent:
		if l.Tag == lang.Of("tr").Tag {
			return "%0" + decimals(look.Digits)
		}
		return "0" + decimals(look.Digits) + "%"
	case definition.FormatMoney:
		return "[$" + look.Currency.Symbol() + "]#,##0" + decimals(look.Digits)
	case definition.FormatDate:
		if l.Tag == lang.Of("tr").Tag {
			return `dd\.mm\.yyyy`
		}
		return "yyyy-mm-dd"
	}
	return ""
}

func decimals(digits int) string {
	if digits <= 0 {
		return ""
	}
	return "." + strings.Repeat("0", digits)
}

// styles gives each look a number, in the order they are first needed.
type styles struct {
	all     []style
	numbers map[style]int
}

func newStyles() *styles {
	s := &styles{numbers: map[style]int{}}
	s.of(style{}) // number 0 is that of every cell without one
	return s
}

func (s *styles) of(want style) int {
	n, known := s.numbers[want]
	if !known {
		n = len(s.all)
		s.numbers[want], s.all = n, append(s.all, want)
	}
	return n
}

// firstFormat is the least number of a format of one's own.
const firstFormat = 164

// xml is xl/styles.xml.
func (s *styles) xml() string {
	var formats, cells strings.Builder
	ids := map[string]int{"": 0}
	for _, st := range s.all {
		if _, known := ids[st.format]; !known {
			ids[st.format] = firstFormat + len(ids) - 1
			formats.WriteString(`<numFmt numFmtId="` + strconv.Itoa(ids[st.format]) + `" formatCode="` + escaped(st.format) + `"/>`)
		}
		cells.WriteString(st.xml(ids[st.format]))
	}
	b := declaration + `<styleSheet xmlns="` + spaceMain + `">`
	if n := len(ids) - 1; n > 0 {
		b += `<numFmts count="` + strconv.Itoa(n) + `">` + formats.String() + `</numFmts>`
	}
	return b + `<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>` +
		`<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="3">` + border("", "") + border("", "thin") + border("thin", "") + `</borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="` + strconv.Itoa(len(s.all)) + `">` + cells.String() + `</cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

func border(top, bottom string) string {
	side := func(name, kind string) string {
		if kind == "" {
			return "<" + name + "/>"
		}
		return "<" + name + ` style="` + kind + `"><color auto="1"/></` + name + ">"
	}
	return "<border><left/><right/>" + side("top", top) + side("bottom", bottom) + "<diagonal/></border>"
}

func (s style) xml(format int) string {
	b := `<xf numFmtId="` + strconv.Itoa(format) + `" fontId="` + flag(s.bold) + `" fillId="0" borderId="` + strconv.Itoa(int(s.rule)) + `" xfId="0"`
	if s.quote {
		b += ` quotePrefix="1"`
	}
	if format > 0 {
		b += ` applyNumberFormat="1"`
	}
	if s.bold {
		b += ` applyFont="1"`
	}
	if s.rule != noRule {
		b += ` applyBorder="1"`
	}
	if s.wrap {
		return b + ` applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>`
	}
	return b + "/>"
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
