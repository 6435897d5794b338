package protocol

import (
	"encoding/json"

	"peyk/internal/report"
)

// Catalog is what a provider offers.
type Catalog struct {
	Types []ReportType `json:"types"`
}

// Find looks a report type up by its id.
func (c Catalog) Find(id string) (ReportType, bool) {
	for _, t := range c.Types {
		if t.ID == id {
			return t, true
		}
	}
	return ReportType{}, false
}

// ReportType is one kind of report a provider can prepare, with all a form
// needs to ask for it.
type ReportType struct {
	ID             string          `json:"id"`      // e.g. top-games.v1
	Version        string          `json:"version"` // opaque; another one whenever the same parameters may give another document
	Approval       string          `json:"approval,omitempty"`
	Title          report.Text     `json:"title"`
	Description    report.Text     `json:"description"`
	Sentence       report.Text     `json:"sentence"`        // the request in words, with {name} where a parameter's value goes
	Formats        []string        `json:"formats"`         // e.g. pdf; the first is the default
	TypicalSeconds int             `json:"typical_seconds"` // from submit to ready
	Parameters     []Parameter     `json:"parameters"`      // in the order of the form
	Schema         json.RawMessage `json:"schema"`          // JSON Schema 2020-12 of the parameters object

	Short          report.Text `json:"short,omitzero"`           // the values only, with {name}, for lists; empty: the company lists them
	Group          report.Text `json:"group,omitzero"`           // the heading it stands under in a catalog
	Sources        int         `json:"sources,omitempty"`        // how many places it reads; 0: not said
	ApprovalReason report.Text `json:"approval_reason,omitzero"` // why somebody should decide, as a sentence
	PersonalData   *bool       `json:"personal_data,omitempty"`  // it is about persons; nil: not said
	Fee            *bool       `json:"fee,omitempty"`            // the provider charges for it; nil: not said
}

// Find looks a parameter up by its name.
func (t ReportType) Find(name string) (Parameter, bool) {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// ParameterType says what a value of a parameter looks like in JSON.
type ParameterType string

// The parameter types. A form shows one it does not know as text.
const (
	DateRange ParameterType = "date-range" // {"from": "2025-01-01", "to": "2026-01-01"}: to is the first day after
	Date      ParameterType = "date"       // "2025-01-31"
	Integer   ParameterType = "integer"
	Number    ParameterType = "number"
	Text      ParameterType = "text"
	Boolean   ParameterType = "boolean"
	Choice    ParameterType = "choice"  // one of Choices
	Choices   ParameterType = "choices" // an array, each one of Choices
)

// Parameter is one field of the form. Schema of its type says the same to
// machines; this says it to people.
type Parameter struct {
	Name      string          `json:"name"`
	Type      ParameterType   `json:"type"`
	Title     report.Text     `json:"title"`
	Min       *float64        `json:"min,omitempty"` // of integer and number, inclusive
	Max       *float64        `json:"max,omitempty"`
	MaxLength int             `json:"max_length,omitempty"` // of text, in characters; 0: the provider's own limit
	Default   json.RawMessage `json:"default,omitempty"`    // a value, or the name of a preset for a date range
	Required  bool            `json:"required,omitempty"`
	Choices   []ChoiceOption  `json:"choices,omitempty"`
	Presets   []string        `json:"presets,omitempty"` // of date and date-range, e.g. last-year; resolved to dates before the submit
}

// ChoiceOption is one value of a choice and what people read for it.
type ChoiceOption struct {
	Value string      `json:"value"`
	Title report.Text `json:"title"`
}

// DateRangeValue is a value of type [DateRange]: half open, days in the time
// zone of the request, ISO 8601 (2006-01-02).
type DateRangeValue struct {
	From string `json:"from"`
	To   string `json:"to"`
}
