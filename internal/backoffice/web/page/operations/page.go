// Package operations is the operator's page: is everything well, what wants an
// eye, how much gets through, what is owed, where is this request; and the pages
// on which something stuck is looked into before anything is done.
package operations

import (
	"github.com/a-h/templ"

	"peyk/internal/backoffice/web/standing"
)

// Page is how the whole stands.
type Page struct {
	Verdict string
	Query   string
	Missing string // what was looked for in vain
	Found   Search
	Eyes    []Eye
	Chart   Chart
	Figures []Figure
	Roles   []Part
	Leans   []Part // what the roles lean on
	Tasks   []Task
	Doors   []Part // the provider's
	Note    string // about the provider
	Queue   []Waiting
}

// Eye is one line about something that wants an eye, and the way to it.
type Eye struct {
	Icon              standing.Icon
	Title, Text, Href string
}

// Figure is one large number.
type Figure struct{ Label, Value, More string }

// Chart is the bars of the last day, in the units of its picture.
type Chart struct {
	Width, Height int
	Lines         []Line
	Bars          []Bar
	Told          string // the chart in a sentence
}

// Line is one line of the axis.
type Line struct{ Y, Label string }

// Bar is one hour.
type Bar struct {
	X, Y, Width, Height string
	Hour, Count         string
	Tick                string // where the hour is written; "": nowhere
	Present             bool
}

// Part is a role, something leaned on, or one of the provider's doors.
type Part struct {
	ID, Name string
	Icon     standing.Icon
	Word     string
	Detail   string
	Since    string
	Seen     string // processes, or how full
	Failures string
	P95      string
}

// Task is how much is owed of one kind.
type Task struct{ Kind, Open, Late, Parked, Oldest string }

// Waiting is how much waits of one type of event.
type Waiting struct{ Type, Waiting, Oldest string }

// Inspection is what would happen to a request.
type Inspection struct {
	GUID, Title, Told string
	Alert             string // what became of the last press
	Nothing           string // why nothing can be done; "": something can
	Cause             string
	Facts             []Fact
	Tried             []Tried
	Version           string
}

// Fact is one line of what would happen.
type Fact struct{ Label, Value string }

// Tried is one piece of work as it was tried so far.
type Tried struct {
	Kind, Subject, Times, Error string
	Stuck                       bool // it may be settled by hand
}

// Payload is one that nobody could read.
type Payload struct {
	ID, Role, Subject, Cause, At, Size, Raw string
	Settled                                 string // by whom, when and why; "": not yet
	Note, Problem                           string
}

// faulty marks a field that must be filled in.
func faulty(problem string) templ.Attributes {
	if problem == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "problem-reason"}
}
