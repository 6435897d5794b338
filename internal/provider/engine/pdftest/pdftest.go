// Package pdftest looks at finished PDFs with other people's eyes: poppler and
// qpdf, programs that share no code with what wrote them.
//
// Promise: what a test learns here is what a reader's program shows.
//
// Limits: for tests only; needs the programs pdftotext (Debian package
// poppler-utils) and qpdf.
//
// Failure: a missing program fails the test and names the package to install.
package pdftest

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Text of the PDF, laid out as on the page; pages end with a form feed.
func Text(tb testing.TB, pdf []byte) string {
	tb.Helper()
	return run(tb, pdf, "poppler-utils", "pdftotext", "-layout", "-enc", "UTF-8", "-", "-")
}

// Info has the metadata, by the names poppler gives them.
func Info(tb testing.TB, pdf []byte) map[string]string {
	tb.Helper()
	all := map[string]string{}
	for _, line := range strings.Split(run(tb, pdf, "poppler-utils", "pdfinfo", "-isodates", "-"), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			all[name] = strings.TrimSpace(value)
		}
	}
	return all
}

// Page is one page with its words, lengths in points.
type Page struct {
	Width  float64 `xml:"width,attr"`
	Height float64 `xml:"height,attr"`
	Words  []Word  `xml:"word"`
}

// Word is a word and the box it fills.
type Word struct {
	Left   float64 `xml:"xMin,attr"`
	Right  float64 `xml:"xMax,attr"`
	Top    float64 `xml:"yMin,attr"`
	Bottom float64 `xml:"yMax,attr"`
	Text   string  `xml:",chardata"`
}

// Pages with the place of every word.
func Pages(tb testing.TB, pdf []byte) []Page {
	tb.Helper()
	out := run(tb, pdf, "poppler-utils", "pdftotext", "-bbox", "-", "-")
	var doc struct {
		Pages []Page `xml:"body>doc>page"`
	}
	d := xml.NewDecoder(strings.NewReader(out))
	d.Strict, d.Entity = false, xml.HTMLEntity
	if err := d.Decode(&doc); err != nil {
		tb.Fatalf("read pdftotext -bbox: %v", err)
	}
	return doc.Pages
}

// Check fails the test unless qpdf finds the PDF without fault.
func Check(tb testing.TB, pdf []byte) {
	tb.Helper()
	run(tb, pdf, "qpdf", "qpdf", "--check", "-")
}

func run(tb testing.TB, pdf []byte, pkg, program string, args ...string) string {
	tb.Helper()
	if _, err := exec.LookPath(program); err != nil {
		tb.Fatalf("the program %s is missing; install the package %s (apt-get install %s)", program, pkg, pkg)
	}
	var out, complaints bytes.Buffer
	if program == "qpdf" { // reads files only
		path := tb.TempDir() + "/document.pdf"
		write(tb, path, pdf)
		args[len(args)-1] = path
	}
	cmd := exec.CommandContext(tb.Context(), program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(pdf), &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		tb.Fatalf("%s: %v\n%s%s", program, err, out.String(), complaints.String())
	}
	return out.String()
}

func write(tb testing.TB, path string, data []byte) {
	tb.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
}
