package tabulate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"peyk/internal/provider/engine/definition"
)

// pivoted is one value of the pivot's column: a column to be.
type pivoted struct {
	title string
	sum   float64
}

// group is the rows that agree in every column but the pivot's.
type group struct {
	line
	sums map[string]*total
}

// pivot makes the row of each group and the columns of the values. at is the
// place of the pivot among the columns.
func (m *maker) pivot(at int, rows [][]any) ([]line, error) {
	groups, err := m.groups(at, rows)
	if err != nil {
		return nil, err
	}
	titles, kept := m.spread(at, groups)
	c := m.table.Columns[at]
	for i, other := range m.table.Columns {
		if i != at {
			m.grid.Columns = append(m.grid.Columns, m.column(other, other.Title.In(m.options.Locale)))
			continue
		}
		for _, title := range titles {
			m.grid.Columns = append(m.grid.Columns, m.column(c, title))
		}
	}
	lines := make([]line, len(groups))
	for i, g := range groups {
		lines[i] = g.wide(at, len(titles), kept)
	}
	return lines, nil
}

func (m *maker) groups(at int, rows [][]any) ([]*group, error) {
	c := m.table.Columns[at]
	value, name := m.places[c.Pivot.Value], m.places[c.Name]
	var order []*group
	known := map[string]*group{}
	for i, row := range rows {
		l := line{cells: make([]any, len(m.table.Columns))}
		if err := m.fill(&l, i, row); err != nil {
			return nil, err
		}
		key := keyOf(l.cells)
		g := known[key]
		if g == nil {
			g = &group{l, map[string]*total{}}
			known[key], order = g, append(order, g)
		}
		if row[value] == nil {
			continue
		}
		n, err := numberOf(row[value])
		if err != nil {
			return nil, wrong(c, i+1, row[value], err)
		}
		title := Label(row[name])
		if g.sums[title] == nil {
			g.sums[title] = &total{}
		}
		g.sums[title].add(n)
	}
	return order, nil
}

// keyOf tells cells apart.
func keyOf(cells []any) string {
	var b strings.Builder
	for _, v := range cells {
		fmt.Fprintf(&b, "%T %v\x00", v, v)
	}
	return b.String()
}

// spread puts the values of the pivot in order, the greatest sum first, and
// tells the column of each, counted from the pivot's place.
func (m *maker) spread(at int, groups []*group) (titles []string, kept map[string]int) {
	sums := map[string]*total{}
	for _, g := range groups {
		for title, t := range g.sums {
			if sums[title] == nil {
				sums[title] = &total{}
			}
			n, _ := t.of(definition.Sum)
			sums[title].add(n)
		}
	}
	all := make([]pivoted, 0, len(sums))
	for title, t := range sums {
		n, _ := t.of(definition.Sum)
		all = append(all, pivoted{title, n.float})
	}
	slices.SortFunc(all, func(a, b pivoted) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.title, b.title))
	})
	p := m.table.Columns[at].Pivot
	keep := len(all)
	if !m.options.Whole && keep > p.Keep+1 { // one column more takes the place of "one other"
		keep = p.Keep
	}
	kept = make(map[string]int, len(all))
	for i, v := range all {
		kept[v.title] = min(i, keep)
		if i < keep {
			titles = append(titles, v.title)
		}
	}
	if others := len(all) - keep; others > 0 {
		m.grid.Gathered = others
		titles = append(titles, definition.FillSlots(p.Others.In(m.options.Locale), func(definition.Slot) string {
			return strconv.Itoa(others)
		}))
	}
	return titles, kept
}

// wide is the row of the group with n columns in the place of the pivot.
func (g *group) wide(at, n int, kept map[string]int) line {
	sums := make([]total, n)
	for title, t := range g.sums {
		v, _ := t.of(definition.Sum)
		sums[kept[title]].add(v)
	}
	l := line{cells: make([]any, 0, len(g.cells)-1+n)}
	l.cells = append(l.cells, g.cells[:at]...)
	for i := range sums {
		if v, ok := sums[i].of(definition.Sum); ok {
			l.cells = append(l.cells, v.value())
		} else {
			l.cells = append(l.cells, nil)
		}
	}
	l.cells = append(l.cells, g.cells[at+1:]...)
	if g.weights != nil {
		l.weights = append(append(l.weights, g.weights[:at]...), make([]number, n)...)
		l.weights = append(l.weights, g.weights[at+1:]...)
	}
	return l
}
