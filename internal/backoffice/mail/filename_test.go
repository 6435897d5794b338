package mail

import "testing"

func TestSafeFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"rapor-2025.pdf":     "rapor-2025.pdf",
		"\u00a0.":            "report", // a space that does not break hides a dot
		". \u00a0.hidden":    "hidden",
		"..":                 "report",
		"../../etc/passwd":   "passwd",
		`C:\temp\rapor.pdf`:  "rapor.pdf",
		"a\r\nX-Evil: 1.pdf": "a X-Evil_ 1.pdf",
	} {
		if got := safeFileName(name); got != want {
			t.Errorf("safeFileName(%q) = %q, want %q", name, got, want)
		}
	}
}
