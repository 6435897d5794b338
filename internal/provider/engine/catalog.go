package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/report"
)

// Catalog is what can be asked for.
type Catalog struct {
	ETag  string       `json:"-"` // strong, in quotes; changes when anything below does
	Types []ReportType `json:"types"`
}

// ReportType is one type of report, as GET /v1/catalog tells it.
type ReportType struct {
	ID             string          `json:"id"`
	Version        string          `json:"version"`  // sha256, in hex, of what the type's file says
	Approval       string          `json:"approval"` // hint: a role, or none
	Title          report.Text     `json:"title"`
	Description    report.Text     `json:"description"`
	Sentence       report.Text     `json:"sentence"` // the request in words, with {name} for each parameter; may be empty
	Formats        []string        `json:"formats"`
	TypicalSeconds int             `json:"typical_seconds"` // 0: not known
	Parameters     []ParameterType `json:"parameters"`      // in the order of the form
	Schema         json.RawMessage `json:"schema"`          // JSON Schema of the parameters object

	Short          report.Text `json:"short,omitzero"` // the values alone, with {name}
	Group          report.Text `json:"group,omitzero"` // heading in the catalog
	Sources        int         `json:"sources"`        // how many
	ApprovalReason report.Text `json:"approval_reason,omitzero"`
	PersonalData   *bool       `json:"personal_data,omitempty"` // nil: not said
	Fee            *bool       `json:"fee,omitempty"`           // nil: not said
}

// ParameterType is one field of a report's form. Default is a JSON value, or
// the name of one of Presets, which are dates for the caller to resolve.
type ParameterType struct {
	Name      string              `json:"name"`
	Type      string              `json:"type"`
	Title     report.Text         `json:"title"`
	Min       *float64            `json:"min,omitempty"`
	Max       *float64            `json:"max,omitempty"`
	Digits    int                 `json:"digits,omitempty"`     // of a number: at most so many after the decimal sign
	Currency  string              `json:"currency,omitempty"`   // ISO 4217
	MaxLength int                 `json:"max_length,omitempty"` // characters
	Default   json.RawMessage     `json:"default,omitempty"`
	Required  bool                `json:"required"` // the form has no default
	Choices   []definition.Option `json:"choices,omitempty"`
	Presets   []string            `json:"presets,omitempty"`
}

// Catalog lists all types, sorted by id. It changes when Refresh finds other
// choices; the caller leaves it as it is.
func (e *Engine) Catalog() Catalog { return e.offer.Load().catalog }

func catalogOf(reports map[string]*definition.Report) (Catalog, error) {
	c := Catalog{Types: []ReportType{}}
	for _, id := range slices.Sorted(maps.Keys(reports)) {
		t, err := typeOf(reports[id])
		if err != nil {
			return Catalog{}, err
		}
		c.Types = append(c.Types, t)
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return Catalog{}, fmt.Errorf("write catalog: %w", err)
	}
	sum := sha256.Sum256(doc)
	c.ETag = `"` + hex.EncodeToString(sum[:16]) + `"`
	return c, nil
}

func typeOf(r *definition.Report) (ReportType, error) {
	schema, err := r.Schema()
	if err != nil {
		return ReportType{}, err
	}
	t := ReportType{
		ID: r.ID, Version: r.Version, Approval: r.Approval, Title: r.Title, Description: r.Description, Sentence: r.Sentence,
		Formats: r.Formats, TypicalSeconds: int(r.Typical.Seconds()),
		Parameters: make([]ParameterType, len(r.Parameters)), Schema: schema,
		Short: r.Short, Group: r.Group, Sources: len(r.Sources), ApprovalReason: r.ApprovalReason, PersonalData: r.PersonalData, Fee: r.Fee,
	}
	for i, p := range r.Parameters {
		t.Parameters[i] = ParameterType{
			Name: p.Name, Type: wireType(p.Type), Title: p.Title, Min: p.Min, Max: p.Max, Digits: p.Digits, Currency: string(p.Currency), MaxLength: p.MaxLength,
			Default: p.Default, Required: p.Default == nil, Choices: p.Choices, Presets: p.Presets(),
		}
	}
	return t, nil
}

// wireType is the name the contract has for a type: it knows one kind of number
// with a fraction, and a condition is text.
func wireType(t definition.Type) string {
	if t == definition.Decimal || t == definition.Money {
		return "number"
	}
	if t == definition.Expression {
		return string(definition.Text)
	}
	return string(t)
}
