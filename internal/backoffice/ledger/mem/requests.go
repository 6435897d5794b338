package mem

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

func missing(what, key string) error { return fmt.Errorf("%s %s: %w", what, key, ledger.ErrNotFound) }

// Request gives a copy of the row.
func (v *view) Request(guid string) (*report.Request, error) {
	r := v.look(guid).request
	if r == nil {
		return nil, missing("request", guid)
	}
	return copyRequest(r), nil
}

// Visible gives a copy of the row, if it is in scope.
func (v *view) Visible(s ledger.Scope, guid string) (*report.Request, error) {
	d := v.look(guid)
	if d.request == nil || !inScope(s, d) {
		return nil, missing("request", guid)
	}
	return copyRequest(d.request), nil
}

func inScope(s ledger.Scope, d *dossier) bool {
	if s.Sees(d.request) {
		return true
	}
	if s.Account == "" {
		return false
	}
	r, ok := d.recipients.get(ledger.Recipient{Account: s.Account})
	return ok && r.GoneAt.IsZero()
}

// Requests walks from the newest backwards.
func (v *view) Requests(f ledger.Filter) ([]*report.Request, error) {
	var out []*report.Request
	v.backwards(f, func(d *dossier) bool {
		out = append(out, copyRequest(d.request))
		return len(out) < atMost(f.Limit)
	})
	return out, nil
}

// backwards calls each for the requests of the filter, from the newest, until it
// has enough.
func (v *view) backwards(f ledger.Filter, each func(*dossier) (more bool)) {
	from := len(v.requests.rows)
	if f.Before != "" {
		from, _ = v.requests.find(&report.Request{GUID: f.Before})
	}
	for i := from - 1; i >= 0; i-- {
		r := v.requests.rows[i]
		if d := v.look(r.GUID); oneOf(f.States, r.State) && inScope(f.Scope, d) && !each(d) {
			return
		}
	}
}

// Counts counts them one by one.
func (v *view) Counts(f ledger.Filter) (map[report.State]int, error) {
	out := map[report.State]int{}
	v.backwards(f, func(d *dossier) bool {
		if out[d.request.State] < atMost(f.Limit) {
			out[d.request.State]++
		}
		return true
	})
	return out, nil
}

// Search looks at every request: here that is cheap enough.
func (v *view) Search(f ledger.Filter, words string) (ledger.Found, error) {
	var found ledger.Found
	q := search.Parse(words)
	if !q.Enough() {
		return found, nil
	}
	v.backwards(f, func(d *dossier) bool {
		if q.Match(d.text, d.request.GUID) {
			found.Requests = append(found.Requests, copyRequest(d.request))
		}
		if len(found.Requests) < atMost(f.Limit) {
			return true
		}
		found.Rest = d.request.GUID
		return false
	})
	return found, nil
}

// oneOf reports whether x is in list; an empty list names everything.
func oneOf[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }

// Overdue walks the deadlines up to now.
func (v *view) Overdue(states []report.State, limit int) ([]string, error) {
	var out []string
	for _, r := range v.deadlines.rows {
		if r.Deadline.After(v.now) || len(out) == atMost(limit) {
			break
		}
		if oneOf(states, r.State) {
			out = append(out, r.GUID)
		}
	}
	return out, nil
}

// Late walks the promises up to now.
func (v *view) Late(limit int) ([]string, error) {
	var out []string
	for _, r := range v.promises.rows {
		if r.ExpectedBy.After(v.now) || len(out) == atMost(limit) {
			break
		}
		out = append(out, r.GUID)
	}
	return out, nil
}

// Durations walks the ended requests of the type, last ended first.
func (v *view) Durations(reportType string, limit int) ([]time.Duration, error) {
	first, _ := slices.BinarySearchFunc(v.ended.rows, reportType, func(r *report.Request, t string) int {
		return strings.Compare(r.Asked.Type, t)
	})
	var out []time.Duration
	for _, r := range v.ended.rows[first:] {
		if r.Asked.Type != reportType || len(out) == atMost(limit) {
			break
		}
		if took, ok := preparing(r, v.look(r.GUID).journal); ok {
			out = append(out, took)
		}
	}
	return out, nil
}

// preparing is how long r took from ACCEPTED to the first STORED since.
func preparing(r *report.Request, journal []report.Entry) (time.Duration, bool) {
	for _, e := range journal {
		if e.Kind == report.KindMove && e.To == report.Stored && !e.At.Before(r.AcceptedAt) {
			return e.At.Sub(r.AcceptedAt), !r.AcceptedAt.IsZero()
		}
	}
	return 0, false
}

// Journal gives copies of the rows in the order they were appended.
func (v *view) Journal(guid string) ([]report.Entry, error) {
	out := slices.Clone(v.look(guid).journal)
	for i := range out {
		out[i].Evidence = copyEvidence(out[i].Evidence)
	}
	return out, nil
}

// Insert adds a request that is not there.
func (t *tx) Insert(r *report.Request) error {
	if t.look(r.GUID).request != nil {
		return fmt.Errorf("insert request %s: %w", r.GUID, ledger.ErrExists)
	}
	t.putRequest(r)
	d := t.of(r.GUID)
	old := d.text
	d.text = search.Text(&r.Asked)
	t.undo.add(func() { d.text = old })
	return nil
}

// Save writes a request that is still at version was.
func (t *tx) Save(r *report.Request, was int64) error {
	held := t.look(r.GUID).request
	if held == nil || held.Version != was {
		return fmt.Errorf("save request %s at version %d: %w", r.GUID, was, ledger.ErrConflict)
	}
	t.putRequest(r)
	return nil
}

func (t *tx) putRequest(r *report.Request) {
	d, row := t.of(r.GUID), copyRequest(r)
	old := d.request
	d.request = row
	t.undo.add(func() { d.request = old })
	t.requests.put(&t.undo, row)
	for _, x := range []*index[*report.Request]{&t.deadlines, &t.promises, &t.ended} {
		x.swap(&t.undo, old, old != nil, row)
	}
}

// Append gives the entry the next Seq of its request.
func (t *tx) Append(e report.Entry) error {
	ev, err := readBack(e.Evidence)
	if err != nil {
		return fmt.Errorf("append to the journal of %s: %w", e.GUID, err)
	}
	d := t.of(e.GUID)
	e.Seq, e.At, e.Evidence = int64(len(d.journal))+1, t.now, ev
	d.journal = append(d.journal, e)
	t.undo.add(func() { d.journal = d.journal[:e.Seq-1] })
	return nil
}
