// Package internal_test checks what holds between packages, which no package
// can check of itself: the walls of the design, and that each has a comment.
//
// Promise: every file of the module is read, whatever its build tags, and by
// the test itself, so that a result kept by go test is of these very files.
//
// Limits: it knows what is imported, not what is called.
//
// Failure: a broken wall is named by who imports whom and which wall it is.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// pkg is one folder with Go files, its path without the module's name.
type pkg struct {
	path     string
	name     string
	comments []string // of its files, generated ones left out
	imports  []string // by the product; those of this module without its name
	tests    []string // by its tests
}

const module = "peyk/"

// packages reads the module once for all tests of this file.
var packages = sync.OnceValues(func() ([]*pkg, error) {
	found := map[string]*pkg{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || len(d.Name()) > 2 && d.Name()[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		dir, err := filepath.Rel("..", filepath.Dir(file))
		if err != nil {
			return err
		}
		p, ok := found[filepath.ToSlash(dir)]
		if !ok {
			p = &pkg{path: filepath.ToSlash(dir)}
			found[p.path] = p
		}
		return p.read(file)
	})
	return slices.Collect(maps.Values(found)), err
})

// read adds what a file says and imports.
func (p *pkg) read(file string) error {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return err
	}
	into := &p.imports
	if strings.HasSuffix(file, "_test.go") {
		into = &p.tests
	} else if p.name = f.Name.Name; f.Doc != nil && !ast.IsGenerated(f) {
		p.comments = append(p.comments, f.Doc.Text())
	}
	for _, i := range f.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return err
		}
		*into = append(*into, strings.TrimPrefix(imported, module))
	}
	return nil
}

func list(t *testing.T) []*pkg {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatalf("read the module: %v", err)
	}
	if len(all) < 10 {
		t.Fatalf("found only %d packages", len(all))
	}
	return all
}

// under reports whether path is folder or in it.
func under(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// wall forbids packages under from to import packages under to.
type wall struct {
	from, to string
	tests    bool // theirs too
}

// walls are those of the design: neither side knows the other, what both stand
// on knows neither, stations do not know each other (their tests may meet), and
// of all these nobody knows who wires them.
func walls() []wall {
	const company, provider = "internal/backoffice", "internal/provider"
	floor := []string{"internal/report", "internal/protocol", "internal/blob", "internal/telemetry", "internal/config", "internal/strictyaml"}
	out := []wall{{company, provider, true}, {provider, company, true}}
	for _, f := range floor {
		out = append(out, wall{f, company, true}, wall{f, provider, true})
	}
	for _, low := range append(floor, company, provider) {
		out = append(out, wall{low, "internal/node", true}, wall{low, "internal/sim", true}, wall{low, "cmd", true})
	}
	stations := []string{
		company + "/web", company + "/trigger", company + "/gateway", company + "/reader", company + "/trace",
		provider + "/app", provider + "/files",
	}
	for _, a := range stations {
		for _, b := range stations {
			if a != b {
				out = append(out, wall{a, b, false})
			}
		}
	}
	return out
}

func TestNobodyReachesThroughAWall(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		for _, w := range walls() {
			if !under(p.path, w.from) {
				continue
			}
			imports := p.imports
			if w.tests {
				imports = slices.Concat(p.imports, p.tests)
			}
			for _, imported := range imports {
				if under(imported, w.to) {
					t.Errorf("%s imports %s, but there is a wall from %s to %s", p.path, imported, w.from, w.to)
				}
			}
		}
	}
}

// The first element of a path outside the standard library has a dot, or is a
// folder of this module.
func TestTheNounNeedsOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	all := list(t)
	i := slices.IndexFunc(all, func(p *pkg) bool { return p.path == "internal/report" })
	if i < 0 {
		t.Fatal("there is no package internal/report")
	}
	for _, imported := range all[i].imports {
		if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") || first == "internal" {
			t.Errorf("report imports %s", imported)
		}
	}
}

// What is made for tests is named so, and stays out of the product.
func TestTheProductImportsNothingMadeForTests(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if strings.HasSuffix(p.name, "test") {
			continue
		}
		for _, imported := range p.imports {
			if imported == "testing" || under(imported, "internal") && strings.HasSuffix(imported, "test") {
				t.Errorf("%s imports %s", p.path, imported)
			}
		}
	}
}

// What a package comment speaks of, by the words it cannot do without.
var (
	promises = regexp.MustCompile(`(?i)promise`)
	limits   = regexp.MustCompile(`(?i)limit|does not promise`)
	failure  = regexp.MustCompile(`(?i)fail`)
)

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if p.name == "" {
			continue // tests only
		}
		begins := "Package " + p.name + " "
		if p.name == "main" {
			begins = "Command " + path.Base(p.path) + " "
		}
		if len(p.comments) != 1 || !strings.HasPrefix(p.comments[0], begins) {
			t.Errorf("%s has %d package comments, %.40q; want one that begins with %q", p.path, len(p.comments), p.comments, begins)
			continue
		}
		if p.name == "main" || under(p.path, "internal/backoffice/web/page") {
			continue // a doorway, and pages: what they promise is said by node, web and web/page/frame
		}
		for about, word := range map[string]*regexp.Regexp{"promise": promises, "limits": limits, "failure": failure} {
			if !word.MatchString(p.comments[0]) {
				t.Errorf("%s: its comment says nothing about its %s", p.path, about)
			}
		}
	}
}
