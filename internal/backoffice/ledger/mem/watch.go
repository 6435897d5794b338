package mem

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// What an operator looks at is found here by walking everything: the simulated
// world asks for none of it.

// Owed counts by kind.
func (v *view) Owed() (map[ledger.Kind]ledger.Owed, error) {
	out := map[ledger.Kind]ledger.Owed{}
	for k, q := range v.due {
		o := ledger.Owed{Open: min(len(q.rows), ledger.CountLimit)}
		for _, t := range q.rows {
			if t.DueAt.After(v.now) || o.Due == ledger.CountLimit {
				break
			}
			if !t.LeasedTill.IsZero() {
				continue
			}
			if o.Due++; o.Due == 1 {
				o.First = t.DueAt
			}
		}
		if o.Open > 0 {
			out[k] = o
		}
	}
	return out, nil
}

// FailingTasks gives open tasks whose last try failed.
func (v *view) FailingTasks(limit int) ([]ledger.Task, error) {
	var found []*ledger.Task
	for _, q := range v.due {
		for _, t := range q.rows {
			if t.LastError != "" {
				found = append(found, t)
			}
		}
	}
	slices.SortFunc(found, func(a, b *ledger.Task) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), byKey(a.Key, b.Key))
	})
	return values(head(found, limit)), nil
}

// delivered gives what was delivered in a span, last first, and how long each took.
func (v *view) delivered(from, to time.Time) (rows []*report.Request, took []time.Duration) {
	for _, r := range v.requests.rows {
		if r.State == report.Delivered && !r.EndedAt.Before(from) && r.EndedAt.Before(to) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *report.Request) int { return b.EndedAt.Compare(a.EndedAt) })
	rows = slices.DeleteFunc(rows, func(r *report.Request) bool {
		d, ok := preparing(r, v.look(r.GUID).journal)
		if ok {
			took = append(took, d)
		}
		return !ok
	})
	return rows, took
}

// Deliveries counts what was delivered.
func (v *view) Deliveries(from, to time.Time) (d ledger.Deliveries, err error) {
	rows, took := v.delivered(from, to)
	for i, r := range rows {
		d.Count++
		if r.ExpectedBy.IsZero() {
			continue
		}
		d.Promised++
		if r.AcceptedAt.Add(took[i]).After(r.ExpectedBy) {
			d.Late++
		}
	}
	return d, nil
}

// Took gives how long what was delivered took.
func (v *view) Took(from, to time.Time, limit int) ([]time.Duration, error) {
	_, took := v.delivered(from, to)
	return head(took, limit), nil
}

// LateTold gives requests that are late, and were said to be.
func (v *view) LateTold(limit int) ([]string, error) {
	var late []*report.Request
	for _, r := range v.requests.rows {
		_, stored := preparing(r, v.look(r.GUID).journal)
		if r.EndedAt.IsZero() && !r.LateAt.IsZero() && !stored {
			late = append(late, r)
		}
	}
	slices.SortFunc(late, func(a, b *report.Request) int {
		return cmp.Or(a.ExpectedBy.Compare(b.ExpectedBy), strings.Compare(a.GUID, b.GUID))
	})
	var guids []string
	for _, r := range head(late, limit) {
		guids = append(guids, r.GUID)
	}
	return guids, nil
}

// LostMails gives letters that did not arrive for sure.
func (v *view) LostMails(since time.Time, limit int) ([]ledger.Mail, error) {
	lost := []ledger.MailState{ledger.MailBounced, ledger.MailGivenUp, ledger.MailUnconfirmed}
	var out []ledger.Mail
	for _, d := range v.dossiers {
		for _, m := range d.mails.rows {
			if slices.Contains(lost, m.State) && !m.At.IsZero() && !m.At.Before(since) {
				out = append(out, copyMail(m))
			}
		}
	}
	slices.SortFunc(out, func(a, b ledger.Mail) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.GUID, b.GUID), cmp.Compare(a.Generation, b.Generation),
			cmp.Compare(a.Subject, b.Subject), strings.Compare(a.Account, b.Account))
	})
	return head(out, limit), nil
}

// ParkedPayload gives one: IDs are places.
func (v *view) ParkedPayload(id int64) (ledger.Parked, error) {
	if id < 1 || id > int64(len(v.parked)) {
		return ledger.Parked{}, missing("parked payload", fmt.Sprint(id))
	}
	return copyParked(v.parked[id-1]), nil
}

// Beats gives what processes said of themselves.
func (v *view) Beats() ([]ledger.Beat, error) { return mapped(v.beats.rows, copyBeat), nil }

// CloseTask settles one open task.
func (t *tx) CloseTask(k ledger.Key) error {
	old, had := t.task(k)
	if !had || old.Done {
		return missing("open task", fmt.Sprint(k))
	}
	row := *old
	row.Done = true
	release(&row)
	t.putTask(row)
	return nil
}

// ResolveParked settles a payload.
func (t *tx) ResolveParked(id int64, by, reason string) error {
	old, err := t.ParkedPayload(id)
	switch {
	case err != nil:
		return err
	case !old.ResolvedAt.IsZero():
		return fmt.Errorf("resolve parked payload %d: %w", id, ledger.ErrConflict)
	}
	row := old
	row.ResolvedAt, row.ResolvedBy, row.Reason = t.now, by, reason
	t.parked[id-1] = row
	t.undo.add(func() { t.parked[id-1] = old })
	return nil
}

// PutBeat adds or replaces one.
func (t *tx) PutBeat(b ledger.Beat) error {
	t.beats.put(&t.undo, copyBeat(b))
	return nil
}

func (t *tx) dropBeats() {
	for _, b := range slices.Clone(t.beats.rows) {
		if b.At.Before(t.now.Add(-ledger.BeatTime)) {
			t.beats.remove(&t.undo, b)
		}
	}
}

func byPart(a, b ledger.Beat) int {
	return cmp.Or(strings.Compare(a.Process, b.Process), strings.Compare(a.Part, b.Part))
}

func copyBeat(b ledger.Beat) ledger.Beat {
	b.Figures = slices.Clone(b.Figures)
	cutAll(&b.Since, &b.At)
	return b
}
