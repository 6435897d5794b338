package render

import "fmt"

const (
	tableSize = 8.5 // points; leading and padding follow the size
	leading   = 1.4 // of the size
	padding   = 0.45
	roomy     = 0.7   // padding of a table that is read, not searched
	fewRows   = 30    // such a table has at most so many
	maxText   = 260.0 // a text column does not ask for more than this
	maxWord   = 120.0 // a word or figure longer than this may be cut
	maxTitle  = 90.0  // nor is a column made wider for its title
	headLines = 4     // a longer title of a column is shortened
	maxKey    = 180.0 // the column repeated in each part of a split table
)

// laid is a table, or a part of one, with its columns measured and fitted to a
// page.
type laid struct {
	def        Table
	way        way
	cell, bold style
	head       style
	pad        float64 // over and under a row
	gutter     float64 // for the row numbers
	columns    []int   // of def, from left to right
	widths     []float64
	part, of   int // of 0: all of it
}

// way to set a table.
type way struct {
	landscape bool
	size      float64
	gap       float64 // between columns
}

// uprightFirst is upright and as large as it can be, then smaller, then
// across, at last smaller still.
func uprightFirst() []way {
	return []way{{false, tableSize, 12}, {false, 7.5, 9}, {true, tableSize, 12}, {true, 7.5, 9}, {true, 6.5, 6}}
}

// layTable sets t in the first way that cuts no word and no figure. Where there
// is none it is set in parts, in the last way, each with the first column.
func (s styles) layTable(t Table, ways []way) []*laid {
	natural, least := s.measure(t)
	all := make([]int, len(t.Columns))
	for i := range all {
		all[i] = i
	}
	var l *laid
	for _, w := range ways {
		l = s.try(t, w, all)
		if l.distribute(natural, least) {
			return []*laid{l}
		}
	}
	parts := l.split(least)
	out := make([]*laid, len(parts))
	for i, columns := range parts {
		out[i] = s.try(t, l.way, columns)
		out[i].distribute(natural, least)
		if len(parts) > 1 {
			out[i].part, out[i].of = i+1, len(parts)
		}
	}
	return out
}

func (s styles) try(t Table, w way, columns []int) *laid {
	l := &laid{def: t, way: w, cell: s.cell, bold: s.strong, head: s.head, columns: columns}
	l.cell.size, l.bold.size, l.head.size = w.size, w.size, w.size*s.head.size/tableSize
	l.pad = w.size * padding
	if len(t.Rows) <= fewRows && w.size == tableSize {
		l.pad = w.size * roomy
	}
	l.gutter = l.cell.width(fmt.Sprint(t.numbered())) + 8
	return l
}

// split puts as many columns on each part as its page holds, the first column
// on all of them.
func (l *laid) split(least []float64) [][]int {
	scale := l.way.size / tableSize
	key := min(scale*least[0], maxKey)
	var parts [][]int
	part, used := []int{0}, key
	for i := 1; i < len(least); i++ {
		w := scale*least[i] + l.way.gap
		if used+w > l.page()-l.gutter && len(part) > 1 {
			parts = append(parts, part)
			part, used = []int{0}, key
		}
		part, used = append(part, i), used+w
	}
	return append(parts, part)
}

// measure gives for each column the width it would like and the least it needs
// without cutting words or figures, at tableSize.
func (s styles) measure(t Table) (natural, least []float64) {
	natural, least = make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		title := min(s.head.longestWord(c.Title), maxWord)
		natural[i], least[i] = title, title
		for _, row := range t.Rows {
			face := s.cell
			if row.Weight == Strong || c.Strong {
				face = s.strong
			}
			w := face.width(row.Cells[i])
			natural[i] = max(natural[i], w)
			if !c.Figure && w > least[i] {
				least[i] = max(least[i], min(face.longestWord(row.Cells[i]), maxWord))
			}
		}
		if c.Figure {
			natural[i] = min(natural[i], maxWord)
			least[i] = natural[i]
		}
		natural[i] = max(least[i], min(natural[i], maxText))
		natural[i] = max(natural[i], min(s.head.width(c.Title), maxTitle))
	}
	return natural, least
}

// distribute the width of the page over the columns. It reports whether all
// get what they need; if not, they are set all the same, and cut.
func (l *laid) distribute(natural, least []float64) bool {
	scale := l.way.size / tableSize
	room := l.page() - l.gutter - l.way.gap*float64(len(l.columns)-1)
	wish, need := 0.0, 0.0
	for _, c := range l.columns {
		wish, need = wish+scale*natural[c], need+scale*least[c]
	}
	l.widths = make([]float64, len(l.columns))
	for i, c := range l.columns {
		switch {
		case wish <= room:
			l.widths[i] = scale * natural[c]
		case need <= room:
			l.widths[i] = scale * (least[c] + (natural[c]-least[c])*(room-need)/(wish-need))
		default:
			l.widths[i] = scale * least[c] * room / need
		}
	}
	l.spread(room)
	return need <= room
}

// page is the width between the margins.
func (l *laid) page() float64 {
	if l.way.landscape {
		return long - 2*margin
	}
	return short - 2*margin
}

// spread gives what is left over to all columns, most of it to the texts.
func (l *laid) spread(room float64) {
	left := room
	for _, w := range l.widths {
		left -= w
	}
	if left <= 0 {
		return
	}
	shares, all := make([]float64, len(l.widths)), 0.0
	for i, c := range l.columns {
		shares[i] = 1
		if !l.def.Columns[c].Figure {
			shares[i] = 4
		}
		all += shares[i]
	}
	for i := range l.widths {
		l.widths[i] += left * shares[i] / all
	}
}
