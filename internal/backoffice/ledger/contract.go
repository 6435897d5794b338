package ledger

import (
	"time"

	"peyk/internal/report"
)

// Scope says whose eyes a reading is for. It is part of the query, never an
// afterthought of the page: what is out of scope is not found.
type Scope struct {
	Account  string   // sees what it owns or receives; "": nothing by itself
	Approves []string // sees what waits, or waited, for one of these roles' approval
	All      bool     // the operator: every request, though never its bytes
}

// Filter bounds a list of requests, newest first (by GUID, falling).
type Filter struct {
	Scope  Scope
	States []report.State // none: all
	Before string         // GUID: only older ones; "": from the newest
	Limit  int            // at most so many; 0: 100
}

// View reads. Lists come in a fixed order, so that a seed repeats.
type View interface {
	Now() time.Time

	// Request gives the row for the stations' own work, in no scope.
	Request(guid string) (*report.Request, error)
	// Visible gives the row to whom may see it: ErrNotFound for a GUID out of
	// scope just as for one that does not exist.
	Visible(s Scope, guid string) (*report.Request, error)
	Requests(Filter) ([]*report.Request, error)
	Overdue(states []report.State, limit int) ([]string, error)      // GUIDs whose deadline has passed, earliest first
	Late(limit int) ([]string, error)                                // not ended, ExpectedBy passed, LateAt zero
	Durations(reportType string, limit int) ([]time.Duration, error) // ACCEPTED to STORED of the last ended ones
	Journal(guid string) ([]report.Entry, error)

	Task(Key) (Task, error)
	Tasks(guid string) ([]Task, error)
	NextDue(kinds []Kind) (time.Time, bool, error) // earliest due or lease end of what is open

	Recipients(guid string) ([]Recipient, error) // by account
	Files(guid string) ([]File, error)           // all generations, by generation and name
	Hooks(guid string, generation int) ([]Hook, error)
	Mail(guid string, generation int, s Subject, account string) (Mail, error)
	Mails(guid string) ([]Mail, error)
	Notices(account string, after int64, limit int) ([]Notice, error) // by Seq, rising
	Unseen(account string, limit int) ([]Notice, error)               // newest first
	Approvals(guid string) ([]Approval, error)

	Catalog() (Catalog, error) // ErrNotFound before the first
	Parked(limit int) ([]Parked, error)
	ParkedTasks(limit int) ([]Task, error)
	OpenTasks() (map[Kind]int, error)

	Account(name string) (Account, error)
	Accounts() ([]Account, error) // by name
	Session(tokenHash string) (Session, error)
	Token(hash string) (Token, error)
	BlobKnown(key string) (bool, error) // some row names these bytes, of a request not purged
}

// Tx reads and writes within one transaction, and sees its own writes.
type Tx interface {
	View

	// Insert adds a request that is not there: ErrExists.
	Insert(*report.Request) error
	// Save writes the request if the ledger still holds version was: ErrConflict.
	Save(r *report.Request, was int64) error
	// Append adds a journal row; Seq is the ledger's to give and Entry.At is Now.
	Append(report.Entry) error

	// Owe makes work owed, due at t.DueAt (zero: now). If an open row has the
	// key, its generation is raised and it is woken; a done one is opened again.
	Owe(t Task) error
	// Close settles open tasks of these kinds, leased or not: the state they
	// were owed in is left. Leases on them are lost.
	Close(guid string, kinds ...Kind) error
	// Wake makes open tasks of the kind due at once; a leased one when it is
	// settled. No such task: nothing happens.
	Wake(guid string, kind Kind) error
	// Lease takes due, unleased (or lease run out), open tasks. A task found with
	// ParkAfter unclean leases is parked for ParkedRest instead, and leased with
	// Alone set once that has passed.
	Lease(Wanted) ([]Lease, error)
	// Guard refuses with ErrLost unless the lease is still ours.
	Guard(Lease) error
	// Extend prolongs the lease from now: ErrLost.
	Extend(l Lease, by time.Duration) error
	// Settle ends the lease: ErrLost.
	Settle(Lease, Settlement) error

	PutRecipient(Recipient) error
	PutFile(File) error // by (GUID, Generation, Name)
	// AddHook reports false if the id was there already.
	AddHook(Hook) (bool, error)
	PutMail(Mail) error // by (GUID, Generation, Subject, Account)
	// AddNotice reports false if the same notice was there already.
	AddNotice(Notice) (bool, error)
	MarkSeen(account, guid string) error
	AddApproval(Approval) error
	PutCatalog(Catalog) error
	Park(Parked) error

	PutAccount(Account) error
	PutSession(Session) error
	DeleteSession(tokenHash string) error
	PutToken(Token) error

	// Forget removes files' rows and the letters of a purged request; its own
	// row and its journal stay.
	Forget(guid string) error
	// Expire drops sessions run out, hooks older than 30 days.
	Expire() error
}
