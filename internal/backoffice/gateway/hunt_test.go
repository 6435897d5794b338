package gateway_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

const stranger = "01a2082b-96d0-7c3e-9a41-5d0be27f8c17" // of no request here

// hunt lists one operation of this age at the provider, on a second page, and
// hunts.
func (w *world) hunt(o protocol.Operation, age time.Duration) {
	w.t.Helper()
	if age > 0 {
		o.UpdatedAt = time.Now().Add(-age)
	}
	w.list = func(page string) (protocol.Page, error) {
		if page == "" {
			return protocol.Page{Next: "2"}, nil
		}
		return protocol.Page{Operations: []protocol.Operation{o}}, nil
	}
	if err := w.station.HuntOrphans(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.after(time.Minute)
}

func TestOrphansAtTheProviderAreDeleted(t *testing.T) {
	const day = 24 * time.Hour
	of := func(guid string, generation int, s protocol.State) protocol.Operation {
		return protocol.Operation{ReportID: guid, Generation: generation, State: s, Rev: 1}
	}
	for name, c := range map[string]struct {
		orphan protocol.Operation
		age    time.Duration // 0: not told
		ended  bool          // our request is over
		want   []int         // DELETE beyond the one its end owes
	}{
		"a stranger":             {of(stranger, 2, protocol.Ready), day, false, []int{2}},
		"a stranger, too young":  {of(stranger, 2, protocol.Ready), day - time.Second, false, nil},
		"a stranger without age": {of(stranger, 2, protocol.Ready), 0, false, nil},
		"a tombstone":            {of(stranger, 2, protocol.Deleted), day, false, nil},
		"a living one":           {of(guid, 1, protocol.Preparing), day, false, nil},
		"one that is over":       {of(guid, 1, protocol.Ready), day, true, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
				w.after(time.Second)
				if c.ended {
					w.cancel()
				}
				w.after(time.Minute)
				w.rewrite(func() { w.deleted = nil })
				w.hunt(c.orphan, c.age)
				if !reflect.DeepEqual(w.cleaned(), c.want) {
					t.Errorf("deleted generations up to %v, want %v", w.cleaned(), c.want)
				}
			})
		})
	}
}

// An older generation is hunted down, and the one at work is left alone.
func TestAnOlderGenerationIsAnOrphan(t *testing.T) {
	inWorld(t, func(w *world) {
		w.refuse()
		w.after(time.Minute)
		w.rewrite(func() {
			w.submit = func(protocol.SubmitRequest) error { return nil }
			w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
		})
		w.redrive()
		w.after(time.Minute)
		w.rewrite(func() { w.deleted = nil })
		w.hunt(protocol.Operation{ReportID: guid, Generation: 1, State: protocol.Ready, Rev: 1}, 25*time.Hour)
		if r := w.request(); r.State != report.Preparing || !reflect.DeepEqual(w.cleaned(), []int{1}) {
			t.Errorf("it is %s, deleted up to %v; want PREPARING and generation 1", r.State, w.cleaned())
		}
	})
}

func TestAListWithoutEndIsALie(t *testing.T) {
	inWorld(t, func(w *world) {
		w.list = func(string) (protocol.Page, error) { return protocol.Page{Next: "more"}, nil }
		if err := w.station.HuntOrphans(t.Context()); err == nil {
			t.Error("a list without end was believed")
		}
	})
}

// An unchanged catalog keeps its bytes and is confirmed anew; while the provider
// is down it keeps its age.
func TestTheCatalogKeepsItsAge(t *testing.T) {
	inWorld(t, func(w *world) {
		var tags []string
		fresh := protocol.Catalog{Types: []protocol.ReportType{{ID: "t.v1"}}}
		w.catalog = func(_ context.Context, etag string) (protocol.Answer[protocol.Catalog], error) {
			if tags = append(tags, etag); etag == `"7"` {
				return protocol.Answer[protocol.Catalog]{ETag: etag, Unchanged: true}, nil
			}
			return protocol.Answer[protocol.Catalog]{ETag: `"7"`, Value: fresh}, nil
		}
		refresh := func() error { w.after(time.Hour); return w.station.RefreshCatalog(t.Context()) }
		if err := errors.Join(refresh(), refresh()); err != nil {
			t.Fatal(err)
		}
		confirmed, second := time.Now(), w.known()
		w.catalog = func(context.Context, string) (a protocol.Answer[protocol.Catalog], err error) { return a, errDown }
		if err := refresh(); !errors.Is(err, errDown) {
			t.Errorf("a provider that is down gives %v, want %v", err, errDown)
		}
		if got := w.known(); !reflect.DeepEqual(got, second) || !got.At.Equal(confirmed) || got.ETag != `"7"` || len(got.Body) == 0 {
			t.Errorf("the catalog is %s of %s under %s, want that of %s under \"7\"", got.Body, got.At, got.ETag, confirmed)
		}
		if want := []string{"", `"7"`}; !reflect.DeepEqual(tags, want) {
			t.Errorf("asked with the tags %q, want %q", tags, want)
		}
	})
}

// known is the catalog as the ledger has it.
func (w *world) known() (c ledger.Catalog) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) (err error) { c, err = tx.Catalog(); return err })
	return c
}
