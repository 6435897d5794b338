package compose

import (
	"fmt"
	"slices"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// Order is what was asked for, checked.
type Order struct {
	Report      *definition.Report
	Values      map[string]definition.Value
	GUID        string
	Company     string // whose data they are; may be empty
	RequestedBy string
	RequestedAt time.Time
	Locale      string // tr or en
	Location    *time.Location
	Formats     []string // all that were asked for together
	PageRows    int      // most rows of a table in a document for reading
}

// Language of the documents.
func (o Order) Language() lang.Language { return lang.Of(o.Locale) }

// Queries are those of the layout, in the order Page and Book look for their
// answers.
func Queries(r *definition.Report) []query.Query {
	var all []query.Query
	ask := func(q query.Query) {
		if q.Text != "" {
			all = append(all, q)
		}
	}
	for _, f := range r.Figures {
		ask(f.Query)
	}
	for _, c := range r.Charts {
		ask(c.Query)
		ask(c.Finding)
	}
	for _, t := range r.Tables {
		ask(t.Query)
	}
	return all
}

// answers are the rows of the layout's parts.
type answers struct {
	figures, charts, findings, tables []gather.Table
}

func answersOf(r *definition.Report, g gather.Result) answers {
	var a answers
	left := g.Answers
	next := func(q query.Query, without gather.Table) gather.Table {
		if q.Text == "" {
			return without
		}
		first := left[0]
		left = left[1:]
		return first
	}
	for _, f := range r.Figures {
		a.figures = append(a.figures, next(f.Query, gather.Table{}))
	}
	for _, c := range r.Charts {
		a.charts = append(a.charts, next(c.Query, gather.Table{}))
		a.findings = append(a.findings, next(c.Finding, gather.Table{}))
	}
	for _, t := range r.Tables {
		a.tables = append(a.tables, next(t.Query, g.Table))
	}
	return a
}

// place of a column among those of a query.
func place(columns []string, name, of string) (int, error) {
	if i := slices.Index(columns, name); i >= 0 {
		return i, nil
	}
	return 0, &report.Error{
		Class: report.Permanent, Code: "column-missing", Cause: fmt.Errorf("%s: no %q among %q", of, name, columns),
		Sentence: fmt.Sprintf("The rows of the %s have no column %s. The author of the report has to look at it.", of, name),
	}
}
