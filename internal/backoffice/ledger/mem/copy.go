package mem

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// cut brings a time to what a database keeps of it.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func cutAll(times ...*time.Time) {
	for _, t := range times {
		*t = cut(*t)
	}
}

// Copies go in with their times cut and come out as they are: cutting twice
// changes nothing, so one function serves both ways.

func copyRequest(r *report.Request) *report.Request {
	c := *r
	if r.Failure != nil {
		f := *r.Failure
		c.Failure = &f
	}
	c.Asked.Parameters = slices.Clone(r.Asked.Parameters)
	c.Asked.Formats = slices.Clone(r.Asked.Formats)
	c.Manifest.Files = slices.Clone(r.Manifest.Files)
	c.Manifest.Sources = slices.Clone(r.Manifest.Sources)
	for i := range c.Manifest.Sources {
		cutAll(&c.Manifest.Sources[i].AsOf)
	}
	cutAll(&c.Asked.RequestedAt, &c.AcceptedAt, &c.Deadline, &c.ExpectedBy, &c.ExpiresAt, &c.AnnouncedAt,
		&c.MissedAt, &c.LateAt, &c.EndedAt, &c.CollectedAt, &c.PurgedAt, &c.CreatedAt, &c.UpdatedAt)
	return &c
}

func copyMail(m ledger.Mail) ledger.Mail {
	m.Letter = slices.Clone(m.Letter)
	cutAll(&m.At, &m.CreatedAt)
	return m
}

func copyCatalog(c ledger.Catalog) ledger.Catalog {
	c.Body = slices.Clone(c.Body)
	cutAll(&c.At)
	return c
}

func copyParked(p ledger.Parked) ledger.Parked {
	p.Raw = slices.Clone(p.Raw)
	cutAll(&p.At, &p.ResolvedAt)
	return p
}

func copyAccount(a ledger.Account) ledger.Account {
	a.Roles, a.NoMail, a.NoPopup = slices.Clone(a.Roles), slices.Clone(a.NoMail), slices.Clone(a.NoPopup)
	cutAll(&a.At)
	return a
}

func copySession(s ledger.Session) ledger.Session {
	s.Data = slices.Clone(s.Data)
	cutAll(&s.ExpiresAt, &s.At, &s.UsedAt)
	return s
}

// readBack gives the evidence as JSON would read it back. Plain values, the
// rule, are taken as they are; for anything else JSON is asked.
func readBack(ev report.Evidence) (report.Evidence, error) {
	if len(ev) == 0 {
		return nil, nil
	}
	out := make(report.Evidence, len(ev))
	for name, value := range ev {
		switch v := value.(type) {
		case nil, string, bool, float64:
			out[name] = v
		case int:
			out[name] = float64(v)
		case int64:
			out[name] = float64(v)
		default:
			plain, err := throughJSON(v)
			if err != nil {
				return nil, fmt.Errorf("evidence %s: %w", name, err)
			}
			out[name] = plain
		}
	}
	return out, nil
}

func throughJSON(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	err = json.Unmarshal(raw, &plain)
	return plain, err
}

// copyEvidence copies what readBack made: of JSON's values only objects and
// arrays can be changed by who holds them.
func copyEvidence(ev report.Evidence) report.Evidence {
	out := maps.Clone(ev)
	for name, value := range out {
		out[name] = copyPlain(value)
	}
	return out
}

func copyPlain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[name] = copyPlain(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copyPlain(x)
		}
		return out
	}
	return value
}
