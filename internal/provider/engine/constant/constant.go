// Package constant is an engine without reports: whatever is asked, it answers
// with the same page of 1 KB, so that a bench measures the journey alone.
//
// Promise: a report type Type without parameters or approval, made at once,
// whose document passes every gate.
//
// Limits: for measuring; nobody reads the page.
//
// Failure: any other type, and any parameter, is refused.
package constant

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"peyk/internal/provider/engine"
	"peyk/internal/report"
)

// Type is the one report type.
const Type = "nothing.v1"

// Size is that of the document, in bytes.
const Size = 1024

// Engine implements app.Engine.
type Engine struct{ document engine.Document }

// New makes the engine and its document.
func New() Engine {
	pdf := Page()
	sum := sha256.Sum256(pdf)
	return Engine{engine.Document{Bytes: pdf, File: report.File{
		Name: "nothing.pdf", MediaType: "application/pdf", Size: int64(len(pdf)),
		SHA256: hex.EncodeToString(sum[:]), Pages: 1, Rows: 1,
	}}}
}

// Catalog lists Type.
func (Engine) Catalog() engine.Catalog {
	return engine.Catalog{ETag: `"nothing"`, Types: []engine.ReportType{{
		ID: Type, Version: hex.EncodeToString(make([]byte, sha256.Size)), Approval: report.NoApproval,
		Title:    report.Text{EN: "Nothing", TR: "Hiçbir şey"},
		Sentence: report.Text{EN: "Nothing", TR: "Hiçbir şey"},
		Formats:  []string{"pdf"}, Parameters: []engine.ParameterType{},
		Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{}}`),
	}}}
}

// Validate refuses another type, and any parameter.
func (Engine) Validate(reportType string, parameters map[string]json.RawMessage) error {
	if reportType != Type || len(parameters) > 0 {
		return &report.Error{
			Class: report.Permanent, Code: "type-unknown",
			Sentence: fmt.Sprintf("There is only %s, without parameters.", Type),
		}
	}
	return nil
}

// Audit passes.
func (Engine) Audit(context.Context, engine.Job) error { return nil }

// Run gives the document.
func (e Engine) Run(_ context.Context, job engine.Job, progress engine.Progress) (engine.Result, error) {
	if err := e.Validate(job.Type, job.Parameters); err != nil {
		return engine.Result{}, err
	}
	progress(1, 1, string(engine.Finished))
	return engine.Result{Documents: []engine.Document{e.document}}, nil
}

// Refresh has nothing to read.
func (Engine) Refresh(context.Context) error { return nil }

// Close has nothing to close.
func (Engine) Close() error { return nil }

// Page writes a PDF of one empty page, filled up to Size by a comment.
func Page() []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var xref bytes.Buffer
	fmt.Fprintf(&xref, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		fmt.Fprintf(&xref, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	const tail = "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
	left := Size - b.Len() - xref.Len() - len(fmt.Sprintf(tail, len(objects)+1, Size/2))
	fmt.Fprintf(&b, "%%%s\n", bytes.Repeat([]byte("."), left-2))
	at := b.Len()
	b.Write(xref.Bytes())
	fmt.Fprintf(&b, tail, len(objects)+1, at)
	return b.Bytes()
}
