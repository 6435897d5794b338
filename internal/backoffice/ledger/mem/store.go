package mem

import (
	"cmp"
	"strings"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// dossier is all that is kept under one GUID.
type dossier struct {
	request    *report.Request // nil: only other rows name the GUID
	text       string          // the words it is found by
	journal    []report.Entry
	tasks      set[*ledger.Task]
	recipients set[ledger.Recipient]
	files      set[ledger.File]
	hooks      set[ledger.Hook]
	mails      set[ledger.Mail]
	approvals  []ledger.Approval
	progress   *ledger.Progress // nil: none
	notices    set[*ledger.Notice]
}

// store is the whole ledger. Its indexes hold pointers to the very rows of the
// dossiers; since rows are replaced and never changed, both always agree.
type store struct {
	dossiers map[string]*dossier

	requests  set[*report.Request]   // all, by GUID
	deadlines index[*report.Request] // those with a deadline
	promises  index[*report.Request] // those that may turn out late
	ended     index[*report.Request] // by type, last ended first

	due      map[ledger.Kind]*index[*ledger.Task] // open ones, oldest due first
	suspects index[*ledger.Task]                  // open ones to be parked when found
	fence    int64

	blobs    index[ledger.File] // by the key of their bytes
	hookIDs  set[ledger.Hook]
	inboxes  map[string]*set[*ledger.Notice] // by account, in order of Seq
	seq      int64
	parked   []ledger.Parked
	catalog  *ledger.Catalog
	accounts set[ledger.Account]
	sessions set[ledger.Session]
	tokens   set[ledger.Token]
	beats    set[ledger.Beat]
}

func newStore() *store {
	return &store{
		dossiers: map[string]*dossier{},

		requests: newSet(func(a, b *report.Request) int { return strings.Compare(a.GUID, b.GUID) }),
		deadlines: newIndex(func(r *report.Request) bool { return !r.Deadline.IsZero() },
			func(a, b *report.Request) int {
				return cmp.Or(a.Deadline.Compare(b.Deadline), strings.Compare(a.GUID, b.GUID))
			}),
		promises: newIndex(func(r *report.Request) bool {
			return r.EndedAt.IsZero() && !r.ExpectedBy.IsZero() && r.LateAt.IsZero()
		}, func(a, b *report.Request) int {
			return cmp.Or(a.ExpectedBy.Compare(b.ExpectedBy), strings.Compare(a.GUID, b.GUID))
		}),
		ended: newIndex(func(r *report.Request) bool { return !r.EndedAt.IsZero() },
			func(a, b *report.Request) int {
				return cmp.Or(strings.Compare(a.Asked.Type, b.Asked.Type),
					b.EndedAt.Compare(a.EndedAt), strings.Compare(b.GUID, a.GUID))
			}),

		due:      map[ledger.Kind]*index[*ledger.Task]{},
		suspects: newIndex(suspect, byDue),

		blobs: newIndex(func(f ledger.File) bool { return f.BlobKey != "" }, func(a, b ledger.File) int {
			return cmp.Or(strings.Compare(a.BlobKey, b.BlobKey), strings.Compare(a.GUID, b.GUID), byFile(a, b))
		}),
		hookIDs:  newSet(func(a, b ledger.Hook) int { return strings.Compare(a.ID, b.ID) }),
		inboxes:  map[string]*set[*ledger.Notice]{},
		accounts: newSet(func(a, b ledger.Account) int { return strings.Compare(a.Name, b.Name) }),
		sessions: newSet(func(a, b ledger.Session) int { return strings.Compare(a.TokenHash, b.TokenHash) }),
		tokens:   newSet(func(a, b ledger.Token) int { return strings.Compare(a.Hash, b.Hash) }),
		beats:    newSet(byPart),
	}
}

// of gives the dossier of guid, a new one if there is none. An empty one is as
// good as none, so it needs no undoing.
func (s *store) of(guid string) *dossier {
	d, ok := s.dossiers[guid]
	if !ok {
		d = newDossier()
		s.dossiers[guid] = d
	}
	return d
}

// look gives the dossier of guid, never nil, without keeping a new one.
func (s *store) look(guid string) *dossier {
	if d, ok := s.dossiers[guid]; ok {
		return d
	}
	return &dossier{}
}

func newDossier() *dossier {
	return &dossier{
		tasks: newSet(func(a, b *ledger.Task) int { return byKey(a.Key, b.Key) }),
		recipients: newSet(func(a, b ledger.Recipient) int {
			return strings.Compare(a.Account, b.Account)
		}),
		files: newSet(byFile),
		hooks: newSet(func(a, b ledger.Hook) int {
			return cmp.Or(cmp.Compare(a.Generation, b.Generation), a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
		}),
		mails: newSet(func(a, b ledger.Mail) int {
			return cmp.Or(cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Subject, b.Subject),
				strings.Compare(a.Account, b.Account))
		}),
		notices: newSet(func(a, b *ledger.Notice) int {
			return cmp.Or(cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Subject, b.Subject),
				strings.Compare(a.Account, b.Account))
		}),
	}
}

func byFile(a, b ledger.File) int {
	return cmp.Or(cmp.Compare(a.Generation, b.Generation), strings.Compare(a.Name, b.Name))
}
