package mail_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/backoffice/mail"
)

// TestPictures draws every letter as a browser shows it, 600 and 390 pixels
// wide, light and dark, into the directory PEYK_PICTURES: for a person to look
// at. Without the variable, or without Chromium, there is nothing to do.
func TestPictures(t *testing.T) {
	t.Parallel()
	into := os.Getenv("PEYK_PICTURES")
	browser, err := exec.LookPath("chromium")
	if into == "" || err != nil {
		t.Skip("PEYK_PICTURES names no directory, or chromium is not here")
	}
	for _, kind := range mail.Kinds() {
		for _, locale := range []string{"tr", "en"} {
			s := shelf{}
			row := compose(t, letter(t, kind, locale, s), s)
			for _, scheme := range []string{"light", "dark"} {
				picture(t, browser, filepath.Join(into, fmt.Sprintf("%s.%s.%s", kind, locale, scheme)), row.HTML, scheme)
			}
		}
	}
}

// picture lays the letter side by side in two widths. It stands in frames: a
// browser's own window is never as narrow as a telephone.
func picture(t *testing.T, browser, name, letter, scheme string) {
	t.Helper()
	page := `<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#888;white-space:nowrap">`
	for _, width := range []string{"600", "390"} {
		page += `<iframe style="border:0;height:860px;margin-right:20px;width:` + width + `px;color-scheme:` + scheme + `" srcdoc="` + html.EscapeString(letter) + `"></iframe>`
	}
	if err := os.WriteFile(name+".html", []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1010,860", "--user-data-dir=" + t.TempDir(), "--screenshot=" + name + ".png"}
	if scheme == "dark" {
		args = append(args, "--blink-settings=preferredColorScheme=0")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	draw := exec.CommandContext(ctx, browser, append(args, "file://"+name+".html")...)
	draw.WaitDelay = time.Second // its children may hold the pipe open when it is gone
	out, err := draw.CombinedOutput()
	if !bytes.Contains(out, []byte("written to file")) {
		t.Errorf("draw %s.html: %v\n%s", name, err, out)
	}
	if err := os.Remove(name + ".html"); err != nil {
		t.Error(err)
	}
}
