// Package operations is the operator's page: is everything well, what is owed,
// where is this request.
package operations

// Page is how the whole stands.
type Page struct {
	Verdict string
	Query   string
	Missing string // what was looked for in vain
	Found   Search
	Checks  []Check
	Tasks   []Task
	Parked  []Parked
	Letters []Letter // payloads nobody could read
}

// Check is one role or dependency.
type Check struct {
	Name, Word, Detail, Since string
	OK                        bool
}

// Task is how much is owed of one kind.
type Task struct{ Kind, Open string }

// Parked is a task that kills whoever takes it up.
type Parked struct{ GUID, Kind, Error, Since string }

// Letter is a payload kept because nobody could read it.
type Letter struct{ Role, Subject, Cause, At string }
