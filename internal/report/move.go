package report

import (
	"fmt"
	"time"
)

// EntryKind tells a move from a fact.
type EntryKind string

// The kinds of journal rows.
const (
	KindMove EntryKind = "move" // version + 1
	KindFact EntryKind = "fact" // same version
)

// Evidence is what proves a journal row: status lines, digests, sequence
// numbers, addresses. Never a secret, never a parameter.
type Evidence map[string]any

// Entry is one row of a request's journal. Seq rises by one within a request.
type Entry struct {
	GUID       string    `json:"guid"`
	Seq        int64     `json:"seq"`
	At         time.Time `json:"time"`
	Role       Role      `json:"role"`
	Kind       EntryKind `json:"kind"`
	Name       string    `json:"name"` // a move's state, a fact's name
	From       State     `json:"from,omitempty"`
	To         State     `json:"to,omitempty"`
	Step       Step      `json:"step,omitempty"` // of the thirteen; 0: none
	Version    int64     `json:"version"`
	Generation int       `json:"generation"`
	Evidence   Evidence  `json:"evidence,omitempty"`
}

// Move is a legal move that was made on a Request in memory and waits to be
// committed: the ledger compares Version-1 with what it holds.
type Move struct {
	From, To State
	Role     Role
	Step     Step
	At       time.Time
	Evidence Evidence
}

// Refusal says that a move is not allowed, and why. The request is unchanged.
type Refusal struct {
	GUID     string
	From, To State
	Why      string
}

func (e *Refusal) Error() string {
	return fmt.Sprintf("request %s may not go from %s to %s: %s", e.GUID, e.From, e.To, e.Why)
}

func (r *Request) refuse(to State, format string, args ...any) error {
	return &Refusal{GUID: r.GUID, From: r.State, To: to, Why: fmt.Sprintf(format, args...)}
}

// enter makes the move if the table has it, and nothing else.
func (r *Request) enter(to State, step Step, at time.Time, ev Evidence) (Move, error) {
	role, ok := mover(edge{r.State, to})
	if !ok {
		return Move{}, r.refuse(to, "no such move")
	}
	m := Move{From: r.State, To: to, Role: role, Step: step, At: at, Evidence: ev}
	r.State = to
	r.Version++
	r.UpdatedAt = at
	r.Deadline = time.Time{}
	if to.Terminal() {
		r.EndedAt = at
	}
	return m, nil
}

// end enters a terminal state with its outcome.
func (r *Request) end(to State, outcome Outcome, f *Failure, step Step, at time.Time, ev Evidence) (Move, error) {
	m, err := r.enter(to, step, at, ev)
	if err != nil {
		return Move{}, err
	}
	r.Outcome, r.Failure, r.AnnouncedAt = outcome, f, time.Time{}
	return m, nil
}
