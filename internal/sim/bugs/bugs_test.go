package bugs_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"peyk/internal/sim/bugs"
)

// root is the project's, as the go command sees it.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("find the project: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// TestEditsFit finds a bug whose place in the code has moved on.
func TestEditsFit(t *testing.T) {
	t.Parallel()
	dir, seen := root(t), map[string]bool{}
	for _, b := range bugs.All() {
		if _, err := b.Overlay(dir, t.TempDir()); err != nil {
			t.Error(err)
		}
		if seen[b.Name] {
			t.Errorf("two bugs are called %q", b.Name)
		}
		seen[b.Name] = true
	}
}

// How long a proof may look for a bug, and over how many seeds.
const (
	patience  = 5 * time.Minute
	mostSeeds = "20000"
)

// TestEachIsCaught builds the proofs with one bug at a time: each must go red,
// by a broken promise and not by a build that fails. PEYK_BUGS=all tries all,
// PEYK_BUGS=name the one of that name, and none set a sample.
func TestEachIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("each bug is a build of its own")
	}
	dir, all := root(t), bugs.Sample()
	only := os.Getenv("PEYK_BUGS")
	if only != "" {
		all = bugs.All()
	}
	for _, b := range all {
		if only == "" || only == "all" || only == b.Name {
			t.Run(b.Name, func(t *testing.T) { caught(t, dir, b) })
		}
	}
}

func caught(t *testing.T, dir string, b bugs.Bug) {
	overlay, err := b.Overlay(dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	binary := t.TempDir() + "/proof"
	build := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, b.In)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("it does not even build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := []string{"-test.run", b.By, "-test.failfast"}
	if b.By == "^TestSeeds$" {
		args = append(args, "-seeds", mostSeeds)
	}
	proof := exec.CommandContext(ctx, binary, args...)
	proof.Dir = dir + "/" + b.In
	began := time.Now()
	out, err := proof.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("not caught in %s by %s", patience, b.By)
	}
	if err == nil {
		t.Fatalf("not caught by %s\n%s", b.By, out)
	}
	said := regexp.MustCompile(`(?m)^.*(violations:|it ends|lost: |waited for a timer|deleted generations).*$`).Find(out)
	if said == nil {
		t.Fatalf("%s ended with %v and says nothing of a promise:\n%s", b.By, err, out)
	}
	t.Logf("caught by %s in %s: %s", b.By, time.Since(began).Round(100*time.Millisecond), bytes.TrimSpace(said))
}
