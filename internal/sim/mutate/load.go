package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// source is one parsed file.
type source struct {
	path string // absolute
	text []byte
	tree *ast.File
}

// target is a package to mutate, with its types.
type target struct {
	label string // its folder below internal/backoffice
	dir   string // absolute
	name  string // of the package
	fset  *token.FileSet
	files []source
	info  *types.Info
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Dir, Name, Export string
	GoFiles                       []string
}

// loader reads packages of the module at root.
type loader struct {
	root    string
	exports map[string]string // import path to export data
	found   map[string]listed // by directory
}

// newLoader has the go command compile the export data that type checking needs.
func newLoader(root string, patterns []string) (*loader, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Name,Export,GoFiles"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %v: %w", patterns, err)
	}
	l := &loader{root: root, exports: map[string]string{}, found: map[string]listed{}}
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return l, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		l.exports[p.ImportPath], l.found[p.Dir] = p.Export, p
	}
}

// load parses and type checks the files of one package that are built here.
// Generated files are left out.
func (l *loader) load(label, dir string) (*target, error) {
	t := &target{label: label, dir: filepath.Join(l.root, dir), fset: token.NewFileSet()}
	p, ok := l.found[t.dir]
	if !ok {
		return nil, fmt.Errorf("load %s: go list does not know it", dir)
	}
	t.name = p.Name
	var trees []*ast.File
	for _, name := range p.GoFiles {
		path := filepath.Join(t.dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", dir, err)
		}
		tree, err := parser.ParseFile(t.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", dir, err)
		}
		trees = append(trees, tree)
		if !ast.IsGenerated(tree) {
			t.files = append(t.files, source{path: path, text: text, tree: tree})
		}
	}
	t.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(t.fset, "gc", l.open)}
	if _, err := conf.Check(p.ImportPath, t.fset, trees, t.info); err != nil {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	return t, nil
}

func (l *loader) open(path string) (io.ReadCloser, error) {
	file := l.exports[path]
	if file == "" {
		return nil, fmt.Errorf("no export data of %s", path)
	}
	return os.Open(file)
}
