package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/newreport"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// errNoCatalog says that the provider was never heard of.
var errNoCatalog = errors.New("no catalog yet")

const (
	staleAfter = 15 * time.Minute // three refreshes of the gateway missed
	oftenMost  = 3
)

// catalog is the provider's offer as the ledger last saw it.
type catalog struct {
	protocol.Catalog
	at time.Time
}

func readCatalog(view ledger.View) (catalog, error) {
	row, err := view.Catalog()
	if errors.Is(err, ledger.ErrNotFound) {
		return catalog{}, errNoCatalog
	}
	if err != nil {
		return catalog{}, fmt.Errorf("read the catalog: %w", err)
	}
	c := catalog{at: row.At}
	if err := json.Unmarshal(row.Body, &c.Catalog); err != nil {
		return catalog{}, fmt.Errorf("read the catalog of %s: %w", row.At, err)
	}
	return c, nil
}

// list fills the page's catalog: what this person asks for most, then the rest,
// in the order of their language.
func (c catalog) list(v *visit, mine []*report.Request, query, current string) newreport.Page {
	p := newreport.Page{Query: query}
	if age := v.now.Sub(c.at); age > staleAfter {
		p.Stale = v.w.Say("new.stale", "Moment", v.w.Moment(c.at))
	}
	often, grouped := c.often(mine), map[string][]newreport.Type{}
	for _, t := range c.sorted(v.w) {
		if !matches(v.w, query, t.Title.In(v.w.Locale), t.Description.In(v.w.Locale)) {
			continue
		}
		line := newreport.Type{ID: t.ID, Title: title(t, v.w), Usually: usually(v.w, t), Current: t.ID == current}
		if query == "" && slices.Contains(often, t.ID) {
			p.Often = append(p.Often, line)
		} else {
			name := t.Group.In(v.w.Locale)
			grouped[name] = append(grouped[name], line)
		}
	}
	p.Groups = groups(v.w, grouped)
	slices.SortStableFunc(p.Often, func(a, b newreport.Type) int {
		return cmp.Compare(slices.Index(often, a.ID), slices.Index(often, b.ID))
	})
	return p
}

// groups puts the headings in the order of the reader's language; what has none
// comes last.
func groups(w *words.Words, grouped map[string][]newreport.Type) []newreport.Group {
	names := slices.Collect(maps.Keys(grouped))
	order := collate.New(language.Make(w.Locale), collate.IgnoreCase)
	slices.SortFunc(names, func(a, b string) int {
		if a == "" || b == "" {
			return cmp.Compare(len(b), len(a))
		}
		return cmp.Or(order.CompareString(a, b), cmp.Compare(a, b))
	})
	var out []newreport.Group
	for _, name := range names {
		g := newreport.Group{Title: name, Types: grouped[name]}
		switch {
		case name == "" && len(names) > 1:
			g.Title = w.Say("new.others")
		case name == "":
			g.Title = w.Say("new.all")
		}
		out = append(out, g)
	}
	return out
}

// often names the types a person asked for most, at least twice.
func (c catalog) often(mine []*report.Request) []string {
	count := map[string]int{}
	for _, r := range mine {
		count[r.Asked.Type]++
	}
	var ids []string
	for _, t := range c.Types {
		if count[t.ID] > 1 {
			ids = append(ids, t.ID)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	return ids[:min(len(ids), oftenMost)]
}

func (c catalog) sorted(w *words.Words) []protocol.ReportType {
	types := slices.Clone(c.Types)
	order := collate.New(language.Make(w.Locale), collate.IgnoreCase)
	slices.SortStableFunc(types, func(a, b protocol.ReportType) int {
		return order.CompareString(title(a, w), title(b, w))
	})
	return types
}

func title(t protocol.ReportType, w *words.Words) string {
	return cmp.Or(t.Title.In(w.Locale), t.ID)
}

// usually is how long a type takes, in the narrow column; "" if nobody knows.
func usually(w *words.Words, t protocol.ReportType) string {
	if t.TypicalSeconds <= 0 {
		return ""
	}
	return w.Short(typical(t))
}

func typical(t protocol.ReportType) time.Duration {
	return time.Duration(t.TypicalSeconds) * time.Second
}

// matches reports whether each word of a query is in one of the texts, as the
// reader's language folds letters (i and ı are two letters in Turkish).
func matches(w *words.Words, query string, texts ...string) bool {
	lower := cases.Lower(language.Make(w.Locale))
	all := lower.String(strings.Join(texts, " "))
	for _, word := range strings.Fields(lower.String(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}
