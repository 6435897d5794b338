package sheet

import (
	"strconv"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/tabulate"
)

// maxRuns is how many ranges a formula may name; Excel takes 255 arguments, a
// person reads less.
const maxRuns = 30

// formula is what a total is of the cells above it; "" where no formula says
// the same: a body with numbers only text can hold, more subtotals than a
// formula can step over, weights that are in no column.
func (m measured) formula(s Sheet, kind tabulate.Kind, at int) string {
	c := s.Grid.Columns[at]
	if m.columns[at].other || m.columns[at].numbers == 0 || len(m.runs) > maxRuns {
		return ""
	}
	switch {
	case kind == tabulate.Total && c.Total == definition.Sum:
		return "SUM(" + m.ranges(at) + ")"
	case kind == tabulate.Average && c.Total == definition.Avg:
		return "AVERAGE(" + m.ranges(at) + ")"
	case kind == tabulate.Total && c.Total == definition.Avg:
		return m.weighted(s, at)
	}
	return ""
}

// weighted is the average by the weights beside it. A value that is not there
// has no weight; a formula over ranges cannot say that.
func (m measured) weighted(s Sheet, at int) string {
	by, known := s.Weights[at]
	if !known || by < 0 || by >= len(m.columns) || len(m.runs) != 1 ||
		m.columns[at].numbers != m.body || m.columns[by].other || m.columns[by].numbers == 0 {
		return ""
	}
	return "SUMPRODUCT(" + m.ranges(at) + "," + m.ranges(by) + ")/SUM(" + m.ranges(by) + ")"
}

// ranges names the body's cells in a column: B2:B9,B11:B20.
func (m measured) ranges(at int) string {
	var b strings.Builder
	name := letters(at)
	for i, r := range m.runs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name + strconv.Itoa(r.first) + ":" + name + strconv.Itoa(r.last))
	}
	return b.String()
}
