package bugs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the project's directory.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("find the project: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// TestEditsFit finds a bug whose place in the code has changed.
func TestEditsFit(t *testing.T) {
	t.Parallel()
	if _, err := Overlay(root(t), t.TempDir(), All()); err != nil {
		t.Error(err)
	}
}

// TestEditsThatDoNotFitAreRefused: each of these would leave a bug that is not
// in the build, or a build that is not the product's with one bug.
func TestEditsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	const file, source = "internal/x/x.go", "package x\n\nfunc f(n int) bool { return n > 1 && n < 9 }\n\nfunc g(n int) bool { return n < 7 }\n"
	good := Bug{Name: "good", Why: "a test", File: file, Old: "n > 1", New: "$bug || n > 1", By: "^TestF$", In: "./internal/x"}
	with := func(change func(*Bug)) []Bug {
		b := good
		b.Name = "bad"
		change(&b)
		return []Bug{good, b}
	}
	for says, all := range map[string][]Bug{
		`two bugs are called "good"`:                     {good, good},
		`bug "bad": a field is empty`:                    with(func(b *Bug) { b.By = "" }),
		`bug "bad": New does not contain $bug`:           with(func(b *Bug) { b.Old, b.New = "n < 7", "n > 7" }),
		`bug "bad": its Old is there 0 times`:            with(func(b *Bug) { b.Old = "n > 2" }),
		`bug "bad": its Old is there 2 times`:            with(func(b *Bug) { b.Old = "n < " }),
		`bugs "good" and "bad": their Old texts overlap`: with(func(b *Bug) { b.Old = "1 && n" }),
		`expected`: with(func(b *Bug) { b.Old, b.New = "n < 7", "n < $bug {" }),
		`bug "bad": internal/x/x_test.go is not shipped`:             with(func(b *Bug) { b.File = "internal/x/x_test.go" }),
		`bug "bad": internal/sim/wire.go is not shipped`:             with(func(b *Bug) { b.File = "internal/sim/wire.go" }),
		`bug "bad": internal/backoffice/ledger/mem/mem.go is not`:    with(func(b *Bug) { b.File = "internal/backoffice/ledger/mem/mem.go" }),
		`bug "bad": internal/backoffice/ledger/ledgertest/x.go is n`: with(func(b *Bug) { b.File = "internal/backoffice/ledger/ledgertest/x.go" }),
		"no such file": with(func(b *Bug) { b.File = "internal/x/y.go" }),
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, file), source)
		if _, err := Overlay(dir, t.TempDir(), all); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("the error is %v, want one that says %s", err, says)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
