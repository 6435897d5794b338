package check

import "fmt"

// Violation is one broken promise.
type Violation struct {
	Invariant int    // 1 to 12
	GUID      string // of the request; "": of none
	Detail    string // what was seen, for a person
}

// String is the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("I%d: request %s: %s", v.Invariant, v.GUID, v.Detail)
}

// Check gives every broken promise it finds in the logs; none if all were kept.
// The logs are only read.
func Check(l Logs) []Violation {
	r := read(l)
	for _, s := range r.stories {
		r.ends(s)
		r.moving(s)
		r.copies(s)
		r.results(s)
		r.bytes(s)
		r.telling(s)
		r.posting(s)
		r.wanted(s)
		r.truth(s)
		r.calls(s)
		r.deciders(s)
		r.counts(s)
		r.deadlines(s)
		r.promise(s)
	}
	r.relay()
	r.storage()
	return r.found
}

// fail notes a violation.
func (r *reading) fail(invariant int, guid, format string, args ...any) {
	r.found = append(r.found, Violation{Invariant: invariant, GUID: guid, Detail: fmt.Sprintf(format, args...)})
}
