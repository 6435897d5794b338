package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

// Field is a parameter that is refused, and why.
type Field struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Invalid is the Cause of an error with the code invalid-parameters: every
// field that is refused.
type Invalid struct{ Fields []Field }

// Error lists the fields.
func (e *Invalid) Error() string {
	all := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		all[i] = f.Name + ": " + f.Why
	}
	return strings.Join(all, "; ")
}

// Validate checks the parameters of a request as they came over the wire.
// Dates are resolved by the caller: a preset is refused. The error is a
// *report.Error, Permanent: report-type-unknown, or invalid-parameters or
// expression-rejected with *Invalid as its cause.
func (e *Engine) Validate(reportType string, parameters map[string]json.RawMessage) error {
	r, err := e.reportType(reportType)
	if err != nil {
		return err
	}
	_, err = values(r, parameters)
	return err
}

func (e *Engine) reportType(id string) (*definition.Report, error) {
	if r, ok := e.offer.Load().reports[id]; ok {
		return r, nil
	}
	return nil, &report.Error{
		Class: report.Permanent, Code: "report-type-unknown", Cause: fmt.Errorf("no report type %q", id),
		Sentence: "There is no such report.",
	}
}

// values checks all parameters. One that is missing has its default, unless
// that is a preset: whose today it is, only the caller knows.
func values(r *definition.Report, raw map[string]json.RawMessage) (map[string]definition.Value, error) {
	all := make(map[string]definition.Value, len(r.Parameters))
	var refused []Field
	code := "invalid-parameters"
	known := make([]string, len(r.Parameters))
	for i, p := range r.Parameters {
		known[i] = p.Name
		given, ok := raw[p.Name]
		if !ok && p.Required() {
			refused = append(refused, Field{p.Name, "is missing"})
			continue
		}
		if !ok {
			given = p.Default
		}
		v, err := p.Value(given)
		if err != nil {
			refused = append(refused, Field{p.Name, err.Error()})
			if p.Type == definition.Expression {
				code = "expression-rejected"
			}
		}
		all[p.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if !slices.Contains(known, name) {
			refused = append(refused, Field{name, "is not a parameter of this report; " + strictyaml.DidYouMean(name, known)})
		}
	}
	if len(refused) > 0 {
		cause := &Invalid{refused}
		return nil, &report.Error{
			Class: report.Permanent, Code: code, Cause: cause,
			Sentence: "The parameters do not fit the report: " + cause.Error() + ".",
		}
	}
	return all, nil
}
