package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize is the largest file read, in bytes.
const MaxSize = 256 << 10

// Mistake is one thing wrong with a file, in words its author understands.
type Mistake struct {
	File         string
	Line, Column int // from 1
	Message      string
}

// Error is the form editors jump to: file:line:column: message.
func (m Mistake) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
}

// Mistakes are all that is wrong with a file, in the order of the file.
type Mistakes []Mistake

// Error has one mistake a line.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Document is a file being read, with the mistakes found so far.
type Document struct {
	Root     Node
	file     string
	mistakes Mistakes
}

// Parse reads data, the content of the file of that name. The name is used in
// messages only. A Document always comes back; Err tells whether it is sound.
func Parse(file string, data []byte) *Document {
	d := &Document{file: file}
	d.Root = Node{doc: d, line: 1, column: 1}
	if len(data) > MaxSize {
		d.fail(1, 1, fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), MaxSize))
		return d
	}
	if line := abyss(data); line > 0 {
		d.fail(line, 1, "nested too deep")
		return d
	}
	parsed, err := parse(data)
	if err != nil {
		d.failParse(err)
		return d
	}
	if body := d.single(parsed); body != nil {
		d.Root = d.convert(body, 0)
	}
	return d
}

// parse turns a panic of the parser into an error: the files come from people
// and editors, and a half-typed line must not take the process down.
func parse(data []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this is not YAML: %v", r)
		}
	}()
	return parser.ParseBytes(data, 0)
}

// single is the body of the one document in f.
func (d *Document) single(f *ast.File) ast.Node {
	var body ast.Node
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			line, column := position(doc.Body)
			d.fail(line, column, "a second document begins here; a file holds one")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		d.fail(1, 1, "the file is empty")
	}
	return body
}

func (d *Document) failParse(err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil && syntax.GetToken().Position != nil {
		p := syntax.GetToken().Position
		d.fail(p.Line, p.Column, syntax.GetMessage())
		return
	}
	d.fail(1, 1, err.Error())
}

func (d *Document) fail(line, column int, message string) {
	m := Mistake{File: d.file, Line: max(line, 1), Column: max(column, 1), Message: message}
	if !slices.Contains(d.mistakes, m) {
		d.mistakes = append(d.mistakes, m)
	}
}

// Err is nil, or Mistakes in the order of the file.
func (d *Document) Err() error {
	if len(d.mistakes) == 0 {
		return nil
	}
	sorted := slices.Clone(d.mistakes)
	slices.SortStableFunc(sorted, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return sorted
}
