package ledger

import "time"

// Kind is a kind of owed work.
type Kind string

// The kinds. Gateway owns the first four, trace the rest.
const (
	Submit         Kind = "SUBMIT"
	Track          Kind = "TRACK"
	Fetch          Kind = "FETCH" // one per file; Subject is its name
	ProviderDelete Kind = "PROVIDER_DELETE"
	Announce       Kind = "ANNOUNCE"
	Email          Kind = "EMAIL" // one per letter; Subject is that of Mail.Task
	Purge          Kind = "PURGE"
)

// ParkAfter is how many unclean leases park a task: input that kills the
// process is not tried a fourth time by the ordinary way.
const ParkAfter = 3

// suspicions is up to how many unclean leases a parked task may still be a
// bystander: it was at work when a process died of something else.
const suspicions = ParkAfter + 2

// ParkedRest is how long a parked task waits for its next try, alone. The first
// tries come soon, for a process that is killed takes bystanders with it; once
// the task has shown that it dies alone, it is tried each hour.
func ParkedRest(unclean int) time.Duration {
	if unclean <= suspicions {
		return time.Minute
	}
	return time.Hour
}

// Key names a task.
type Key struct {
	GUID    string
	Kind    Kind
	Subject string // recipient or file; "" for kinds that need none
}

// Task is one piece of owed work.
type Task struct {
	Key
	Generation int // of the request it was last owed for
	Done       bool
	DueAt      time.Time
	Attempts   int // ended tries since it was owed
	Unclean    int // leases that never ended orderly
	ParkedAt   time.Time
	Wakes      int64     // rises whenever it is woken or owed again
	Fence      int64     // of the last lease; 0: never leased
	LeasedTill time.Time // zero: not leased
	Worker     string
	CreatedAt  time.Time
	LastError  string
}

// Lease is the right to work on a task until it runs out. Fence is one rising
// number for the whole ledger and never used twice.
type Lease struct {
	Task
	Alone bool // it was parked: no other parked task should run beside it
}

// Wanted says which tasks to lease: the named one, or due ones of the kinds.
type Wanted struct {
	Key    Key    // with GUID set: this task only (an empty Subject: any of the kind), due or not is decided by DueAt alike
	Kinds  []Kind // with no Key: due tasks of these kinds, oldest due first
	Limit  int    // at most so many; 0: 1
	Worker string
	For    time.Duration // how long the lease lasts
}

// Settlement ends a lease. It counts only if the task was not woken since the
// lease; else the task is due at once.
type Settlement struct {
	Done    bool
	DueAt   time.Time // if not Done; zero: now
	Unclean bool      // the try did not end orderly: keep counting
	Error   string    // why it is not done, for the operator
}
