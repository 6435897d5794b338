// Package newreport is the page to ask for a report: the catalog on one side,
// the form of the chosen type on the other.
package newreport

import (
	"peyk/internal/backoffice/web/form"
)

// Page is the catalog, and the form of one type if one is chosen.
type Page struct {
	Query  string
	Often  []Type // what this person asks for most
	Types  []Type
	Stale  string // how old the catalog is, if the provider has not been heard of lately
	Chosen *Form
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
	Approval               string // who has to approve, as a sentence; "": nobody
	GUID, DrawnAt          string
	Fields                 []form.Field
	Formats                []form.Option
	Languages              []form.Option
	Me                     string
	Recipients             string // as typed
	People                 []Colleague
	Note                   string
	Problems               form.Problems
	Alarm                  string // what keeps the whole form from being sent
	Pristine               bool   // drawn afresh: a draft kept by the browser may fill it
}

// Colleague is somebody a report may be sent to.
type Colleague struct{ Account, Name string }
