package tabulate

import (
	"fmt"
	"math/big"
	"slices"

	"peyk/internal/provider/engine/definition"
)

// total puts the body into the grid, with subtotals after their runs and the
// totals under it.
func (m *maker) total(body []line) {
	all := newTally(m.grid.Columns)
	part := newTally(m.grid.Columns)
	by := slices.IndexFunc(m.grid.Columns, func(c Column) bool { return m.table.Subtotal != "" && c.from.Name == m.table.Subtotal })
	m.grid.Rows = make([]Row, 0, len(body))
	for i, l := range body {
		m.grid.Rows = append(m.grid.Rows, Row{Body, l.cells})
		all.add(l)
		if by < 0 {
			continue
		}
		part.add(l)
		if i+1 == len(body) || body[i+1].cells[by] != l.cells[by] {
			m.grid.Rows = append(m.grid.Rows, m.subtotal(part, by, l.cells[by]))
			part = newTally(m.grid.Columns)
		}
	}
	if len(body) > 0 {
		m.totals(all)
	}
}

func (m *maker) subtotal(t tally, by int, of any) Row {
	r := Row{Subtotal, make([]any, len(m.grid.Columns))}
	for i, c := range m.grid.Columns {
		if c.Total != definition.NoTotal {
			r.Cells[i] = t.value(i, c.Total)
		}
	}
	r.Cells[by] = fmt.Sprintf("%s: %s", m.options.Language.Words.Subtotal, Text(of, m.grid.Columns[by].Look, m.options.Language))
	return r
}

// totals are the rows under the table: sums with the weighted averages, then
// averages, counts and shares, each where there are any.
func (m *maker) totals(t tally) {
	words := m.options.Language.Words
	for _, row := range []struct {
		kind Kind
		name string
		has  func(Column) bool
	}{
		{Total, words.Total, func(c Column) bool { return c.Total == definition.Sum || c.from.Weight != "" }},
		{Average, words.Average, func(c Column) bool { return c.Total == definition.Avg && c.from.Weight == "" }},
		{Count, words.Count, func(c Column) bool { return c.Total == definition.Count }},
	} {
		if slices.ContainsFunc(m.grid.Columns, row.has) {
			m.grid.Totals = append(m.grid.Totals, m.named(row.kind, row.name, row.has, func(i int, c Column) any { return t.value(i, c.Total) }))
		}
	}
	whole := slices.IndexFunc(m.grid.Columns, func(c Column) bool { return m.table.Shares != "" && c.from.Name == m.table.Shares })
	if whole < 0 {
		return
	}
	sum, ok := t.columns[whole].of(definition.Sum)
	if !ok || sum.float == 0 {
		return
	}
	shared := func(c Column) bool { return c.shared }
	m.grid.Totals = append(m.grid.Totals, m.named(Shares, words.Share, shared, func(i int, _ Column) any {
		if n, ok := t.columns[i].of(definition.Sum); ok {
			return n.float / sum.float
		}
		return nil
	}))
}

// named makes a row with its name in the first text without such a total, else
// in the first column without one, else before the first total.
func (m *maker) named(kind Kind, name string, has func(Column) bool, value func(int, Column) any) Row {
	r := Row{kind, make([]any, len(m.grid.Columns))}
	for i, c := range m.grid.Columns {
		if has(c) {
			if r.Cells[i] = value(i, c); r.Cells[i] == nil {
				r.Cells[i] = Absent
			}
		}
	}
	at := slices.IndexFunc(m.grid.Columns, func(c Column) bool { return !has(c) && !c.Format.Numeric() })
	if at < 0 {
		at = slices.IndexFunc(m.grid.Columns, func(c Column) bool { return !has(c) })
	}
	if at < 0 {
		r.Cells[0] = name + ": " + r.Text(m.grid.Columns, m.options.Language)[0]
		return r
	}
	r.Cells[at] = name
	return r
}

// tally gathers what stands under the columns.
type tally struct{ columns []total }

func newTally(columns []Column) tally {
	t := tally{make([]total, len(columns))}
	for i, c := range columns {
		t.columns[i].kind, t.columns[i].weighted = c.Total, c.from.Weight != ""
	}
	return t
}

func (t tally) add(l line) {
	for i, v := range l.cells {
		c := &t.columns[i]
		if v == nil || c.kind == definition.NoTotal {
			continue
		}
		if c.kind == definition.Count {
			c.count++
			continue
		}
		n, err := numberOf(v)
		if err != nil { // a cell of a number column is one
			panic(fmt.Sprintf("tabulate: total of %v: %v", v, err))
		}
		if c.weighted {
			c.addWeighted(n, l.weights[i])
		} else {
			c.add(n)
		}
	}
}

func (t tally) value(i int, kind definition.Total) any {
	n, ok := t.columns[i].of(kind)
	if !ok {
		return nil
	}
	return n.value()
}

// precision of sums, in bits: millions of amounts add up without a trace of
// their order.
const precision = 256

// total gathers what stands under one column.
type total struct {
	kind     definition.Total
	weighted bool
	count    int64
	sum      *big.Float
	weight   *big.Float
	part     big.Float
}

func (t *total) add(n number) {
	t.count++
	if t.sum == nil {
		t.sum = new(big.Float).SetPrec(precision)
	}
	t.sum.Add(t.sum, n.exactly(&t.part))
}

func (t *total) addWeighted(n, weight number) {
	if t.weight == nil {
		t.sum, t.weight = new(big.Float).SetPrec(precision), new(big.Float).SetPrec(precision)
	}
	w := weight.exactly(new(big.Float))
	t.weight.Add(t.weight, w)
	t.sum.Add(t.sum, w.SetPrec(precision).Mul(w, n.exactly(&t.part)))
}

// of kind, as a number; false where there was nothing to make it of.
func (t *total) of(kind definition.Total) (number, bool) {
	if kind == definition.Count {
		return whole(t.count), true
	}
	if t.sum == nil {
		return number{}, false
	}
	v := new(big.Float).SetPrec(precision).Set(t.sum)
	if kind == definition.Avg {
		by := t.weight
		if !t.weighted {
			by = new(big.Float).SetInt64(t.count)
		}
		if by.Sign() == 0 {
			return number{}, false
		}
		v.Quo(v, by)
	}
	n := number{}
	n.float, _ = v.Float64()
	if i, accuracy := v.Int64(); v.IsInt() && accuracy == big.Exact {
		n.whole, n.integer = true, i
	}
	return n, true
}
