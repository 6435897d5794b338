package mail

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"
)

//go:embed templates/letter.txt templates/letter.html
var templates embed.FS

// pages are the two shapes of a letter.
type pages struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

func loadPages() (pages, error) {
	text, err := texttemplate.New("letter.txt").Funcs(texttemplate.FuncMap{
		"wrap":  func(s string) string { return strings.Join(wrap(s, lineWidth), "\n") },
		"facts": factTable,
	}).ParseFS(templates, "templates/letter.txt")
	if err != nil {
		return pages{}, fmt.Errorf("parse letter.txt: %w", err)
	}
	html, err := htmltemplate.ParseFS(templates, "templates/letter.html")
	if err != nil {
		return pages{}, fmt.Errorf("parse letter.html: %w", err)
	}
	return pages{text, html}, nil
}

// page is what the templates see: Lead is the plain sentence, Spans the same
// with the title told apart.
type page struct {
	content
	Lead  string
	Spans []span
}

func (p pages) render(c content, lead string) (text, html string, err error) {
	view := page{content: c, Lead: lead, Spans: c.Lead}
	var t, h strings.Builder
	if err := p.text.Execute(&t, view); err != nil {
		return "", "", fmt.Errorf("render letter.txt: %w", err)
	}
	if err := p.html.Execute(&h, view); err != nil {
		return "", "", fmt.Errorf("render letter.html: %w", err)
	}
	return t.String(), h.String(), nil
}

// factTable sets the rows in two columns, each value wrapped beside its
// label.
func factTable(rows []fact) string {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.Label)+2)
	}
	indent := strings.Repeat(" ", width)
	var b strings.Builder
	for _, r := range rows {
		lead := r.Label + indent[utf8.RuneCountInString(r.Label):]
		for _, value := range r.Lines {
			for _, line := range wrap(value, lineWidth-width) {
				b.WriteString(lead + line + "\n")
				lead = indent
			}
		}
	}
	return b.String()
}
