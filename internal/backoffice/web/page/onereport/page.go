// Package onereport is the page of one report: how it stands, its journey, and
// the report itself.
package onereport

import "peyk/internal/backoffice/web/standing"

// Page is one report.
type Page struct {
	GUID, Title string
	standing.Standing
	Told     string // when it was asked, and how long it took
	Why      string // it was not prepared
	Sentence string
	Note     string

	Shares []Share // where the time went
	Phases []Phase
	Rest   []Event // what else happened; for operators

	Files      []File
	Sources    []Source
	AsOf       string
	Complete   string // whether all rows were read, as a sentence
	Recipients []Recipient
	MaySend    int    // how many of them may be written to once more
	Digest     string // SHA-256 of the first file

	MayCancel, MayRedrive bool
	Again                 string // address of the filled-in form
	MarkSeen              bool   // opening the page is seeing its notice
}

// Share is a part of the time that went by.
type Share struct {
	Kind, Label, Took string
	From, Width       string // percent of the whole
}

// Phase is what a person follows; its steps are for who looks closer.
type Phase struct {
	Key, Title  string
	Icon        standing.Icon
	Took, Clock string
	Steps       []Step
}

// Step is one of the thirteen.
type Step struct {
	Number          int
	Done, Running   bool
	Role, Title     string
	Event, Evidence string
	Took, Clock     string
	Exact           string
}

// Event is a journal row outside the thirteen steps.
type Event struct {
	Clock, Exact, Role, Name, Evidence string
	Move                               bool
}

// File is one file to have.
type File struct {
	Name, Label, Extent string
	Collect             bool // the download is recorded, and the report goes afterwards
}

// Source is where rows came from.
type Source struct {
	Name, Read, State string
	Whole             bool
}

// Recipient is who gets the report, and how far the letter got.
type Recipient struct {
	Account, Name, State string
	MaySend              bool // their letter may be sent once more
}
