package mem

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
)

// Inbox walks from the newest backwards.
func (v *view) Inbox(account string, before int64, limit int) ([]ledger.Notice, error) {
	all := v.notices(account)
	if before > 0 {
		end, _ := slices.BinarySearchFunc(all, before, func(n *ledger.Notice, seq int64) int { return cmp.Compare(n.Seq, seq) })
		all = all[:end]
	}
	out := values(all[max(0, len(all)-atMost(limit)):])
	slices.Reverse(out)
	return out, nil
}

// Inboxes counts.
func (v *view) Inboxes(accounts ...string) ([]ledger.Inbox, error) {
	out := make([]ledger.Inbox, len(accounts))
	for i, account := range accounts {
		for _, n := range v.notices(account) {
			out[i].Newest = n.Seq
			if n.SeenAt.IsZero() {
				out[i].Unseen++
			}
		}
	}
	return out, nil
}

// MarkAllSeen dates the account's unseen notices up to a Seq.
func (t *tx) MarkAllSeen(account string, upTo int64) error {
	for _, n := range slices.Clone(t.notices(account)) {
		if n.Seq <= upTo && n.SeenAt.IsZero() {
			row := *n
			row.SeenAt = t.now
			t.of(n.GUID).notices.put(&t.undo, &row)
			t.inbox(account).put(&t.undo, &row)
		}
	}
	return nil
}

// Changed walks all requests.
func (v *view) Changed(since time.Time, limit int) ([]ledger.Change, error) {
	var out []ledger.Change
	for guid, d := range v.dossiers {
		c := ledger.Change{GUID: guid}
		if d.request != nil && !ledger.ChangedAt(d.request).Before(since) {
			c.Version, c.At = d.request.Version, ledger.ChangedAt(d.request)
		}
		if p := d.progress; p != nil && !p.At.Before(since) && p.At.After(c.At) {
			c.At = p.At
		}
		if !c.At.IsZero() {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b ledger.Change) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.GUID, b.GUID))
	})
	return head(out, limit), nil
}
