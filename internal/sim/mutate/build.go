package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// plan is all mutants of some packages, with the overlay that has their switches.
type plan struct {
	mutants []*mutant
	leftOut map[string]int
	overlay string
}

// prepare finds the mutants of the packages, label to directory below root, and
// writes their overlay into work.
func prepare(root, work string, packages []pack) (*plan, error) {
	dirs := make([]string, len(packages))
	for i, p := range packages {
		dirs[i] = "./" + p.dir
	}
	l, err := newLoader(root, dirs)
	if err != nil {
		return nil, err
	}
	out := &plan{leftOut: map[string]int{}, overlay: filepath.Join(work, "overlay.json")}
	replace := map[string]string{}
	last := 0
	for _, p := range packages {
		t, err := l.load(p.label, p.dir)
		if err != nil {
			return nil, err
		}
		h := &helpers{name: t.name}
		texts := map[string]string{}
		for _, f := range t.files {
			var sites []*site
			sites, last = find(t, f, h, out.leftOut, last)
			for _, s := range sites {
				out.mutants = append(out.mutants, s.mutants...)
			}
			texts[f.path] = edited(f.text, sites)
		}
		h.last = last
		texts[filepath.Join(t.dir, "peyk_mutants.go")] = h.text()
		if err := write(work, p.label, texts, replace); err != nil {
			return nil, err
		}
	}
	doc, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, fmt.Errorf("write the overlay: %w", err)
	}
	return out, os.WriteFile(out.overlay, doc, 0o600)
}

// write puts the edited files into work and notes what they replace.
func write(work, label string, texts, replace map[string]string) error {
	dir := filepath.Join(work, filepath.FromSlash(label))
	failed := os.MkdirAll(dir, 0o700)
	for path, text := range texts {
		instead := filepath.Join(dir, filepath.Base(path))
		replace[path] = instead
		failed = errors.Join(failed, os.WriteFile(instead, []byte(text), 0o600))
	}
	return failed
}

// compile builds the test binary of a package with all switches in it.
func (p *plan) compile(root, work, dir string) (string, error) {
	binary := filepath.Join(work, filepath.Base(dir)+".test")
	cmd := exec.Command("go", "test", "-c", "-overlay", p.overlay, "-o", binary, "./"+dir)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compile the tests of %s: %w\n%s", dir, err, out)
	}
	return binary, nil
}
