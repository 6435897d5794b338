// Package bugs lists mistakes that could be made in this code, to show that
// the tests notice them.
//
// Promise: each bug is a small edit of one file that is shipped, with a name
// and a reason. All edits are made together, in copies that the go command
// takes instead of the sources (-overlay), so that one build holds every bug.
// The environment variable PEYK_BUG names the one that is switched on; without
// it the build behaves as the sources do. The switch is declared in the copies
// only: the product has no code that could turn a bug on.
//
// Limits: an edit is text. A file that was rewritten may no longer contain what
// a bug replaces. Only one bug is on at a time.
//
// Failure: an edit whose text is not in its file exactly once, overlaps another
// or does not parse is an error. A test of this package that takes less than a
// second reports it.
package bugs

import (
	"fmt"
	"path"
	"strings"
)

// Env is the environment variable that names the bug to switch on.
const Env = "PEYK_BUG"

// token stands in New where the bug's switch goes.
const token = "$bug"

// Bug is one mistake.
type Bug struct {
	Name string
	Why  string // what it breaks
	File string // from the project's root, with slashes
	Old  string // the text it replaces, which File contains exactly once
	// New replaces Old. In it, $bug is an expression of type bool that is true
	// if and only if this bug is switched on.
	New string
	// By is the test that must fail, as go test -run takes it, in the package
	// In.
	By string
	In string
}

// twins are the packages that stand in for shipped ones in tests. A mistake in
// one shows nothing about the product.
func twins() []string {
	return []string{"internal/sim", "internal/bench", "internal/backoffice/ledger/mem", "internal/backoffice/queue/memqueue"}
}

// shipped reports whether a file is part of the product.
func shipped(file string) bool {
	dir := path.Dir(file)
	for _, t := range twins() {
		if dir == t || strings.HasPrefix(dir, t+"/") {
			return false
		}
	}
	return !strings.HasSuffix(file, "_test.go") && !strings.HasSuffix(dir, "test")
}

// check reports what is wrong with a bug, whatever its file contains.
func (b Bug) check() error {
	switch {
	case b.Name == "" || b.Why == "" || b.Old == "" || b.By == "" || b.In == "":
		return fmt.Errorf("bug %q: a field is empty", b.Name)
	case !shipped(b.File):
		return fmt.Errorf("bug %q: %s is not shipped", b.Name, b.File)
	case !strings.Contains(b.New, token):
		return fmt.Errorf("bug %q: New does not contain %s", b.Name, token)
	}
	return nil
}
