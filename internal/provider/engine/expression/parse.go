package expression

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of a condition.
const (
	MaxLength      = 2_000 // bytes
	maxComparisons = 50
	maxList        = 100
	maxDepth       = 16
)

// Parse reads a condition over fields. An empty one holds for every row. The
// error is an *Error.
func Parse(condition string, fields []Field) (Condition, error) {
	p := &parser{text: condition, fields: fields}
	err := p.whole()
	if e := new(Error); errors.As(err, &e) {
		return Condition{}, &Error{At: utf8.RuneCountInString(condition[:e.At]) + 1, Why: e.Why}
	}
	return Condition{p.sql.String(), p.values}, err
}

type parser struct {
	text        string
	fields      []Field
	token       token
	behind      int // where the token after it begins
	sql         strings.Builder
	values      []any
	comparisons int
	depth       int
}

func (p *parser) whole() error {
	switch {
	case len(p.text) > MaxLength:
		return &Error{0, fmt.Sprintf("the condition has %d bytes; at most %d are read", len(p.text), MaxLength)}
	case !utf8.ValidString(p.text) || strings.ContainsFunc(p.text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }):
		return &Error{0, "control characters are no part of a condition"}
	case strings.TrimSpace(p.text) == "":
		return nil
	}
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.expression(); err != nil {
		return err
	}
	if p.token.kind != end {
		return p.wants("and, or, or the end")
	}
	return nil
}

func (p *parser) advance() (err error) {
	p.token, p.behind, err = next(p.text, p.behind)
	return err
}

func (p *parser) wants(what string) error {
	return &Error{p.token.at, fmt.Sprintf("%s is needed here, not %q", what, p.token.text)}
}

// is takes the token if it is this word or sign.
func (p *parser) is(k kind, text string) (bool, error) {
	if p.token.kind != k || p.token.text != text {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) need(k kind, text string) error {
	ok, err := p.is(k, text)
	if err == nil && !ok {
		err = p.wants(text)
	}
	return err
}

func (p *parser) expression() error { return p.chain("or", " OR ", p.and) }
func (p *parser) and() error        { return p.chain("and", " AND ", p.not) }

// chain is one or more parts with a word between them.
func (p *parser) chain(between, sql string, part func() error) error {
	p.sql.WriteByte('(')
	for {
		if err := part(); err != nil {
			return err
		}
		more, err := p.is(word, between)
		if err != nil {
			return err
		}
		if !more {
			p.sql.WriteByte(')')
			return nil
		}
		p.sql.WriteString(sql)
	}
}

func (p *parser) not() error {
	if p.depth++; p.depth > maxDepth {
		return &Error{p.token.at, "nested too deep"}
	}
	defer func() { p.depth-- }()
	if ok, err := p.is(word, "not"); err != nil || ok {
		if err != nil {
			return err
		}
		p.sql.WriteString("NOT ")
		return p.not()
	}
	open, err := p.is(sign, "(")
	if err != nil {
		return err
	}
	if !open {
		return p.comparison()
	}
	if err := p.expression(); err != nil {
		return err
	}
	return p.need(sign, ")")
}

// comparison is false, and not unknown, where the field has no value: NOT of it
// is true then.
func (p *parser) comparison() error {
	if p.comparisons++; p.comparisons > maxComparisons {
		return &Error{p.token.at, fmt.Sprintf("more than %d comparisons", maxComparisons)}
	}
	i := slices.IndexFunc(p.fields, func(f Field) bool { return f.Name == p.token.text })
	if p.token.kind != word || i < 0 {
		return p.wants("one of the fields " + p.names())
	}
	f := p.fields[i]
	f.SQL = fence + f.SQL + fence
	if f.Kind == Number { // text that is a number, as a CSV has it, compares as one
		f.SQL = "(" + f.SQL + " + 0.0)"
	}
	if err := p.advance(); err != nil {
		return err
	}
	if ok, err := p.is(word, "is"); err != nil || ok {
		return errors.Join(err, p.empty(f))
	}
	fmt.Fprintf(&p.sql, "(%s IS NOT NULL AND ", f.SQL)
	negated, err := p.is(word, "not")
	if err != nil {
		return err
	}
	if negated {
		p.sql.WriteString("NOT ")
	}
	if err := p.compared(f, negated); err != nil {
		return err
	}
	p.sql.WriteByte(')')
	return nil
}

func (p *parser) names() string {
	all := make([]string, len(p.fields))
	for i, f := range p.fields {
		all[i] = f.Name
	}
	return strings.Join(all, ", ")
}

func (p *parser) empty(f Field) error {
	not, err := p.is(word, "not")
	if err != nil {
		return err
	}
	if err := p.need(word, "empty"); err != nil {
		return err
	}
	p.sql.WriteString(f.SQL + " IS ")
	if not {
		p.sql.WriteString("NOT ")
	}
	p.sql.WriteString("NULL")
	return nil
}

// compared is what stands behind the field.
func (p *parser) compared(f Field, negated bool) error {
	if ok, err := p.is(word, "in"); err != nil || ok {
		if err != nil {
			return err
		}
		return p.list(f)
	}
	if ok, err := p.is(word, "between"); err != nil || ok {
		if err != nil {
			return err
		}
		return p.between(f)
	}
	if p.token.kind != sign || negated || !slices.Contains([]string{"=", "<>", "!=", "<", "<=", ">", ">="}, p.token.text) {
		return p.wants("a comparison (=, <>, <, <=, >, >=, in, between)")
	}
	p.sql.WriteString(f.SQL + " " + p.token.text + " ")
	if err := p.advance(); err != nil {
		return err
	}
	return p.value(f)
}

func (p *parser) list(f Field) error {
	if err := p.need(sign, "("); err != nil {
		return err
	}
	p.sql.WriteString(f.SQL + " IN (")
	for n := 0; ; n++ {
		if n == maxList {
			return &Error{p.token.at, fmt.Sprintf("more than %d values", maxList)}
		}
		if err := p.value(f); err != nil {
			return err
		}
		more, err := p.is(sign, ",")
		if err != nil {
			return err
		}
		if !more {
			p.sql.WriteByte(')')
			return p.need(sign, ")")
		}
		p.sql.WriteString(", ")
	}
}

func (p *parser) between(f Field) error {
	p.sql.WriteString(f.SQL + " BETWEEN ")
	if err := p.value(f); err != nil {
		return err
	}
	if err := p.need(word, "and"); err != nil {
		return err
	}
	p.sql.WriteString(" AND ")
	return p.value(f)
}

// value of the field's kind becomes a placeholder.
func (p *parser) value(f Field) error {
	var v any
	switch f.Kind {
	case Number:
		n, err := strconv.ParseFloat(p.token.text, 64)
		if p.token.kind != number || err != nil || math.IsInf(n, 0) {
			return p.wants("a number for " + f.Name)
		}
		v = n
	case Day:
		_, err := time.Parse(time.DateOnly, p.token.text)
		if p.token.kind != quoted || err != nil {
			return p.wants("a day like '2025-12-31' for " + f.Name)
		}
		v = p.token.text
	default:
		if p.token.kind != quoted {
			return p.wants("text in single quotes for " + f.Name)
		}
		v = p.token.text
	}
	p.values = append(p.values, v)
	p.sql.WriteString(mark)
	return p.advance()
}
