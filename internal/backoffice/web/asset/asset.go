// Package asset serves the files every page needs: style, script, fonts.
//
// Promise: they are built into the program and small; a file's address changes
// with its content, so a browser may keep it for ever. Text is sent compressed
// to who understands it.
//
// The style sheet is written in parts, in files/peyk, and served as one,
// peyk.css: the rules of a later part win over those of an earlier one.
//
// Limits: the set is fixed when the program is built.
//
// Failure: an address that is not one of ours, or of another build, is 404.
// URL panics for a name that is not in the set: a mistake of a template.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed files
var files embed.FS

// Prefix is where Shelf serves.
const Prefix = "/static/"

// Shelf holds the files under their addresses.
type Shelf struct {
	urls  map[string]string // name → address
	items map[string]item   // address → content
}

type item struct {
	kind        string
	plain, gzip []byte // gzip is empty where it does not pay
}

// sheet is the name of the style sheet that is joined from parts.
const sheet = "peyk.css"

// parts are the parts of the sheet in their order: what is everywhere, then one
// for each page or family of pages, then what a narrower window changes of them.
func parts() []string {
	return []string{
		"tokens", "base", "icons", "controls", "menu", "panes",
		"ask", "lists", "report", "decide", "operations", "profile", "popups", "signin",
		"medium", "phone",
	}
}

// Load reads the built-in files.
func Load() (*Shelf, error) {
	s := &Shelf{urls: map[string]string{}, items: map[string]item{}}
	entries, err := fs.ReadDir(files, "files")
	if err != nil {
		return nil, fmt.Errorf("read built-in files: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		data, err := files.ReadFile("files/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read built-in file %s: %w", e.Name(), err)
		}
		s.add(e.Name(), data)
	}
	// The sheet goes last: it names the fonts by their addresses.
	css, err := join()
	if err != nil {
		return nil, err
	}
	s.add(sheet, s.link(css))
	return s, nil
}

// join puts the parts of the sheet together.
func join() ([]byte, error) {
	var css bytes.Buffer
	for _, part := range parts() {
		data, err := files.ReadFile("files/peyk/" + part + ".css")
		if err != nil {
			return nil, fmt.Errorf("read part %s of the style sheet: %w", part, err)
		}
		css.Write(data)
	}
	return css.Bytes(), nil
}

func (s *Shelf) add(name string, data []byte) {
	ext := path.Ext(name)
	sum := sha256.Sum256(data)
	url := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	it := item{kind: kind(ext), plain: data}
	if ext != ".woff2" {
		it.gzip = compress(data)
	}
	s.urls[name], s.items[url] = url, it
}

// link puts the addresses of files where a style sheet names them.
func (s *Shelf) link(css []byte) []byte {
	for name, url := range s.urls {
		css = bytes.ReplaceAll(css, []byte("url("+name+")"), []byte("url("+url+")"))
	}
	return css
}

func kind(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return "text/plain; charset=utf-8"
}

func compress(data []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	_, _ = z.Write(data)                                  // into memory
	_ = z.Close()
	return b.Bytes()
}

// URL is the address of a file by its name.
func (s *Shelf) URL(name string) string {
	url, ok := s.urls[name]
	if !ok {
		panic("no built-in file " + name)
	}
	return url
}

// ServeHTTP serves a file by its address.
func (s *Shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	it, ok := s.items[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", it.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := it.plain
	if len(it.gzip) > 0 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = it.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the reader is gone
}
