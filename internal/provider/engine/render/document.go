package render

import (
	"time"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render/inter"
)

// Document is what to set. All texts are in the document's language already.
type Document struct {
	Language    lang.Language
	Title       string
	Sentence    string // the request in words; may be empty
	Company     string // may be empty
	GUID        string
	Type        string // of the report, with its version
	RequestedAt time.Time
	Facts       []Fact
	Figures     []Figure
	Charts      []Chart
	Tables      []Table
	Empty       string // set instead of tables without rows
	Sources     Table
	SourcesNote string // whether all was read
	Closing     []Fact // what to name when asking; label and value
}

// Fact is one of the small figures under the title.
type Fact struct {
	Label, Value, Note string
}

// Figure is one of the large ones.
type Figure struct {
	Label, Number, Unit, Note string
}

// Table is rows of cells under a head.
type Table struct {
	Title, Subtitle, Note string // each may be empty
	Columns               []Column
	Rows                  []Row
	NewPage               bool
}

// Column of a table. Figures stand right and are kept on one line as long as
// the page allows it.
type Column struct {
	Title  string
	Figure bool
	Strong bool // its cells in a heavier face
}

// Weight says how a row is set.
type Weight int

// The weights of rows.
const (
	Plain Weight = iota // numbered
	Strong
	Light // under the totals, without a line
)

// Row of a table.
type Row struct {
	Cells  []string
	Weight Weight
}

// clean makes every text of d one that can be set.
func (d Document) clean() Document {
	cleanAll(&d.Title, &d.Sentence, &d.Company, &d.GUID, &d.Type, &d.Empty, &d.SourcesNote)
	d.Facts, d.Closing = cleanFacts(d.Facts), cleanFacts(d.Closing)
	figures := make([]Figure, len(d.Figures))
	for i, f := range d.Figures {
		cleanAll(&f.Label, &f.Number, &f.Unit, &f.Note)
		figures[i] = f
	}
	charts := make([]Chart, len(d.Charts))
	for i, c := range d.Charts {
		charts[i] = c.clean()
	}
	tables := make([]Table, len(d.Tables))
	for i, t := range d.Tables {
		tables[i] = t.clean()
	}
	d.Figures, d.Charts, d.Tables, d.Sources = figures, charts, tables, d.Sources.clean()
	return d
}

func cleanAll(texts ...*string) {
	for _, t := range texts {
		*t = inter.Clean(*t)
	}
}

func cleanFacts(facts []Fact) []Fact {
	out := make([]Fact, len(facts))
	for i, f := range facts {
		cleanAll(&f.Label, &f.Value, &f.Note)
		out[i] = f
	}
	return out
}

// clean makes every text of t one that can be set.
func (t Table) clean() Table {
	cleanAll(&t.Title, &t.Subtitle, &t.Note)
	columns := make([]Column, len(t.Columns))
	for i, c := range t.Columns {
		cleanAll(&c.Title)
		columns[i] = c
	}
	rows := make([]Row, len(t.Rows))
	flat := make([]string, len(t.Rows)*len(columns))
	for i, row := range t.Rows {
		cells := flat[i*len(columns) : (i+1)*len(columns) : (i+1)*len(columns)]
		for j, cell := range row.Cells {
			cells[j] = inter.Clean(cell)
		}
		rows[i] = Row{cells, row.Weight}
	}
	t.Columns, t.Rows = columns, rows
	return t
}

// numbered is how many rows have a number.
func (t Table) numbered() (n int) {
	for _, r := range t.Rows {
		if r.Weight == Plain {
			n++
		}
	}
	return n
}
