package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"peyk/internal/provider/engine/compose"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/sheet"
	"peyk/internal/report"
)

// documents makes one in each format that was asked for.
func (e *Engine) documents(ctx context.Context, job Job, o compose.Order, g gather.Result) ([]Document, error) {
	var all []Document
	left := job.MaxBytes
	book := sync.OnceValues(func() (sheet.Book, error) { return o.Book(g) }) // for both of its formats
	for _, format := range o.Formats {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		d, err := e.document(format, o, g, book)
		if err != nil {
			return nil, fmt.Errorf("as %s: %w", format, err)
		}
		if left -= int64(len(d.Bytes)); job.MaxBytes > 0 && left < 0 {
			return nil, refuse("document-too-large", "The documents have more than the %d bytes that are wanted at most. Ask for less.", job.MaxBytes)
		}
		all = append(all, d)
	}
	return all, nil
}

func (e *Engine) document(format string, o compose.Order, g gather.Result, book func() (sheet.Book, error)) (Document, error) {
	switch format {
	case definition.PDF:
		return e.pdf(o, g)
	case definition.XLSX:
		return xlsx(o, book)
	case definition.CSV:
		return csv(o, book)
	}
	return Document{}, fmt.Errorf("no writer of %q", format)
}

func (e *Engine) pdf(o compose.Order, g gather.Result) (Document, error) {
	page, rows, err := o.Page(g)
	if err != nil {
		return Document{}, err
	}
	pdf, err := e.renderer.PDF(page)
	if err != nil {
		return Document{}, err
	}
	return documentOf(fileName(o)+".pdf", "application/pdf", pdf.Bytes, pdf.Pages, rows), nil
}

func xlsx(o compose.Order, of func() (sheet.Book, error)) (Document, error) {
	book, err := of()
	if err != nil {
		return Document{}, err
	}
	rows := 0
	for _, s := range book.Sheets {
		rows += s.Grid.Body
	}
	var b bytes.Buffer
	if err := sheet.XLSX(&b, book); err != nil {
		return Document{}, err
	}
	const mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	return documentOf(fileName(o)+".xlsx", mediaType, b.Bytes(), 0, rows), nil
}

// csv has the first table: a file of records is one.
func csv(o compose.Order, of func() (sheet.Book, error)) (Document, error) {
	book, err := of()
	if err != nil {
		return Document{}, err
	}
	first := book.Sheets[0].Grid
	var b bytes.Buffer
	if err := sheet.CSV(&b, first); err != nil {
		return Document{}, err
	}
	return documentOf(fileName(o)+".csv", "text/csv", b.Bytes(), 0, first.Body), nil
}

// documentOf describes a file; pages are of those that have any.
func documentOf(name, mediaType string, content []byte, pages, rows int) Document {
	sum := sha256.Sum256(content)
	return Document{Bytes: content, File: report.File{
		Name: name, MediaType: mediaType, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Pages: pages, Rows: rows,
	}}
}
