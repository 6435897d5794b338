package mail_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"peyk/internal/backoffice/mail"
)

// TestGoldenLetters keeps every kind in both languages as a person would
// read it: the text part, and the whole message. Open testdata/*.html in a
// browser to see the letters.
func TestGoldenLetters(t *testing.T) {
	t.Parallel()
	for _, kind := range mail.Kinds() {
		for _, locale := range []string{"tr", "en"} {
			t.Run(string(kind)+"."+locale, func(t *testing.T) {
				t.Parallel()
				shelf := shelf{}
				row, err := composer(t).Compose(t.Context(), letter(t, kind, locale, shelf), sentAt(), shelf.open)
				if err != nil {
					t.Fatal(err)
				}
				msg, err := mail.Assemble(t.Context(), row, shelf.open)
				if err != nil {
					t.Fatal(err)
				}
				name := filepath.Join("testdata", string(kind)+"."+locale)
				golden(t, name+".txt", []byte(row.Text))
				golden(t, name+".html", []byte(row.HTML))
				golden(t, name+".eml", withoutAttachments(msg))
			})
		}
	}
}

// golden holds got against a file.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("PEYK_GOLDEN") == "write" { // look at each before committing
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (PEYK_GOLDEN=write go test -run TestGoldenLetters writes it anew)\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// withoutAttachments cuts long base64 out of a message: a golden file holds
// what people read.
func withoutAttachments(msg []byte) []byte {
	lines := regexp.MustCompile(`(?:[A-Za-z0-9+/=]{76}\r\n)+[A-Za-z0-9+/=]{1,76}\r\n`)
	return lines.ReplaceAllFunc(msg, func(b []byte) []byte {
		n, err := base64.StdEncoding.Decode(make([]byte, len(b)), b)
		if err != nil || n < 1000 {
			return b
		}
		return []byte("(base64)\r\n")
	})
}
