package render

import "fmt"

const (
	tableSize = 8.5 // points; leading and padding follow the size
	leading   = 1.4 // of the size
	padding   = 0.45
	maxText   = 260.0 // a text column does not ask for more than this
	maxWord   = 120.0 // a word or figure longer than this may be cut
	maxTitle  = 90.0  // nor is a column made wider for its title
	headLines = 4     // a longer title of a column is shortened
)

// laid is a table with its columns measured and fitted to a page.
type laid struct {
	def        Table
	landscape  bool
	cell, bold style
	head       style
	gutter     float64 // for the row numbers
	gap        float64
	widths     []float64
}

// fits are the ways to set a table, best first.
type fits []struct {
	landscape bool
	size      float64
	gap       float64 // between columns
}

// uprightFirst is upright and as large as it can be, then smaller, then
// across, at last smaller still.
func uprightFirst() fits {
	return fits{{false, tableSize, 12}, {false, 7.5, 9}, {true, tableSize, 12}, {true, 7.5, 9}, {true, 6.5, 6}, {true, 5.5, 4}}
}

// layTable sets t in the first way that cuts no word and no figure, else in
// the last one.
func (s styles) layTable(t Table, ways fits) *laid {
	natural, least := s.measure(t)
	var l *laid
	for _, way := range ways {
		l = s.try(t, way.landscape, way.size, way.gap)
		if l.distribute(natural, least) {
			break
		}
	}
	return l
}

func (s styles) try(t Table, landscape bool, size, gap float64) *laid {
	l := &laid{def: t, landscape: landscape, cell: s.cell, bold: s.strong, head: s.head, gap: gap}
	l.cell.size, l.bold.size, l.head.size = size, size, size*s.head.size/tableSize
	l.gutter = l.cell.width(fmt.Sprint(len(t.Rows))) + 8
	return l
}

// measure gives for each column the width it would like and the least it needs
// without cutting words or figures, at tableSize.
func (s styles) measure(t Table) (natural, least []float64) {
	natural, least = make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		least[i] = min(s.head.longestWord(c.Title), maxWord)
		natural[i] = least[i]
		for _, row := range t.Rows {
			natural[i] = max(natural[i], s.cell.width(row[i]))
		}
		for _, row := range t.Totals {
			natural[i] = max(natural[i], s.strong.width(row[i]))
		}
		if c.Figure {
			natural[i] = min(natural[i], maxWord)
			least[i] = natural[i]
		} else {
			natural[i] = max(least[i], min(natural[i], maxText))
			least[i] = s.leastOf(t, i, least[i])
		}
		natural[i] = max(natural[i], min(s.head.width(c.Title), maxTitle))
	}
	return natural, least
}

func (s styles) leastOf(t Table, column int, least float64) float64 {
	for _, row := range t.Rows {
		if s.cell.width(row[column]) > least {
			least = max(least, s.cell.longestWord(row[column]))
		}
	}
	return min(least, maxWord)
}

// distribute the width of the page over the columns. It reports whether all
// get what they need; if not, they are set all the same, and cut.
func (l *laid) distribute(natural, least []float64) bool {
	scale := l.cell.size / tableSize
	room := l.room()
	wish, need := scale*sum(natural), scale*sum(least)
	l.widths = make([]float64, len(natural))
	for i := range l.widths {
		switch {
		case wish <= room:
			l.widths[i] = scale * natural[i]
		case need <= room:
			l.widths[i] = scale * (least[i] + (natural[i]-least[i])*(room/scale-sum(least))/(sum(natural)-sum(least)))
		default:
			l.widths[i] = scale * least[i] * room / need
		}
	}
	l.spread(room)
	return need <= room
}

func (l *laid) room() float64 {
	page := short
	if l.landscape {
		page = long
	}
	return page - 2*margin - l.gutter - l.gap*float64(len(l.def.Columns)-1)
}

// spread gives what is left over to all columns, most of it to the texts.
func (l *laid) spread(room float64) {
	left := room - sum(l.widths)
	if left <= 0 {
		return
	}
	shares, all := make([]float64, len(l.widths)), 0.0
	for i, c := range l.def.Columns {
		shares[i] = 1
		if !c.Figure {
			shares[i] = 4
		}
		all += shares[i]
	}
	for i := range l.widths {
		l.widths[i] += left * shares[i] / all
	}
}

func sum(all []float64) float64 {
	total := 0.0
	for _, v := range all {
		total += v
	}
	return total
}
