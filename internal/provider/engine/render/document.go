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
	Table       Table
	Empty       string // set instead of a table without rows
	Sources     Table
	SourcesNote string // whether all was read
}

// Fact is one of the small figures under the title.
type Fact struct {
	Label, Value, Note string
}

// Table is rows of cells under a head.
type Table struct {
	Title   string // may be empty
	Columns []Column
	Rows    [][]string
	Totals  [][]string // rows under the table
}

// Column of a table. Figures stand right and are kept on one line as long as
// the page allows it.
type Column struct {
	Title  string
	Figure bool
}

// clean makes every text of d one that can be set.
func (d Document) clean() Document {
	for _, text := range []*string{&d.Title, &d.Sentence, &d.Company, &d.GUID, &d.Type, &d.Empty, &d.SourcesNote} {
		*text = inter.Clean(*text)
	}
	facts := make([]Fact, len(d.Facts))
	for i, f := range d.Facts {
		facts[i] = Fact{inter.Clean(f.Label), inter.Clean(f.Value), inter.Clean(f.Note)}
	}
	d.Facts, d.Table, d.Sources = facts, d.Table.clean(), d.Sources.clean()
	return d
}

// clean makes every text of t one that can be set.
func (t Table) clean() Table {
	out := Table{Title: inter.Clean(t.Title), Columns: make([]Column, len(t.Columns))}
	for i, c := range t.Columns {
		out.Columns[i] = Column{inter.Clean(c.Title), c.Figure}
	}
	out.Rows, out.Totals = cleanRows(t.Rows), cleanRows(t.Totals)
	return out
}

func cleanRows(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = make([]string, len(row))
		for j, cell := range row {
			out[i][j] = inter.Clean(cell)
		}
	}
	return out
}
