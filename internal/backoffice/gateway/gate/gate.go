// Package gate decides whether a document from the provider may enter the house.
//
// Promise: what passes is one PDF, workbook (XLSX) or CSV, whole, unencrypted,
// that neither acts by itself nor carries other files. A PDF has counted pages
// and no scripts, no launching, no forms that send, no attachments, no media,
// nothing on opening but a place to look at, nothing before its header or behind
// its end. A workbook has only the parts of plain data: no macros, no links out
// of the file, no embedded objects, no connections, no formulas but sums and
// averages over its cells. A CSV has records of one length and no cell that
// could become a formula. The hostile bytes are parsed in child processes that
// are reused, hold no secrets, write no files and live within limits of memory
// and time; the parent only counts frames.
//
//	Pool.Check ──kind, bytes──▶ stdin   child: Serve
//	           ◀──verdict───── stdout
//
// Limits: Config says how large, how long and how many. Text and pictures are
// not judged. A reader that repairs files in its own way may see another
// document than the one checked; the strict frame around header and end leaves
// little room for that.
//
// Failure: a refusal is a *report.Error of class Lying whose code begins with
// "gate-". A child that dies of a document, or does not end in time, is killed
// and replaced, and that too is a refusal. Only an error of another class says
// nothing about the document. A child ends when its stdin does, and a busy one
// when its processor time is up, so none outlives a parent that was killed.
package gate

import (
	"time"

	"peyk/internal/report"
)

// Code says why a document was refused.
type Code string

// The codes, a closed set.
const (
	NotPDF        Code = "gate-not-pdf"     // another format, or junk around it
	NotXLSX       Code = "gate-not-xlsx"    // another format, or another kind of package
	NotCSV        Code = "gate-not-csv"     // not text, or text nobody sees
	Macro         Code = "gate-macro"       // code in a workbook
	External      Code = "gate-external"    // leads out of the workbook: links, connections, queries
	Formula       Code = "gate-formula"     // more than sums and averages, or text that would become one
	Doctype       Code = "gate-doctype"     // XML that declares types or entities
	PartName      Code = "gate-part-name"   // leads out of the file, or names two parts
	Part          Code = "gate-part"        // more than plain data has
	Malformed     Code = "gate-malformed"   // the structure does not parse
	Encrypted     Code = "gate-encrypted"   // with or without a password
	JavaScript    Code = "gate-javascript"  // anywhere, even unreachable
	Launch        Code = "gate-launch"      // starts a program or opens another file
	Attachment    Code = "gate-attachment"  // carries or refers to other files
	OpenAction    Code = "gate-open-action" // acts when opened, shown or printed
	ActiveContent Code = "gate-active"      // sends forms, plays media, runs XFA
	TooMuch       Code = "gate-too-much"    // bytes, pages or objects over the limit
	Bomb          Code = "gate-bomb"        // unpacks to more than the limit
	Crashed       Code = "gate-crashed"     // killed the process that read it, twice
	TimedOut      Code = "gate-timed-out"   // not read in time
)

var sentences = map[Code]string{ //nolint:gochecknoglobals // a table, never written
	NotPDF:        "The provider sent something that is not a PDF document.",
	NotXLSX:       "The provider sent something that is not an Excel workbook.",
	NotCSV:        "The provider sent something that is not a CSV file.",
	Macro:         "The workbook carries a macro.",
	External:      "The workbook leads to other files or to the network.",
	Formula:       "The document carries a formula that is not a plain total.",
	Doctype:       "The workbook declares data types of its own.",
	PartName:      "The workbook has a part with a deceptive name.",
	Part:          "The workbook carries more than plain tables.",
	Malformed:     "The provider sent a damaged document.",
	Encrypted:     "The provider sent an encrypted document.",
	JavaScript:    "The document carries a script.",
	Launch:        "The document tries to start a program.",
	Attachment:    "The document carries other files.",
	OpenAction:    "The document acts by itself when it is opened.",
	ActiveContent: "The document carries active content.",
	TooMuch:       "The document is larger than allowed.",
	Bomb:          "The document unpacks to far more than allowed.",
	Crashed:       "The document could not be checked safely.",
	TimedOut:      "The document could not be checked in time.",
}

// refusal is the verdict as an error, inside the child and out of it.
type refusal struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

// Error is the log's view.
func (r *refusal) Error() string { return string(r.Code) + ": " + r.Detail }

// reportError is the refusal for the rest of the house.
func (r *refusal) reportError() error {
	return &report.Error{Class: report.Lying, Code: string(r.Code), Sentence: sentences[r.Code], Cause: r}
}

// Limits bound one document. The zero of each means its default.
type Limits struct {
	Bytes    int64         `json:"bytes"`    // of the file; 64 MiB
	Pages    int           `json:"pages"`    // 20,000
	Objects  int           `json:"objects"`  // 1,000,000
	Stream   int64         `json:"stream"`   // bytes one stream of a PDF unpacks to; 64 MiB
	Unpacked int64         `json:"unpacked"` // bytes all streams or parts unpack to; 512 MiB
	Memory   int64         `json:"memory"`   // bytes of the child; 768 MiB
	Time     time.Duration `json:"time"`     // 20 s
}

func (l Limits) settled() Limits {
	orDefault(&l.Bytes, 64<<20)
	orDefault(&l.Pages, 20_000)
	orDefault(&l.Objects, 1_000_000)
	orDefault(&l.Stream, 64<<20)
	orDefault(&l.Unpacked, 512<<20)
	orDefault(&l.Memory, 768<<20)
	orDefault(&l.Time, 20*time.Second)
	return l
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
