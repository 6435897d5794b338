package query

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Placeholder is a parameter of the report as a query names it: `:count` has
// only a Name, `:period.from` a Field too.
type Placeholder struct{ Name, Field string }

// String is the placeholder as the author writes it.
func (p Placeholder) String() string {
	if p.Field == "" {
		return ":" + p.Name
	}
	return ":" + p.Name + "." + p.Field
}

// Query is one SELECT with its placeholders, each once, in the order of their
// first use. The zero Query is no query.
type Query struct {
	Dialect      Dialect
	Text         string
	Placeholders []Placeholder
	written      string // by the author
}

// Parse reads the author's text for SQLite, which the workbench is too. It
// refuses what is not exactly one SELECT (also WITH … SELECT, VALUES), and
// every placeholder that is not `:name` or `:name.field`.
func Parse(text string) (Query, error) { return ParseFor(SQLite, text) }

// ParseFor is Parse for another dialect.
func ParseFor(d Dialect, text string) (Query, error) {
	if strings.ContainsRune(text, 0) {
		return Query{}, errors.New("a NUL character ends the SQL early")
	}
	q := Query{Dialect: d, written: text}
	var out strings.Builder
	var shape shape
	var around neighbours
	for rest := text; rest != ""; {
		t, err := d.first(rest)
		if err == nil {
			err = shape.see(t)
		}
		if err == nil && d == PostgreSQL {
			err = around.see(t)
		}
		if err != nil {
			return Query{}, err
		}
		out.WriteString(q.rewrite(t))
		rest = rest[len(t.text):]
	}
	q.Text = strings.TrimRight(out.String(), " \t\r\n")
	return q, shape.complete()
}

// rewrite gives the text of t for the database: a placeholder becomes `:p1` or
// `$1`, a semicolon at the end nothing.
func (q *Query) rewrite(t token) string {
	switch t.kind {
	case semicolon:
		return ""
	case placeholder:
		name, field, _ := strings.Cut(t.text[1:], ".")
		return q.mark() + strconv.Itoa(q.bound(Placeholder{name, field}))
	}
	return t.text
}

// mark begins a bound parameter.
func (q *Query) mark() string {
	if q.Dialect == PostgreSQL {
		return "$"
	}
	return ":p"
}

// bound is the number the database knows p by.
func (q *Query) bound(p Placeholder) int {
	for i, known := range q.Placeholders {
		if known == p {
			return i + 1
		}
	}
	q.Placeholders = append(q.Placeholders, p)
	return len(q.Placeholders)
}

// Bind gives the arguments to run q with: for SQLite each with its name, for
// PostgreSQL in the order of their numbers. A placeholder without a value is an
// error: SQLite would take it for NULL.
func (q Query) Bind(values map[Placeholder]any) ([]any, error) {
	args := make([]any, len(q.Placeholders))
	for i, p := range q.Placeholders {
		v, ok := values[p]
		if !ok {
			return nil, fmt.Errorf("bind %s: no value", p)
		}
		args[i] = v
		if q.Dialect == SQLite {
			args[i] = sql.Named("p"+strconv.Itoa(i+1), v)
		}
	}
	return args, nil
}

// shape follows a statement from outside: how it begins and that it ends once.
type shape struct {
	began, ended bool
}

func (s *shape) see(t token) error {
	switch {
	case t.kind == space:
		return nil
	case t.kind == semicolon && !s.began:
		return errors.New("the SQL begins with a semicolon")
	case s.ended && t.kind != semicolon:
		return errors.New("a second statement begins after the semicolon; one SELECT is allowed")
	case t.kind == semicolon:
		s.ended = true
	case !s.began:
		s.began = true
		if !begins(t) {
			return fmt.Errorf("the SQL begins with %q; only SELECT, WITH or VALUES is allowed", t.text)
		}
	}
	return nil
}

func (s *shape) complete() error {
	if !s.began {
		return errors.New("the SQL is empty")
	}
	return nil
}

func begins(t token) bool {
	if t.kind != word {
		return false
	}
	switch strings.ToLower(t.text) {
	case "select", "with", "values":
		return true
	}
	return false
}

// Empty is q without its rows: it runs, and names its columns, but finds
// nothing.
func (q Query) Empty() Query {
	return Query{Dialect: q.Dialect, Text: "SELECT * FROM (" + q.Text + "\n) AS emptied LIMIT 0", Placeholders: q.Placeholders}
}

// Expand puts a piece of SQL in the place of each placeholder of that name. The
// piece may have placeholders of its own. The result is read as the author's
// text was, so that a piece cannot make another kind of statement of it.
func (q Query) Expand(name, piece string) (Query, error) {
	var out strings.Builder
	for rest := q.written; rest != ""; {
		t, err := q.Dialect.first(rest)
		if err != nil {
			return Query{}, fmt.Errorf("expand :%s: %w", name, err)
		}
		rest = rest[len(t.text):]
		if t.kind == placeholder && t.text == ":"+name {
			t.text = piece
		}
		out.WriteString(t.text)
	}
	expanded, err := ParseFor(q.Dialect, out.String())
	if err != nil {
		return Query{}, fmt.Errorf("expand :%s: %w", name, err)
	}
	return expanded, nil
}
