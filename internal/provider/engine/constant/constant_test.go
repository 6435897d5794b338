package constant_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"peyk/internal/provider/app"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/constant"
)

var _ app.Engine = constant.Engine{}

func TestTheDocumentIsASoundPDFOfOneKilobyte(t *testing.T) {
	t.Parallel()
	got, err := constant.New().Run(t.Context(), engine.Job{Type: constant.Type}, func(int, int, string) {})
	if err != nil || len(got.Documents) != 1 {
		t.Fatalf("%d documents, %v", len(got.Documents), err)
	}
	if n := len(got.Documents[0].Bytes); n != constant.Size {
		t.Errorf("%d bytes, want %d", n, constant.Size)
	}
	path := filepath.Join(t.TempDir(), "nothing.pdf")
	if err := os.WriteFile(path, got.Documents[0].Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

func TestNothingElseIsMade(t *testing.T) {
	t.Parallel()
	e := constant.New()
	if e.Validate("top-games.v1", nil) == nil || e.Validate(constant.Type, map[string]json.RawMessage{"a": nil}) == nil {
		t.Error("it was taken")
	}
}
