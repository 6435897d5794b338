package ledger

import (
	"slices"
	"time"

	"peyk/internal/report"
)

// Scope says whose eyes a reading is for. It is part of the query, never an
// afterthought of the page: what is out of scope is not found.
type Scope struct {
	Account  string   // sees what it owns or receives (not once it is gone as a recipient); "": nothing by itself
	Approves []string // sees what waits, or waited, for one of these roles' approval; report.NoApproval is no role
	All      bool     // the operator: every request, though never its bytes
}

// Sees reports whether the scope has the request in view whoever receives it. A
// recipient sees it, too: that is the ledger's to look up.
func (s Scope) Sees(r *report.Request) bool {
	return s.All || s.Account != "" && s.Account == r.Asked.Owner ||
		r.Asked.Approval != report.NoApproval && slices.Contains(s.Approves, r.Asked.Approval)
}

// Filter bounds a list of requests, newest first (by GUID, falling).
type Filter struct {
	Scope  Scope
	States []report.State // none: all
	Before string         // GUID: only older ones; "": from the newest
	Limit  int            // at most so many; 0: 100
}

// Found is what a search found, newest first.
type Found struct {
	Requests []*report.Request
	// Rest: what is older than this GUID was not looked at, because enough was
	// found or enough was looked at. "": everything was.
	Rest string
}

// View reads. Lists come in a fixed order, so that a seed repeats; names are
// ordered by their bytes. A single row that is not there is ErrNotFound, a list
// of nothing is empty. A limit of 0 is 100. What is read is the caller's own
// copy; times come back in UTC, cut to microseconds.
type View interface {
	Watch

	Now() time.Time

	// Request gives the row for the stations' own work, in no scope.
	Request(guid string) (*report.Request, error)
	// Visible gives the row to whom may see it: ErrNotFound for a GUID out of
	// scope just as for one that does not exist.
	Visible(s Scope, guid string) (*report.Request, error)
	Requests(Filter) ([]*report.Request, error)
	// Counts says how many of the filter's requests are in each state, at most
	// the limit of each; states without any are absent.
	Counts(Filter) (map[report.State]int, error)
	// Search gives those of the filter's requests that were inserted with each of
	// these words: see package search. It looks at a bounded number of requests;
	// whoever goes on before Found.Rest finds them all.
	Search(f Filter, words string) (Found, error)
	Overdue(states []report.State, limit int) ([]string, error) // GUIDs whose deadline is now or before, earliest first; no states: all
	Late(limit int) ([]string, error)                           // not ended, ExpectedBy now or before, LateAt zero; earliest first
	// Durations gives, last ended first, how long ended requests of the type took
	// from their last entry to ACCEPTED (AcceptedAt) to the first journal row of
	// a move to STORED since; those without one do not count.
	Durations(reportType string, limit int) ([]time.Duration, error)
	Journal(guid string) ([]report.Entry, error) // by Seq, from 1

	Task(Key) (Task, error)
	Tasks(guid string) ([]Task, error) // done ones too, by kind and subject
	// NextDue is when Lease would next find something of these kinds: the
	// earliest, over the open tasks, of what is later, DueAt or the lease's end.
	NextDue(kinds []Kind) (time.Time, bool, error)

	Recipients(guid string) ([]Recipient, error)       // by account
	Files(guid string) ([]File, error)                 // all generations, by generation and name
	Progress(guids ...string) ([]Progress, error)      // by GUID; those without any are left out
	Hooks(guid string, generation int) ([]Hook, error) // by At and ID
	Mail(guid string, generation int, s Subject, account string) (Mail, error)
	Mails(guid string) ([]Mail, error)                                // by generation, subject and account
	Notices(account string, after int64, limit int) ([]Notice, error) // by Seq, rising
	Unseen(account string, limit int) ([]Notice, error)               // newest first
	// Inbox gives notices newest first, those before a Seq; before 0: from the newest.
	Inbox(account string, before int64, limit int) ([]Notice, error)
	// Inboxes says how full each of the accounts' inboxes is, in the order asked.
	Inboxes(accounts ...string) ([]Inbox, error)
	// Changed gives, latest first, the requests that were changed at or after
	// since, by their own row or their progress. A change is dated by the
	// transaction it was made in, so one may show up behind younger ones.
	Changed(since time.Time, limit int) ([]Change, error)
	Approvals(guid string) ([]Approval, error) // by At

	Catalog() (Catalog, error)             // ErrNotFound before the first
	Parked(limit int) ([]Parked, error)    // those not settled, by ID, falling
	ParkedTasks(limit int) ([]Task, error) // open ones, longest parked first; being tried alone they stay listed
	OpenTasks() (map[Kind]int, error)      // leased and parked ones too; kinds without any are absent

	Account(name string) (Account, error)
	Accounts() ([]Account, error)                 // by name
	Session(tokenHash string) (Session, error)    // ErrNotFound from ExpiresAt on
	SessionsOf(account string) ([]Session, error) // not run out, by At and digest
	Token(hash string) (Token, error)             // run out or not
	TokensOf(account string) ([]Token, error)     // run out or not, by At and digest
	BlobKnown(key string) (bool, error)           // some row names these bytes, of a request not purged
}

// Tx reads and writes within one transaction, and sees its own writes. A
// refused call changed nothing, and the transaction may go on without it.
type Tx interface {
	View
	Tend

	// Insert adds a request that is not there: ErrExists.
	Insert(*report.Request) error
	// Save writes the request if the ledger still holds version was; else, also
	// if it holds no such request, ErrConflict.
	Save(r *report.Request, was int64) error
	// Append adds a journal row; Seq is the ledger's to give and Entry.At is Now.
	// Evidence comes back as JSON reads it: numbers as float64.
	Append(report.Entry) error

	// Owe makes work owed, due at t.DueAt (zero: now); of t only Key, Generation
	// and DueAt are read. If an open row has the key, it is woken and keeps its
	// lease; a done one is opened again, fresh, at t.DueAt. In both cases Wakes
	// rises by one, Attempts begins at 0 and Generation is raised, never lowered.
	Owe(t Task) error
	// Close settles open tasks of these kinds, leased or not: the state they
	// were owed in is left. Leases on them are lost, so a worker settles its own
	// lease before the move that closes it. No kinds: nothing happens.
	Close(guid string, kinds ...Kind) error
	// Wake makes open tasks of the kind, of every subject, due at once (one that
	// is due already keeps its place); a leased one when it is settled. It does
	// not shorten the rest of a parked one. No such task: nothing happens.
	Wake(guid string, kind Kind) error
	// Lease takes due, unleased (or lease run out), open tasks, oldest due first,
	// then by key. Every due one with ParkAfter unclean leases is parked instead:
	// ParkedAt is now, DueAt is ParkedRest later, and it does not count against
	// the limit. Found due again it is leased with Alone set, and the same rest
	// begins anew, in case that lease does not end orderly either.
	Lease(Wanted) ([]Lease, error)
	// Guard refuses with ErrLost unless the lease is still ours. One that has run
	// out is ours until another takes it.
	Guard(Lease) error
	// Extend prolongs the lease to now + by: ErrLost.
	Extend(l Lease, by time.Duration) error
	// Settle ends the lease: ErrLost. Attempts rises by one; unless s.Unclean is
	// set, Unclean is 0 again and the task no longer parked. An unclean end leaves
	// a parked task to its rest, woken or not.
	Settle(l Lease, s Settlement) error

	PutRecipient(Recipient) error
	PutFile(File) error         // by (GUID, Generation, Name)
	PutProgress(Progress) error // by GUID
	// AddHook reports false if the id was there already.
	AddHook(Hook) (bool, error)
	PutMail(Mail) error // by (GUID, Generation, Subject, Account)
	// AddNotice reports false if the same notice was there already.
	AddNotice(Notice) (bool, error)
	// MarkSeen sets SeenAt of the account's unseen notices of the request to Now.
	MarkSeen(account, guid string) error
	// Answered does so for everybody's notices that ask for approval of the request.
	Answered(guid string) error
	// MarkAllSeen does so for all of the account's notices up to a Seq.
	MarkAllSeen(account string, upTo int64) error
	AddApproval(Approval) error
	PutCatalog(Catalog) error
	Park(Parked) error // ID is the ledger's to give; how it was settled is ResolveParked's

	// LockAccount gives an account to whoever is about to change it: between this
	// and the commit nobody else does.
	LockAccount(name string) (Account, error)
	PutAccount(Account) error
	PutSession(Session) error
	// ProlongSession writes Data, ExpiresAt and UsedAt of a session that is there;
	// one that was ended meanwhile stays ended.
	ProlongSession(Session) error
	DeleteSession(tokenHash string) error
	PutToken(Token) error
	// TouchToken sets UsedAt to Now; a token that is not there stays away.
	TouchToken(hash string) error
	DeleteToken(hash string) error // one that is not there is deleted already

	// Forget removes files' rows, the progress and the letters (the Mail rows) of
	// a purged request; its own row, its journal, recipients and notices stay.
	Forget(guid string) error
	// Expire drops sessions run out, beats older than BeatTime, and tokens run out
	// and hooks taken in more than 30 days ago.
	Expire() error
}
