package strictyaml

import (
	"fmt"
	"math"

	"github.com/goccy/go-yaml/ast"
)

// maxDepth bounds how deep a file may nest: far more than any report needs.
const maxDepth = 32

// abyss gives the line where brackets or dashes nest far deeper than maxDepth;
// 0 where they do not. The parser's time grows with the cube of the depth:
// fifty thousand brackets keep it busy for half a minute. Brackets in quotes
// count too, which only matters where dozens of them are never closed.
func abyss(data []byte) (line int) {
	brackets, dashes := 0, 0
	line = 1
	for i, c := range data {
		switch c {
		case '[', '{':
			brackets++
		case ']', '}':
			brackets = max(0, brackets-1)
		case '-', '?':
			if dashes++; i > 0 && data[i-1] == c {
				dashes = 0 // a line drawn in a comment
			}
		case '\n':
			line++
			dashes = 0
		case ' ':
		default:
			dashes = 0
		}
		if brackets > 2*maxDepth || dashes > 4*maxDepth {
			return line
		}
	}
	return 0
}

// convert builds our tree from the parser's and refuses what is not of the
// subset.
func (d *Document) convert(from ast.Node, depth int) Node {
	n := Node{doc: d, present: true}
	n.line, n.column = position(from)
	if depth > maxDepth {
		n.Fail("nested too deep")
		return n
	}
	switch from := from.(type) {
	case *ast.MappingNode:
		n.kind = mapping
		for _, v := range from.Values {
			d.addEntry(&n, v, depth)
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		d.addEntry(&n, from, depth)
	case *ast.SequenceNode:
		n.kind = sequence
		for _, v := range from.Values {
			n.items = append(n.items, d.convert(v, depth+1))
		}
	default:
		n.scalar(from)
	}
	return n
}

func (d *Document) addEntry(n *Node, from *ast.MappingValueNode, depth int) {
	key := Node{doc: d, present: true}
	key.line, key.column = position(from.Key)
	text, ok := from.Key.(*ast.StringNode)
	if !ok {
		key.Fail("a key is a plain word")
		return
	}
	key.kind, key.text = textual, text.Value
	for _, e := range n.entries {
		if e.Key.text == key.text {
			key.Fail("%q is here twice; first in line %d", key.text, e.Key.line)
			return
		}
	}
	n.entries = append(n.entries, Entry{Key: key, Value: d.convert(from.Value, depth+1)})
}

func (n *Node) scalar(from ast.Node) {
	switch from := from.(type) {
	case *ast.StringNode:
		n.kind, n.text = textual, from.Value
	case *ast.LiteralNode:
		n.kind, n.text = textual, from.Value.Value
	case *ast.IntegerNode:
		n.kind = integer
		switch v := from.Value.(type) {
		case int64:
			n.number = v
		case uint64:
			if v > 1<<63-1 {
				n.Fail("the number %d is too large", v)
			}
			n.number = int64(v)
		}
	case *ast.BoolNode:
		n.kind, n.truth = boolean, from.Value
	case *ast.NullNode:
		n.kind = null
	case *ast.FloatNode:
		if n.kind, n.fraction = decimal, from.Value; math.IsInf(n.fraction, 0) || math.IsNaN(n.fraction) {
			n.Fail("%v is not a number", from.Value)
		}
	default:
		n.Fail("%s is not part of this file's YAML; write the value out", from.Type())
	}
}

// position of a node's first character. The parser has a mapping begin at its
// first colon, which no author would look for.
func position(n ast.Node) (line, column int) {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return position(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(v.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

// String names a kind as an author would.
func (k kind) String() string {
	switch k {
	case textual:
		return "text"
	case integer:
		return "a whole number"
	case decimal:
		return "a number with a fraction"
	case boolean:
		return "true or false"
	case sequence:
		return "a list"
	case mapping:
		return "a group of keys"
	case null:
		return "nothing"
	}
	return fmt.Sprintf("kind %d", int(k))
}
