package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// TestOlderRequestsAreBroughtIntoTheIndex: a ledger whose requests have no
// entries finds them after it was opened, and until then says that it does not.
func TestOlderRequestsAreBroughtIntoTheIndex(t *testing.T) {
	t.Parallel()
	const old = 2*fillSome + 50
	c := Config{Path: filepath.Join(t.TempDir(), "ledger.db")}
	l, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	insert := func(from, to int) func(ledger.Tx) error {
		return func(tx ledger.Tx) error {
			for n := from; n < to; n++ {
				r := &report.Request{GUID: fmt.Sprintf("019a0000-0000-7000-8000-%012x", n), State: report.Accepted}
				r.Asked.Title, r.Asked.Sentence = report.Text{TR: "Eski rapor"}, report.Text{TR: fmt.Sprint("sıra ", n)}
				if err := tx.Insert(r); err != nil {
					return err
				}
			}
			return nil
		}
	}
	find := func(typed string) (found ledger.Found) {
		err := l.View(t.Context(), func(v ledger.View) (err error) {
			found, err = v.Search(ledger.Filter{Scope: ledger.Scope{All: true}, Limit: 1000}, typed)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	err = l.Update(t.Context(), func(tx ledger.Tx) error { return insert(0, old)(tx) })
	if err == nil {
		err = l.Update(t.Context(), func(lt ledger.Tx) error {
			x := lt.(*tx)
			for _, query := range []string{"DELETE FROM search_texts", "DELETE FROM search_postings", "DELETE FROM search_phrases", "INSERT INTO search_gap VALUES (1, '~')"} {
				if err := x.run(query); err != nil {
					return err
				}
			}
			clear(x.recent.phrases)
			_, _, err := x.fill(fillSome)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	gap := fmt.Sprintf("019a0000-0000-7000-8000-%012x", old-fillSome)
	if found := find("eski rap"); len(found.Requests) != fillSome || found.Rest != gap {
		t.Errorf("half filled it finds %d, the rest before %s; want %d before %s", len(found.Requests), found.Rest, fillSome, gap)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	<-l.filler.Ended()
	if found := find("eski rap"); len(found.Requests) != old || found.Rest != "" {
		t.Errorf("filled it finds %d, the rest before %q; want %d", len(found.Requests), found.Rest, old)
	}
	if found := find("sira 17"); len(found.Requests) != 11 { // 17 and 170 to 179
		t.Errorf("one by its number: %d", len(found.Requests))
	}
}
