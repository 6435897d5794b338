package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type kind int

const (
	null kind = iota
	textual
	integer
	decimal
	boolean
	sequence
	mapping
)

// Node is a value in a file. The zero of what a key would have held, had it
// been there, is a Node too: its accessors give zero values.
type Node struct {
	doc          *Document
	present      bool
	line, column int
	kind         kind
	text         string
	number       int64
	fraction     float64
	truth        bool
	items        []Node
	entries      []Entry
}

// Entry is a key with its value.
type Entry struct{ Key, Value Node }

// Present reports whether the file has this value.
func (n Node) Present() bool { return n.present }

// Fail records a mistake at this value.
func (n Node) Fail(format string, args ...any) {
	n.doc.fail(n.line, n.column, fmt.Sprintf(format, args...))
}

// is reports whether n is present and of kind k; another kind is a mistake.
func (n Node) is(k kind) bool {
	if n.present && n.kind != k {
		n.Fail("%s is needed here, not %s", k, n.kind)
	}
	return n.present && n.kind == k
}

// Text of the node; anything but text is a mistake.
func (n Node) Text() string {
	if n.is(textual) {
		return n.text
	}
	return ""
}

// Int of the node; anything but a whole number is a mistake.
func (n Node) Int() int64 {
	if n.is(integer) {
		return n.number
	}
	return 0
}

// Decimal of the node, which may be written as a whole number; anything else is
// a mistake.
func (n Node) Decimal() float64 {
	if n.present && n.kind == integer {
		return float64(n.number)
	}
	if n.is(decimal) {
		return n.fraction
	}
	return 0
}

// Bool of the node; anything but true or false is a mistake.
func (n Node) Bool() bool { return n.is(boolean) && n.truth }

// Scalar is the node's text, number or truth as it would be typed on a command
// line; anything else is a mistake.
func (n Node) Scalar() string {
	switch n.kind {
	case integer:
		return strconv.FormatInt(n.number, 10)
	case decimal:
		return strconv.FormatFloat(n.fraction, 'f', -1, 64)
	case boolean:
		return strconv.FormatBool(n.truth)
	}
	return n.Text()
}

// IsList reports whether the node is a list.
func (n Node) IsList() bool { return n.kind == sequence }

// Items of a list; anything else is a mistake.
func (n Node) Items() []Node {
	if n.is(sequence) {
		return n.items
	}
	return nil
}

// Entries of a mapping whose keys the author chooses, in the file's order.
func (n Node) Entries() []Entry {
	if n.is(mapping) {
		return n.entries
	}
	return nil
}

// Fields of a mapping whose keys are given. Every other key is a mistake.
func (n Node) Fields(known ...string) Fields {
	f := Fields{at: n, values: make(map[string]Node, len(known))}
	for _, e := range n.Entries() {
		f.values[e.Key.text] = e.Value
		switch {
		case slices.Contains(known, e.Key.text):
		case strings.Contains(e.Key.text, " "): // what follows a comma was meant to be text
			e.Key.Fail("%q is read as a key of its own; inside {…} a text with a comma needs quotes", e.Key.text)
		default:
			e.Key.Fail("unknown key %q; %s", e.Key.text, DidYouMean(e.Key.text, known))
		}
	}
	return f
}

// OneOf is the text of the node, which must be one of known; else it is a
// mistake, and "".
func (n Node) OneOf(known ...string) string {
	text := n.Text()
	if !n.present || n.kind != textual || slices.Contains(known, text) {
		return text
	}
	n.Fail("%q is not known here; %s", text, DidYouMean(text, known))
	return ""
}

// Fields are the values of a mapping by key.
type Fields struct {
	at     Node
	values map[string]Node
}

// Get the value of key; where it is missing, a Node that is not present.
func (f Fields) Get(key string) Node {
	if n, ok := f.values[key]; ok {
		return n
	}
	return Node{doc: f.at.doc, line: f.at.line, column: f.at.column}
}

// Need the value of key; where it is missing, that is a mistake of the mapping.
func (f Fields) Need(key string) Node {
	n := f.Get(key)
	if !n.present && f.at.present && f.at.kind == mapping {
		f.at.Fail("the key %q is missing", key)
	}
	return n
}

// Canonical is the content of the node as JSON, keys in the file's order: it
// changes when the file says something else, and not when only comments,
// quotes or spaces do.
func (n Node) Canonical() []byte {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n Node) write(b *bytes.Buffer) {
	switch n.kind {
	case textual:
		b.Write(quote(n.text))
	case integer:
		b.WriteString(strconv.FormatInt(n.number, 10))
	case decimal:
		b.WriteString(strconv.FormatFloat(n.fraction, 'g', -1, 64))
	case boolean:
		b.WriteString(strconv.FormatBool(n.truth))
	case sequence:
		b.WriteByte('[')
		for i, item := range n.items {
			separate(b, i)
			item.write(b)
		}
		b.WriteByte(']')
	case mapping:
		b.WriteByte('{')
		for i, e := range n.entries {
			separate(b, i)
			b.Write(quote(e.Key.text))
			b.WriteByte(':')
			e.Value.write(b)
		}
		b.WriteByte('}')
	case null:
		b.WriteString("null")
	}
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func quote(s string) []byte {
	q, err := json.Marshal(s)
	if err != nil { // a string always marshals
		panic(err)
	}
	return q
}
