package gate

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// checker judges documents, one after the other.
type checker struct {
	limits Limits
	conf   *model.Configuration
}

// newChecker sets up the PDF library: relaxed, offline, and without the
// directory it would otherwise make in the home of whoever runs it.
func newChecker(l Limits) *checker {
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	conf.Limits = model.ResourceLimits{
		MaxStreamBytes:       l.Bytes,
		MaxDecodeBytes:       l.Stream,
		MaxImagePixels:       100 << 20,
		MaxImageBytes:        l.Stream,
		MaxObjectCount:       l.Objects,
		MaxObjectStreamCount: l.Objects,
		MaxObjectStreamFirst: 16 << 20,
		MaxXRefEntries:       l.Objects,
		MaxRecursionDepth:    100,
	}
	return &checker{limits: l, conf: conf}
}

// check counts the pages of a document that may pass; every error is a refusal.
func (c *checker) check(kind Kind, doc []byte) (pages int, err *refusal) {
	defer func() {
		if p := recover(); p != nil {
			pages, err = 0, &refusal{Malformed, fmt.Sprintf("reading it panics: %v", p)}
		}
	}()
	switch kind {
	case XLSX:
		return 0, c.checkXLSX(doc)
	case CSV:
		return 0, c.checkCSV(doc)
	}
	return c.checkPDF(doc)
}

func (c *checker) checkPDF(doc []byte) (pages int, err *refusal) {
	if err := checkFrame(doc, c.limits.Bytes); err != nil {
		return 0, err
	}
	ctx, rerr := api.ReadContext(bytes.NewReader(doc), c.conf)
	if rerr != nil {
		return 0, readRefusal(rerr)
	}
	if ctx.Encrypt != nil || ctx.E != nil {
		return 0, &refusal{Encrypted, "opens without a password, and is encrypted"}
	}
	if err := c.inspect(ctx); err != nil {
		return 0, err
	}
	if verr := api.ValidateContext(ctx); verr != nil {
		return 0, readRefusal(verr)
	}
	return countPages(ctx, c.limits.Pages)
}

// The frame of a PDF (ISO 32000-2, 7.5): the header at byte 0, then comments,
// then the first object; at the end %%EOF and an end of line. Readers tolerate
// more; a file that is also something else needs more.
var (
	header = regexp.MustCompile(`\A%PDF-(1\.[0-7]|2\.0)[\r\n\t ]+(%[^\r\n]{0,64}[\r\n\t ]+){0,4}[0-9]{1,10} [0-9]{1,5} obj`)
	ending = regexp.MustCompile(`%%EOF[\r\n\t \x00]{0,8}\z`)
)

const (
	headerWindow = 512
	endingWindow = 16
)

func checkFrame(doc []byte, limit int64) *refusal {
	if int64(len(doc)) > limit {
		return &refusal{TooMuch, fmt.Sprintf("%d bytes, at most %d", len(doc), limit)}
	}
	if !header.Match(doc[:min(len(doc), headerWindow)]) {
		return &refusal{NotPDF, fmt.Sprintf("begins with %.32q", doc)}
	}
	if !ending.Match(doc[max(0, len(doc)-endingWindow):]) {
		return &refusal{Malformed, fmt.Sprintf("ends with %q", doc[max(0, len(doc)-endingWindow):])}
	}
	return nil
}

// readRefusal gives what the library says a code.
func readRefusal(err error) *refusal {
	code := Malformed
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword), errors.Is(err, pdfcpu.ErrEncrypted):
		code = Encrypted
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		code = Bomb
	}
	return &refusal{code, err.Error()}
}
