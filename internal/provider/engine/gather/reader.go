package gather

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/report"
)

// variables is about how many values go into one INSERT: from a few hundred on
// it gets no faster, measured.
const variables = 500

// column of a source's table in the workbench. An affinity lets a number in a
// CSV, which is text, meet the same number of a database in a join.
type column struct {
	name     string
	affinity string // INTEGER, REAL, NUMERIC, TEXT or none
	inferred bool   // from the first values, for the source declares none
}

// errEnough ends the reading of a source that may be partial and has more rows
// than are read.
var errEnough = errors.New("enough rows")

// reader takes the rows of one source and sends them on in batches.
type reader struct {
	source  int
	name    string
	cap     int
	partial bool // at the cap it is enough, instead of too much
	cut     bool // it was enough
	rows    int
	columns []column
	sent    bool
	values  []driver.NamedValue
	free    chan []driver.NamedValue // what was written and can be filled again
	to      chan<- batch
	done    <-chan struct{}
}

// newReader reads source number i of the job.
func newReader(i int, s definition.Source, job Job, to chan<- batch) *reader {
	r := &reader{source: i, name: s.Name, cap: job.RowCap, partial: s.Partial, to: to, free: make(chan []driver.NamedValue, 2)}
	if s.Rows > 0 {
		r.cap = min(r.cap, s.Rows)
	}
	return r
}

// begin names the columns; each name may be there once.
func (r *reader) begin(columns []column) error {
	if name := unusable(columns); name != nil {
		return &report.Error{
			Class: report.Permanent, Code: "source-columns",
			Sentence: fmt.Sprintf("The source %s has no usable column names: %q is empty or there twice.", r.name, *name),
		}
	}
	if len(columns) == 0 {
		return &report.Error{
			Class: report.Permanent, Code: "source-columns",
			Sentence: fmt.Sprintf("The source %s has no columns.", r.name),
		}
	}
	r.columns = columns
	r.values = make([]driver.NamedValue, 0, r.perBatch()*len(columns))
	return nil
}

// unusable is the first name a table cannot have.
func unusable(columns []column) *string {
	seen := make(map[string]bool, len(columns))
	for _, c := range columns {
		key := strings.ToLower(c.name) // as SQLite compares them
		if c.name == "" || seen[key] {
			return &c.name
		}
		seen[key] = true
	}
	return nil
}

func (r *reader) perBatch() int { return max(1, variables/max(1, len(r.columns))) }

// add a row, which is copied.
func (r *reader) add(row []any) error {
	if r.rows == r.cap && r.partial {
		return errEnough
	}
	if r.rows++; r.rows > r.cap {
		return &report.Error{
			Class: report.Permanent, Code: "row-cap",
			Sentence: fmt.Sprintf("The source %s has more than %d rows, which is the most that is read. Nothing was cut: there is no report. Ask for less.", r.name, r.cap),
		}
	}
	if r.sent {
		if err := r.checkKinds(row); err != nil {
			return err
		}
	}
	r.values = with(r.values, row)
	if len(r.values) == cap(r.values) {
		return r.send()
	}
	return nil
}

// end sends what is left; a source without rows too has a table.
func (r *reader) end() error {
	if len(r.values) > 0 || !r.sent {
		return r.send()
	}
	return nil
}

func (r *reader) send() error {
	b := batch{source: r.source, values: r.values, free: r.free}
	if !r.sent {
		r.infer()
		b.columns = r.columns
		for i, v := range r.values { // the rows that were there before the columns had a kind
			if err := r.checkKind(r.columns[i%len(r.columns)], v.Value); err != nil {
				return err
			}
		}
	}
	r.sent = true
	select {
	case r.to <- b:
	case <-r.done:
		return context.Canceled
	}
	select {
	case again := <-r.free:
		r.values = again[:0]
	default:
		r.values = make([]driver.NamedValue, 0, cap(r.values))
	}
	return nil
}

// infer gives the columns their source declares no type for the affinity of
// their first value.
func (r *reader) infer() {
	for i := range r.columns {
		for at := i; r.columns[i].inferred && r.columns[i].affinity == "" && at < len(r.values); at += len(r.columns) {
			r.columns[i].affinity = affinityOf(r.values[at].Value)
		}
	}
}

func affinityOf(v any) string {
	switch v.(type) {
	case int64:
		return "INTEGER"
	case float64:
		return "REAL"
	case string:
		return "TEXT"
	}
	return ""
}

// checkKinds refuses text in a column that began with numbers: the workbench
// would make 7 of "007" without a word.
func (r *reader) checkKinds(row []any) error {
	for i, c := range r.columns {
		if err := r.checkKind(c, row[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) checkKind(c column, v any) error {
	if _, text := v.(string); !text || !c.inferred || c.affinity != "INTEGER" && c.affinity != "REAL" {
		return nil
	}
	return &report.Error{
		Class: report.Permanent, Code: "source-mixed-types",
		Sentence: fmt.Sprintf("The column %s of the source %s begins with numbers and goes on with text. Its SQL should cast it.", c.name, r.name),
	}
}
