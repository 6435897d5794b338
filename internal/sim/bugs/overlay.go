package bugs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// switchFile is the file a copy of each edited package has in addition. Go
// initialises the variable before anything of the package that uses it.
const switchFile = `package %s

import "os"

// seededBug is the name of the bug that is switched on.
var seededBug = os.Getenv(%q)
`

// Overlay writes, in dir, copies of the files of root with the edits of all
// bugs, and the JSON that go build's -overlay takes (cmd/go, "Build flags"). It
// returns the JSON's path. Its error joins what is wrong with each bug.
func Overlay(root, dir string, all []Bug) (string, error) {
	o := overlay{root: root, dir: dir, replace: map[string]string{}}
	failed := unique(all)
	byFile := map[string][]Bug{}
	for _, b := range all {
		if err := b.check(); err != nil {
			failed = append(failed, err)
			continue
		}
		byFile[b.File] = append(byFile[b.File], b)
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		if err := o.edit(file, byFile[file]); err != nil {
			failed = append(failed, err)
		}
	}
	if err := errors.Join(failed...); err != nil {
		return "", err
	}
	return o.write()
}

// unique refuses names that are used twice.
func unique(all []Bug) (failed []error) {
	seen := map[string]bool{}
	for _, b := range all {
		if seen[b.Name] {
			failed = append(failed, fmt.Errorf("two bugs are called %q", b.Name))
		}
		seen[b.Name] = true
	}
	return failed
}

// overlay is what one call of Overlay writes.
type overlay struct {
	root, dir string
	replace   map[string]string // the copy of each file, both absolute
}

// edit adds the edited copy of a file, and the switch of its package.
func (o *overlay) edit(file string, all []Bug) error {
	source, err := os.ReadFile(filepath.Join(o.root, filepath.FromSlash(file)))
	if err != nil {
		return fmt.Errorf("edit %s: %w", file, err)
	}
	edited, err := apply(string(source), all)
	if err != nil {
		return fmt.Errorf("edit %s: %w", file, err)
	}
	parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, edited, 0)
	if err != nil {
		return fmt.Errorf("edit %s: %w", file, err)
	}
	if err := o.add(file, edited); err != nil {
		return err
	}
	return o.add(path.Join(path.Dir(file), "seeded_bug.go"), fmt.Sprintf(switchFile, parsed.Name.Name, Env))
}

// place is where a bug's Old stands in a source.
type place struct {
	Bug
	from, to int
}

// apply makes the edits of one file in its source.
func apply(source string, all []Bug) (string, error) {
	var failed []error
	var places []place
	for _, b := range all {
		if n := strings.Count(source, b.Old); n != 1 {
			failed = append(failed, fmt.Errorf("bug %q: its Old is there %d times, want once", b.Name, n))
			continue
		}
		at := strings.Index(source, b.Old)
		places = append(places, place{b, at, at + len(b.Old)})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.from, b.from) })
	var out strings.Builder
	done, last := 0, ""
	for _, p := range places {
		if p.from < done {
			failed = append(failed, fmt.Errorf("bugs %q and %q: their Old texts overlap", last, p.Name))
			continue
		}
		out.WriteString(source[done:p.from])
		out.WriteString(strings.ReplaceAll(p.New, token, fmt.Sprintf("(seededBug == %q)", p.Name)))
		done, last = p.to, p.Name
	}
	out.WriteString(source[done:])
	return out.String(), errors.Join(failed...)
}

// add writes the copy of a file, given from the root, which need not exist.
func (o *overlay) add(file, content string) error {
	dest := filepath.Join(o.dir, strings.ReplaceAll(file, "/", "_"))
	o.replace[filepath.Join(o.root, filepath.FromSlash(file))] = dest
	if err := os.WriteFile(dest, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write the copy of %s: %w", file, err)
	}
	return nil
}

// write writes the JSON.
func (o *overlay) write() (string, error) {
	doc, err := json.Marshal(map[string]map[string]string{"Replace": o.replace})
	if err != nil {
		return "", fmt.Errorf("encode the overlay: %w", err)
	}
	name := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(name, doc, 0o600); err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	return name, nil
}
