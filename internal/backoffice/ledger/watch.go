package ledger

import (
	"encoding/json"
	"time"
)

// CountLimit bounds what is counted for the operator: a number that reaches it
// means "so many or more". A look at the whole costs the same however much is
// owed.
const CountLimit = 10_000

// BeatTime is how long what a process said of itself is kept, so that its
// figures count for a day.
const BeatTime = 24 * time.Hour

// Owed is how much is owed of one kind.
type Owed struct {
	Open  int       // leased, parked and future ones too; at most CountLimit
	Due   int       // of these, nobody works on and due now or before; at most CountLimit
	First time.Time // when the first of those was due; zero: none
}

// Deliveries is what became DELIVERED in a span of time.
type Deliveries struct {
	Count    int
	Promised int // of these, with an expected time
	Late     int // of these, stored after it
}

// Beat is what one process says of one part: a role it plays, or something it
// leans on. Unique by (Process, Part).
type Beat struct {
	Process string
	Part    string
	OK      bool
	Since   time.Time       // of being so, as far as that process knows
	At      time.Time       // when it said so
	Figures json.RawMessage // of package pulse; the ledger does not read them
}

// Watch is what an operator reads. No method's cost grows with what is finished.
type Watch interface {
	// Owed counts by kind; kinds without any are absent.
	Owed() (map[Kind]Owed, error)
	// FailingTasks gives open tasks whose last try failed, longest owed first.
	FailingTasks(limit int) ([]Task, error)
	// Deliveries counts what ended in [from, to).
	Deliveries(from, to time.Time) (Deliveries, error)
	// Took gives how long what was delivered in [from, to) took from its last
	// entry to ACCEPTED to its first STORED since: waiting for approval is no
	// part of it. Last delivered first.
	Took(from, to time.Time, limit int) ([]time.Duration, error)
	// LateTold gives GUIDs of requests not ended nor stored whose missed promise
	// was told, earliest promise first.
	LateTold(limit int) ([]string, error)
	// LostMails gives letters bounced, unconfirmed or given up at since or later,
	// last first.
	LostMails(since time.Time, limit int) ([]Mail, error)
	// ParkedPayload gives one, settled or not.
	ParkedPayload(id int64) (Parked, error)
	Beats() ([]Beat, error) // by process and part
}

// Tend is what is written for an operator.
type Tend interface {
	// CloseTask settles one open task by hand, leased or not; who holds a lease
	// on it has lost it. ErrNotFound if no such task is open.
	CloseTask(Key) error
	// ResolveParked settles a payload: it is listed no more, and keeps who, why
	// and when (now). ErrNotFound for an unknown one, ErrConflict for one that is
	// settled already.
	ResolveParked(id int64, by, reason string) error
	PutBeat(Beat) error // by (Process, Part)
}
