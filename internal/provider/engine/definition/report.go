package definition

import (
	"encoding/json"
	"time"

	"peyk/internal/provider/engine/expression"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// Report is one type of report.
type Report struct {
	ID          string // name.vN
	Version     string // sha256, in hex, of what the file says
	Title       report.Text
	Description report.Text
	Approval    string        // hint: the role that should approve, or none
	Typical     time.Duration // usual time to prepare; 0: not said
	Parameters  []Parameter   // in the order of the form
	Sources     []Source      // in the order of the document
	Combine     query.Query   // runs over the gathered sources, each a table
	Cache       time.Duration // how old gathered rows may be to be used again; 0: never
	Sentence    report.Text   // parameters in words, with {name}; may be empty
	Figures     []Figure
	Charts      []Chart
	Tables      []Table // at least one
	Formats     []string

	Short          report.Text // the values alone, with {name}; may be empty
	Group          report.Text // heading in the catalog; may be empty
	ApprovalReason report.Text // why somebody should decide; may be empty
	PersonalData   *bool       // nil: not said
	Fee            *bool       // nil: not said
}

// Type of a parameter.
type Type string

// The types of parameters.
const (
	Integer   Type = "integer"
	Decimal   Type = "decimal"
	Money     Type = "money" // a decimal with a currency
	Text      Type = "text"
	Choice    Type = "choice"
	Boolean   Type = "boolean"
	Date      Type = "date"
	DateRange Type = "date-range"
	// Expression is a condition people type; in SQL it stands where a condition
	// may.
	Expression Type = "expression"
)

// Parameter is one field of a report's form.
type Parameter struct {
	Name      string
	Type      Type
	Title     report.Text
	Min, Max  *float64           // of a number; nil: no limit
	Digits    int                // of a decimal or money: at most so many after the decimal sign
	Currency  lang.Currency      // of money
	MaxLength int                // of a text, in characters
	Choices   []Option           // of a choice
	Fields    []expression.Field // an expression may name
	From      *Lookup            // where the choices of a choice come from, if not from the file
	Default   json.RawMessage    // nil: the parameter is required
	Preset    bool               // Default names a preset, which the caller resolves to dates
}

// Option is one value of a choice.
type Option struct {
	Value string      `json:"value"`
	Title report.Text `json:"title"`
}

// Lookup is a query over one database whose rows are the choices of a
// parameter: the first column is the value, columns named en and tr are its
// titles.
type Lookup struct {
	Database string
	Query    query.Query
}

// Presets are the names of dates a caller can offer for p and has to resolve.
func (p Parameter) Presets() []string {
	switch p.Type {
	case DateRange:
		return []string{"today", "yesterday", "last-7-days", "this-month", "last-month", "this-year", "last-year", "last-12-months"}
	case Date:
		return []string{"today", "yesterday"}
	}
	return nil
}

// Required reports whether a value must come with a request. A preset is no
// value: its dates depend on whose day it is.
func (p Parameter) Required() bool { return p.Default == nil || p.Preset }

// Source is one place rows come from: either a Database with its Query, or a
// File, looked for in Folder or in all folders in the order of their names.
type Source struct {
	Name     string // the table's name in the combining SQL
	Title    report.Text
	Database string
	Query    query.Query
	Folder   string
	File     string
	Rows     int           // most rows read; 0: as many as any source may have
	Partial  bool          // at the cap the source is cut, and says so, instead of the report failing
	Timeout  time.Duration // for reading it; 0: the usual
}
