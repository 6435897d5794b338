package expression

import (
	"fmt"
	"strings"
)

// Kind of a field.
type Kind string

// The kinds.
const (
	Number Kind = "number"
	Text   Kind = "text"
	Day    Kind = "date"
)

// Field is one a condition may name; SQL is the column it stands for.
type Field struct {
	Name string
	Kind Kind
	SQL  string
}

// Condition is one that was read. The zero Condition holds for every row.
type Condition struct {
	sql    string
	values []any
}

// SQL of the condition, in parentheses; the placeholder of value i, from 1, is
// what placeholder gives, a column what column makes of it.
func (c Condition) SQL(column func(sql string) string, placeholder func(i int) string) string {
	if c.sql == "" {
		return "(1 = 1)"
	}
	var b strings.Builder
	for i, part := range strings.Split(c.sql, mark) {
		if i > 0 {
			b.WriteString(placeholder(i))
		}
		for j, piece := range strings.Split(part, fence) {
			if j%2 == 1 {
				piece = column(piece)
			}
			b.WriteString(piece)
		}
	}
	return "(" + b.String() + ")"
}

// Values are those of the placeholders, in their order: float64 or string.
func (c Condition) Values() []any { return c.values }

// mark stands where a placeholder will, fences on both sides of a column. No
// column an author may name has them.
const (
	mark  = "\x00"
	fence = "\x01"
)

// Error is what is wrong with a condition, for who typed it.
type Error struct {
	At  int // character, from 1
	Why string
}

// Error is a sentence.
func (e *Error) Error() string { return fmt.Sprintf("character %d: %s", e.At, e.Why) }
