package mem

import (
	"slices"

	"peyk/internal/backoffice/ledger"
)

// Progress gives what is known of these requests, by GUID.
func (v *view) Progress(guids ...string) ([]ledger.Progress, error) {
	guids = slices.Clone(guids)
	slices.Sort(guids)
	var out []ledger.Progress
	for _, guid := range slices.Compact(guids) {
		if p := v.look(guid).progress; p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

// PutProgress adds or replaces that of a request.
func (t *tx) PutProgress(p ledger.Progress) error {
	cutAll(&p.ReadyAt, &p.At)
	t.setProgress(p.GUID, &p)
	return nil
}

func (t *tx) setProgress(guid string, p *ledger.Progress) {
	d := t.of(guid)
	old := d.progress
	d.progress = p
	t.undo.add(func() { d.progress = old })
}
