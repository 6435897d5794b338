// Package approvals is the page of who decides: what waits, the request to be
// decided about, and what was decided lately.
package approvals

import (
	"github.com/a-h/templ"

	"peyk/internal/backoffice/web/standing"
)

// Page is the inbox, and one request of it if there is any.
type Page struct {
	Waiting  []Waiting
	Past     []Past
	Done     string // what was decided a moment ago; "": nothing
	DoneIcon standing.Icon
	Chosen   *Decision
	Reload   string // address of the inbox as it is
	Opened   bool   // the request has the page to itself on a phone
}

// Waiting is one request of the inbox.
type Waiting struct {
	GUID, Who, Title, Age string
	Current               bool
}

// Past is one decision made.
type Past struct {
	GUID, Title, Told   string
	Word, Short, Reason string
	Icon                standing.Icon
}

// PastPage is all decisions of a person, a page of them.
type PastPage struct {
	Past  []Past
	Older string // address of the next page; "": there is none
}

// Decision is a request with all that is needed to decide.
type Decision struct {
	GUID, Title, Sentence, Quote string
	Who, Initials, Asked         string
	Facts                        []Fact
	Note, Problem                string
	Next                         bool // others wait besides this one
	MarkSeen                     bool // opening the page is seeing its notice
}

// Fact is one line to decide by.
type Fact struct{ Label, Value, More string }

func faulty(problem string) templ.Attributes {
	if problem == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "problem-reason", "autofocus": true}
}
