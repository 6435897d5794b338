package mem

import (
	"fmt"
	"slices"
	"strings"

	"peyk/internal/backoffice/ledger"
)

// Recipients gives them by account.
func (v *view) Recipients(guid string) ([]ledger.Recipient, error) {
	return slices.Clone(v.look(guid).recipients.rows), nil
}

// PutRecipient adds or replaces one.
func (t *tx) PutRecipient(r ledger.Recipient) error {
	cutAll(&r.GoneAt)
	t.of(r.GUID).recipients.put(&t.undo, r)
	return nil
}

// Files gives those of all generations.
func (v *view) Files(guid string) ([]ledger.File, error) {
	return slices.Clone(v.look(guid).files.rows), nil
}

// PutFile adds or replaces one.
func (t *tx) PutFile(f ledger.File) error {
	cutAll(&f.StoredAt)
	files := &t.of(f.GUID).files
	old, had := files.get(f)
	files.put(&t.undo, f)
	t.blobs.swap(&t.undo, old, had, f)
	return nil
}

// BlobKnown asks the rows that name the key for the requests they belong to.
func (v *view) BlobKnown(key string) (bool, error) {
	first, _ := slices.BinarySearchFunc(v.blobs.rows, key, func(f ledger.File, k string) int {
		return strings.Compare(f.BlobKey, k)
	})
	for _, f := range v.blobs.rows[first:] {
		if f.BlobKey != key {
			break
		}
		if r := v.look(f.GUID).request; r != nil && r.PurgedAt.IsZero() {
			return true, nil
		}
	}
	return false, nil
}

// Hooks gives those of one generation, in the order they came.
func (v *view) Hooks(guid string, generation int) ([]ledger.Hook, error) {
	var out []ledger.Hook
	for _, h := range v.look(guid).hooks.rows {
		if h.Generation == generation {
			out = append(out, h)
		}
	}
	return out, nil
}

// AddHook takes each id once.
func (t *tx) AddHook(h ledger.Hook) (bool, error) {
	if _, had := t.hookIDs.get(h); had {
		return false, nil
	}
	cutAll(&h.At)
	t.hookIDs.put(&t.undo, h)
	t.of(h.GUID).hooks.put(&t.undo, h)
	return true, nil
}

// Mail gives one letter.
func (v *view) Mail(guid string, generation int, s ledger.Subject, account string) (ledger.Mail, error) {
	mails := v.look(guid).mails
	m, ok := mails.get(ledger.Mail{Generation: generation, Subject: s, Account: account})
	if !ok {
		return ledger.Mail{}, missing("letter", fmt.Sprintf("%s/%d/%s/%s", guid, generation, s, account))
	}
	return copyMail(m), nil
}

// Mails gives all letters of a request.
func (v *view) Mails(guid string) ([]ledger.Mail, error) {
	return mapped(v.look(guid).mails.rows, copyMail), nil
}

func mapped[T any](rows []T, each func(T) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = each(r)
	}
	return out
}

// PutMail adds or replaces one.
func (t *tx) PutMail(m ledger.Mail) error {
	t.of(m.GUID).mails.put(&t.undo, copyMail(m))
	return nil
}

// Approvals gives them in the order of their times.
func (v *view) Approvals(guid string) ([]ledger.Approval, error) {
	out := slices.Clone(v.look(guid).approvals)
	slices.SortStableFunc(out, func(a, b ledger.Approval) int { return a.At.Compare(b.At) })
	return out, nil
}

// AddApproval adds one decision.
func (t *tx) AddApproval(a ledger.Approval) error {
	cutAll(&a.At)
	d := t.of(a.GUID)
	n := len(d.approvals)
	d.approvals = append(d.approvals, a)
	t.undo.add(func() { d.approvals = d.approvals[:n] })
	return nil
}

// Forget removes files' rows, progress and letters.
func (t *tx) Forget(guid string) error {
	t.setProgress(guid, nil)
	d := t.of(guid)
	for _, f := range slices.Clone(d.files.rows) {
		d.files.remove(&t.undo, f)
		t.blobs.remove(&t.undo, f)
	}
	for _, m := range slices.Clone(d.mails.rows) {
		d.mails.remove(&t.undo, m)
	}
	return nil
}
