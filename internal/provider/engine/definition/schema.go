package definition

import (
	"encoding/json"
	"fmt"
)

// schema is the part of JSON Schema, draft 2020-12, that parameters need.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Type        string             `json:"type"`
	Title       string             `json:"title,omitempty"`
	Format      string             `json:"format,omitempty"`
	Minimum     *float64           `json:"minimum,omitempty"`
	Maximum     *float64           `json:"maximum,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Default     json.RawMessage    `json:"default,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
	Description string             `json:"description,omitempty"`
}

// Schema is the JSON Schema of the object of r's parameters as a request
// carries it: presets are no values there, so a parameter whose default is one
// is required.
func (r *Report) Schema() (json.RawMessage, error) {
	s := object(make(map[string]*schema, len(r.Parameters)), []string{})
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	for _, p := range r.Parameters {
		s.Properties[p.Name] = p.schema()
		if p.Required() {
			s.Required = append(s.Required, p.Name)
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", r.ID, err)
	}
	return raw, nil
}

func (p Parameter) schema() *schema {
	s := &schema{Type: "string", Title: p.Title.In("en")}
	switch p.Type {
	case Integer:
		s.Type, s.Minimum, s.Maximum = "integer", p.Min, p.Max
	case Decimal, Money:
		s.Type, s.Minimum, s.Maximum = "number", p.Min, p.Max
	case Boolean:
		s.Type = "boolean"
	case Text:
		s.MaxLength = p.MaxLength
	case Date:
		s.Format = "date"
	case Choice:
		for _, o := range p.Choices {
			s.Enum = append(s.Enum, o.Value)
		}
	case DateRange:
		s = object(map[string]*schema{
			"from": {Type: "string", Format: "date", Description: "the first day"},
			"to":   {Type: "string", Format: "date", Description: "the first day after it"},
		}, []string{"from", "to"})
		s.Title = p.Title.In("en")
	}
	if !p.Preset {
		s.Default = p.Default
	}
	return s
}

func object(properties map[string]*schema, required []string) *schema {
	closed := false
	return &schema{Type: "object", Properties: properties, Required: required, Additional: &closed}
}
