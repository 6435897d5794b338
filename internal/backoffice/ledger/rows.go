package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"peyk/internal/report"
)

// Recipient is one person a report goes to.
type Recipient struct {
	GUID    string
	Account string
	GoneAt  time.Time // left the company; zero: still here
}

// File is the row of one file of a generation in our storage.
type File struct {
	GUID       string
	Generation int
	report.File
	BlobKey  string    // the bytes that won; "" while they are owed
	StoredAt time.Time // zero while they are owed
	Refused  int       // full downloads that did not pass
	Damaged  bool      // the bytes no longer match the digest: owed again
}

// Stage is what the provider is doing about a report.
type Stage string

// The stages a page has words for; "" is another, or unknown.
const (
	StageWaiting   Stage = "waiting"
	StageReview    Stage = "review" // its audit cannot be had yet
	StageGathering Stage = "gathering"
	StageCombining Stage = "combining"
	StageRendering Stage = "rendering"
)

// Progress is how far the provider was with a report when it was last asked. It
// is for pages to show: nothing is decided by it, and it is no part of the
// request's version. Only that of the present generation counts, and only while
// the request is PREPARING.
type Progress struct {
	GUID       string
	Generation int
	Stage      Stage
	Done       int // of Total; a Total of 0 is unknown
	Total      int
	Position   int       // in the provider's line, 1: next; 0: in none
	ReadyAt    time.Time // when it should be ready; zero: unknown
	At         time.Time // when the provider said so
}

// Hook is one webhook as the reader took it in.
type Hook struct {
	ID         string // webhook-id, unique, kept 30 days
	GUID       string
	Generation int
	Type       string
	State      string
	Rev        int64
	Key        string // which pinned key signed it
	At         time.Time
}

// MailState is how far a letter got.
type MailState string

// The states of a letter. Open ones may still be sent.
const (
	MailPending     MailState = "pending"
	MailSending     MailState = "sending"
	MailUnknown     MailState = "unknown" // lost after the final dot: the identical message once more
	MailSent        MailState = "sent"
	MailBounced     MailState = "bounced"
	MailUnconfirmed MailState = "unconfirmed"
	MailGivenUp     MailState = "given_up"
	MailVoid        MailState = "void"     // no longer true
	MailUnwanted    MailState = "unwanted" // its person wants no letters of this kind: none was written
)

// Open reports whether the letter may still be sent.
func (s MailState) Open() bool {
	return s == MailPending || s == MailSending || s == MailUnknown
}

// Subject says what a letter or notice is about: an outcome, or that approval
// is asked.
type Subject string

// The subjects besides the outcomes.
const (
	SubjectAsking Subject = "asking"
	SubjectReady  Subject = "ready" // succeeded, empty or partial
	SubjectLate   Subject = "late"
	SubjectMail   Subject = "mail" // a letter bounced, is unconfirmed or was given up
)

// Again is the subject of the letter a person asked to have sent once more, for
// the nth time about the request. It is a letter of its own beside the first,
// which stays one.
func (s Subject) Again(n int) Subject { return s + Subject("+"+strconv.Itoa(n)) }

// Parse gives what a letter is about, and for the how many-th time a person
// asked for it again; 0: nobody did.
func (s Subject) Parse() (about Subject, again int) {
	base, n, _ := strings.Cut(string(s), "+")
	again, _ = strconv.Atoi(n)
	return Subject(base), again
}

// TellsEnd reports whether it is about how a request ended.
func (s Subject) TellsEnd() bool {
	return s != SubjectAsking && s != SubjectLate && s != SubjectMail
}

// Mail is one letter, unique by (GUID, Generation, Subject, Account).
type Mail struct {
	GUID       string
	Generation int
	Subject    Subject
	Account    string
	State      MailState
	Letter     json.RawMessage // the composed letter, or NotWritten; the message is assembled from it, the same bytes each time
	Unknowns   int             // how often its fate was unknown
	Flagged    bool            // it was sent a second time after an UNKNOWN
	Reply      string          // the relay's last word
	At         time.Time       // of the last change
	CreatedAt  time.Time
}

// Task is the Subject of the EMAIL task that sends the letter.
func (m Mail) Task() string { return fmt.Sprintf("%d/%s/%s", m.Generation, m.Subject, m.Account) }

// LetterOf reads the Subject of an EMAIL task: see Mail.Task.
func LetterOf(task string) (generation int, subject Subject, account string, err error) {
	parts := strings.SplitN(task, "/", 3)
	if len(parts) == 3 {
		generation, err = strconv.Atoi(parts[0])
	}
	if err != nil || len(parts) != 3 {
		return 0, "", "", fmt.Errorf("the name %q of a letter is no generation/subject/account", task)
	}
	return generation, Subject(parts[1]), parts[2], nil
}

// Lost is how a letter ends that no longer can be sent.
func (m Mail) Lost() MailState {
	if m.Unknowns > 0 || m.State == MailSending {
		return MailUnconfirmed // it may have arrived
	}
	return MailGivenUp
}

// LettersAsked is the journal's row of a person who had letters sent again: "by"
// whom, "to" whom, and under which "subject".
const LettersAsked = "letters_asked"

// NotWritten is the Letter of a Mail that is owed before anybody composed it.
func NotWritten() json.RawMessage { return json.RawMessage("{}") }

// Notice is one popup, durable: it waits in the bell for who was offline.
// Unique by (GUID, Generation, Subject, Account); Seq rises over the ledger.
type Notice struct {
	Seq        int64
	Account    string
	GUID       string
	Generation int
	Subject    Subject
	Title      report.Text
	At         time.Time
	SeenAt     time.Time // zero: unseen
}

// Inbox is how full an account's inbox is. Unseen only falls while Newest stays,
// so a look at both tells whether anything is new.
type Inbox struct {
	Newest int64 // Seq; 0: none yet
	Unseen int
}

// ChangedAt is when something that pages show of the request's row was written last.
func ChangedAt(r *report.Request) time.Time {
	return slices.MaxFunc([]time.Time{r.UpdatedAt, r.AnnouncedAt, r.LateAt, r.CollectedAt, r.PurgedAt}, time.Time.Compare)
}

// Change is that a request, or its progress, changed.
type Change struct {
	GUID    string
	Version int64     // of the request; 0 if only the progress changed since
	At      time.Time // of the last change of either
}

// Approval is one decision.
type Approval struct {
	GUID     string
	Account  string
	Approved bool
	Reason   string
	At       time.Time
}

// Catalog is the provider's catalog as it was last seen.
type Catalog struct {
	ETag string
	Body json.RawMessage
	At   time.Time // when the provider last confirmed it
}

// Parked is a payload nobody could read, kept for the operator.
type Parked struct {
	ID       int64
	Role     report.Role
	Subject  string
	Sequence uint64
	Raw      []byte
	Cause    string
	At       time.Time

	ResolvedAt time.Time // settled by hand; zero: not yet
	ResolvedBy string    // account
	Reason     string    // why it was settled
}

// Account is one person.
type Account struct {
	Name     string // sign-in name
	FullName string
	Email    string
	Roles    []string // see package access
	Locale   string   // tr or en
	TimeZone string   // IANA name
	Password string   // argon2id, PHC string
	Gone     bool     // left the company
	At       time.Time

	Appearance string // light or dark; "": as the device says
	NoKeys     bool   // single keys are no shortcuts (WCAG 2.2, 2.1.4)
	NoMail     []News // not wanted by e-mail
	NoPopup    []News // not wanted as a popup; the bell has them all the same
}

// Is reports whether the account is still here and holds the role.
func (a Account) Is(role string) bool {
	if a.Gone {
		return false
	}
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Session is one sign-in in a browser; only the digest of its token is kept.
type Session struct {
	TokenHash string
	Data      []byte
	ExpiresAt time.Time
	Account   string // "" of one opened before sessions were listed
	At        time.Time
	UsedAt    time.Time // to the minute
	Agent     string    // as the browser calls itself
	Address   string    // it was opened from
}

// Token lets a program act as an account; only its digest is kept.
type Token struct {
	Hash      string
	Account   string
	Scope     string // see package access
	At        time.Time
	Label     string    // what its owner calls it
	ExpiresAt time.Time // no good from then on; zero: it does not run out
	UsedAt    time.Time // to the hour; zero: never
}

// TellsEndTo reports whether the letter tells the account how that generation of
// the request ended.
func (m Mail) TellsEndTo(account string, generation int) bool {
	return m.Account == account && m.Generation == generation && m.Subject.TellsEnd()
}

// AsAsked puts files in the order of the manifest, which is that of the formats
// asked for: what a person wants first stands first.
func AsAsked(files []File, m report.Manifest) []File {
	place := func(f File) int {
		return slices.IndexFunc(m.Files, func(declared report.File) bool { return declared.Name == f.Name })
	}
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(place(a), place(b)) })
	return files
}
