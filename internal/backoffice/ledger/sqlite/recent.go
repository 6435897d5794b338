package sqlite

import (
	"reflect"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// recent is what the committer knows by heart of the requests it lately wrote
// about: their rows, their tasks, and people. Nobody else writes, so what it
// read or wrote last is what stands, and most changes read nothing. Each write
// goes to the tables at once; only reading is spared.
//
// What a change leaves here is taken back with it: see undo.
type recent struct {
	requests map[string]*report.Request
	tasks    map[string][]ledger.Task // all of a request, by kind and subject
	accounts map[string]ledger.Account
	phrases  map[string]bool // keys of those that are in the index of words
	touched  []string        // by the change under way: GUIDs
	parked   bool            // the change under way parked tasks of nobody knows whom
}

// recentMost bounds the requests that are remembered: some kilobytes each.
const recentMost = 2048

func newRecent() *recent {
	c := &recent{}
	c.clear()
	return c
}

func (c *recent) clear() {
	c.requests = map[string]*report.Request{}
	c.tasks = map[string][]ledger.Task{}
	c.accounts = map[string]ledger.Account{}
	c.phrases = map[string]bool{}
	c.touched = nil
}

// begin a change.
func (c *recent) begin() {
	if len(c.requests)+len(c.tasks) > recentMost {
		c.clear()
	}
	c.touched, c.parked = c.touched[:0], false
}

// touch notes that the change under way writes about a request.
func (c *recent) touch(guid string) { c.touched = append(c.touched, guid) }

// undo forgets what a change did that is rolled back: it will be read again.
func (c *recent) undo() {
	for _, guid := range c.touched {
		delete(c.requests, guid)
		delete(c.tasks, guid)
	}
	clear(c.accounts)
	clear(c.phrases)
	if c.parked {
		clear(c.tasks)
	}
}

// Request gives the row.
func (x *tx) Request(guid string) (*report.Request, error) {
	if r, ok := x.recent.requests[guid]; ok {
		return copyOf(r), nil
	}
	r, err := x.view.Request(guid)
	if err == nil {
		x.recent.requests[guid] = copyOf(r)
	}
	return r, err
}

// saved remembers a request as it would be read back. One whose asking changed,
// which no station does, is read back.
func (c *recent) saved(r *report.Request) {
	c.touch(r.GUID)
	old, ok := c.requests[r.GUID]
	if !ok || !sameAsked(old, r) || !reflect.DeepEqual(old.Manifest, r.Manifest) || !reflect.DeepEqual(old.Failure, r.Failure) {
		delete(c.requests, r.GUID)
		return
	}
	kept := copyOf(r)
	kept.Asked, kept.Manifest = old.Asked, old.Manifest
	for _, t := range []*time.Time{
		&kept.AcceptedAt, &kept.Deadline, &kept.ExpectedBy, &kept.MissedAt, &kept.ExpiresAt, &kept.AnnouncedAt,
		&kept.LateAt, &kept.EndedAt, &kept.CollectedAt, &kept.PurgedAt, &kept.CreatedAt, &kept.UpdatedAt,
	} {
		*t = cut(*t)
	}
	c.requests[r.GUID] = kept
}

// sameAsked reports whether two requests ask for the same.
func sameAsked(a, b *report.Request) bool { return reflect.DeepEqual(a.Asked, b.Asked) }

// copyOf lets a caller change what it was given.
func copyOf(r *report.Request) *report.Request {
	c := *r
	if r.Failure != nil {
		failure := *r.Failure
		c.Failure = &failure
	}
	c.Asked.Parameters = slices.Clone(r.Asked.Parameters)
	c.Asked.Formats = slices.Clone(r.Asked.Formats)
	c.Manifest.Files = slices.Clone(r.Manifest.Files)
	c.Manifest.Sources = slices.Clone(r.Manifest.Sources)
	return &c
}

// Account gives one person.
func (x *tx) Account(name string) (ledger.Account, error) {
	a, ok := x.recent.accounts[name]
	if !ok {
		var err error
		if a, err = x.view.Account(name); err != nil {
			return a, err
		}
		x.recent.accounts[name] = a
	}
	a.Roles, a.NoMail, a.NoPopup = slices.Clone(a.Roles), slices.Clone(a.NoMail), slices.Clone(a.NoPopup)
	return a, nil
}

// tasksOf gives all tasks of a request, open or done. They are not the caller's
// to change.
func (x *tx) tasksOf(guid string) ([]ledger.Task, error) {
	if rows, ok := x.recent.tasks[guid]; ok {
		return rows, nil
	}
	rows, err := x.Tasks(guid)
	if err == nil {
		x.recent.tasks[guid] = rows
	}
	return rows, err
}

// remember puts a row that was just written in its place, unless nothing is
// known of its request.
func (c *recent) remember(t ledger.Task) {
	c.touch(t.GUID)
	old, ok := c.tasks[t.GUID]
	if !ok {
		return
	}
	at, found := slices.BinarySearchFunc(old, t.Key, func(row ledger.Task, k ledger.Key) int { return compareKeys(row.Key, k) })
	rows := slices.Clone(old) // whoever goes through the old ones is not disturbed
	if found {
		rows[at] = t
	} else {
		rows = slices.Insert(rows, at, t)
	}
	c.tasks[t.GUID] = rows
}
