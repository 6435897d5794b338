// Package bugs is a list of mistakes that could be made in this very code, to
// find out whether the proofs would notice them.
//
// Promise: each bug is a small edit of one file of the project, named and
// explained. Overlay makes the edit for the go command's -overlay flag, beside
// the source and not in it: the product carries no switch that could turn a bug
// on, and a bug is always an edit of the code as it is today.
//
// Limits: an edit is text. A file that was rewritten may no longer contain what
// a bug replaces.
//
// Failure: an edit that does not fit exactly once is an error, and a test of
// this package finds it before the long proofs do.
package bugs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Bug is one mistake.
type Bug struct {
	Name string
	Why  string // what it breaks
	File string // from the project's root
	Old  string // what stands there, exactly once
	New  string
	// By names the proof that must notice it, as go test -run knows it, in
	// the package In.
	By string
	In string
}

// apply makes the edit of the source it is given.
func (b Bug) apply(source string) (string, error) {
	if n := strings.Count(source, b.Old); n != 1 {
		return "", fmt.Errorf("seed bug %q: what it replaces is in %s %d times, want once", b.Name, b.File, n)
	}
	return strings.Replace(source, b.Old, b.New, 1), nil
}

// Overlay writes, in dir, the edited file and the JSON that go build's -overlay
// takes (cmd/go, "Build flags"), and returns the JSON's path.
func (b Bug) Overlay(root, dir string) (string, error) {
	path := filepath.Join(root, filepath.FromSlash(b.File))
	source, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("seed bug %q: %w", b.Name, err)
	}
	edited, err := b.apply(string(source))
	if err != nil {
		return "", err
	}
	instead := filepath.Join(dir, "edited.go")
	doc, err := json.Marshal(map[string]map[string]string{"Replace": {path: instead}})
	if err != nil {
		return "", fmt.Errorf("seed bug %q: %w", b.Name, err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	for name, content := range map[string][]byte{instead: []byte(edited), overlay: doc} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return "", fmt.Errorf("seed bug %q: %w", b.Name, err)
		}
	}
	return overlay, nil
}
