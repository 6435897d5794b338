// Package newreport is the page to ask for a report: the catalog on one side,
// the form of the chosen type on the other.
package newreport

import (
	"peyk/internal/backoffice/web/form"
)

// Page is the catalog, and the form of one type if one is chosen.
type Page struct {
	Query  string
	Often  []Type  // what this person asks for most
	Groups []Group // the rest
	Stale  string  // how old the catalog is, if the provider has not been heard of lately
	Chosen *Form
}

// Group is the types under one heading.
type Group struct {
	Title string
	Types []Type
}

// Type is one line of the catalog.
type Type struct {
	ID, Title string
	Usually   string // how long it takes
	Current   bool
}

// Form is the form of one type.
type Form struct {
	ID, Title, Description string
	Usually                string
	Sources                string    // how many are read; "": not known
	Approval               *Approval // nil: nobody has to approve
	GUID, DrawnAt          string
	Fields                 []form.Field
	Formats                []form.Option
	Languages              []form.Option
	Me                     string
	Recipients             string   // as typed
	People                 []string // whom a report may be sent to
	Note                   string
	Problems               form.Problems
	Alarm                  string // what keeps the whole form from being sent
	Summary                Summary
	Pristine               bool // drawn afresh: a draft kept by the browser may fill it
}

// Approval is who will have to approve, as a sentence.
type Approval struct {
	Who      string
	Initials string // of who it is, if it is one person
	Why      string
	Usually  string // how long that takes; "": not known
}

// Summary is the request in words, and what follows when it is sent.
type Summary struct {
	Parts   []Part
	Missing string // why there are none
	Next    string
}

// Part is a piece of the sentence: a value, or the words around it.
type Part struct {
	Text  string
	Value bool
}
