package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"peyk/internal/bench"
	"peyk/internal/protocol"
)

// TestOutputFoldersAreMade writes each command's file into folders that do not
// exist.
func TestOutputFoldersAreMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place := func(name string) string { return filepath.Join(dir, "out", name, "here", name) }
	quiet := output{io.Discard}
	source := filepath.Join(dir, "sales.yaml")
	if err := (&reportNewCommand{File: source}).Run(quiet); err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("t"), 0o600); err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(http.HandlerFunc(delivered))
	t.Cleanup(api.Close)
	for name, write := range map[string]func(path string) error{
		"sales.yaml": func(path string) error { return (&reportNewCommand{File: path}).Run(quiet) },
		"sales.pdf": func(path string) error {
			return (&reportPreviewCommand{File: source, Out: path, Locale: "en"}).Run(t.Context(), quiet)
		},
		"figures.md": func(path string) error { return (&allBench{Write: path}).write(&bench.Document{}) },
		"report.pdf": func(path string) error {
			c := &requestCommand{Type: "sales.v1", Out: path}
			c.URL, c.TokenFile = api.URL, token
			return c.Run(t.Context(), quiet)
		},
	} {
		path := place(name)
		if err := write(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// delivered answers as the API does about one request that was delivered.
func delivered(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && filepath.Ext(r.URL.Path) == ".pdf" {
		_, _ = io.Copy(w, bytes.NewReader([]byte("%PDF-1.7")))
		return
	}
	protocol.WriteJSON(w, http.StatusOK, map[string]any{
		"guid": "0198f2a4-5b1c-7def-8a01-23456789abcd", "state": "DELIVERED", "outcome": "succeeded",
		"files": []map[string]any{{"name": "report.pdf", "size": 8}},
	})
}
