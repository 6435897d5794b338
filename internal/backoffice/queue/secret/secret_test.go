package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/backoffice/queue/secret"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheFirstIsPresentedAllAreAccepted(t *testing.T) {
	t.Parallel()
	secrets, err := secret.Read(file(t, "\n new \r\nold\n"))
	if err != nil {
		t.Fatal(err)
	}
	if secrets[0].Reveal() != "new" {
		t.Errorf("presents %q", secrets[0].Reveal())
	}
	for presented, want := range map[string]bool{"new": true, "old": true, "": false, "ne": false, "newer": false, "[redacted]": false} {
		if got := secret.Among(presented, secrets); got != want {
			t.Errorf("%q is accepted: %v", presented, got)
		}
	}
}

func TestNothingShowsIt(t *testing.T) {
	t.Parallel()
	s := secret.Secret("hunter2")
	var shown bytes.Buffer
	fmt.Fprintf(&shown, "%v %s %q %+v %#v %v", s, s, s, s, s, struct{ S secret.Secret }{s})
	slog.New(slog.NewTextHandler(&shown, nil)).Info("look", "secret", s)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("look", "secret", s)
	if err := json.NewEncoder(&shown).Encode(map[string]any{"s": s}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(shown.String(), "hunter2") {
		t.Errorf("shown: %s", &shown)
	}
}

func TestNoSecret(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"missing": filepath.Join(t.TempDir(), "missing"), "empty": file(t, " \n\n")} {
		if _, err := secret.Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
