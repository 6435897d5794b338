package definition

import (
	"slices"
	"strconv"

	"peyk/internal/provider/engine/query"
)

// Expand puts the conditions among the values into the queries. Without
// expressions it is r itself.
func (r *Report) Expand(values map[string]Value) (*Report, error) {
	out := r
	for _, p := range r.Parameters {
		if p.Type != Expression {
			continue
		}
		name := p.Name
		piece := func(d query.Dialect) string {
			return values[name].Condition.SQL(columnOf(d), func(i int) string { return ":" + name + ".v" + strconv.Itoa(i) })
		}
		var err error
		if out, err = out.withPiece(name, piece); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// columnOf a condition: SQLite holds what a CSV brought, whose empty fields are
// no values; PostgreSQL would compare ” with a number and fail.
func columnOf(d query.Dialect) func(sql string) string {
	return func(sql string) string {
		if d == query.SQLite {
			return "NULLIF(" + sql + ", '')"
		}
		return sql
	}
}

func (r *Report) withPiece(name string, piece func(query.Dialect) string) (*Report, error) {
	out := *r
	out.Sources, out.Figures = slices.Clone(r.Sources), slices.Clone(r.Figures)
	out.Charts, out.Tables = slices.Clone(r.Charts), slices.Clone(r.Tables)
	all := []*query.Query{&out.Combine}
	for i := range out.Sources {
		all = append(all, &out.Sources[i].Query)
	}
	for i := range out.Figures {
		all = append(all, &out.Figures[i].Query)
	}
	for i := range out.Charts {
		all = append(all, &out.Charts[i].Query, &out.Charts[i].Finding)
	}
	for i := range out.Tables {
		all = append(all, &out.Tables[i].Query)
	}
	for _, q := range all {
		if !slices.Contains(q.Placeholders, query.Placeholder{Name: name}) {
			continue
		}
		expanded, err := q.Expand(name, piece(q.Dialect))
		if err != nil {
			return nil, err
		}
		*q = expanded
	}
	return &out, nil
}
