package web

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/backoffice/web/page/reports"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

const (
	pageSize  = 50
	countMost = 1000 // counted; beyond it a number has a plus
	freshMost = 20   // newest ready reports the sentence under the title looks at
)

// shelf is a tab of the list: the states of the reports that lie on it.
type shelf struct {
	key    string
	states []report.State
}

func shelves() []shelf {
	here := []report.State{report.Stored, report.Delivered}
	var ended []report.State
	for _, s := range report.States() {
		if s.Terminal() && !slices.Contains(here, s) {
			ended = append(ended, s)
		}
	}
	return []shelf{{"", report.States()}, {"running", underWay()}, {"ready", here}, {"ended", ended}}
}

// chosen is the shelf of this name, or the whole list.
func chosen(key string) shelf {
	for _, sh := range shelves() {
		if sh.key == key {
			return sh
		}
	}
	return shelves()[0]
}

// listing is what the ledger says about one page of the list.
type listing struct {
	shelf    shelf
	query    string
	rows     []*report.Request
	more     bool   // there are older ones
	stopped  string // the search went no further back than this GUID; "": it did not stop
	counts   map[report.State]int
	older    map[report.State]int // than the last row; nil: not counted
	fresh    int                  // ready for a short while
	unseen   map[string]bool
	progress map[string]ledger.Progress
	decider  map[string]string // GUID → who must decide, where that is one person
}

func (s *Station) showReports(v *visit) (answer, error) {
	q := v.URL.Query()
	l := listing{shelf: chosen(q.Get("show")), query: strings.TrimSpace(q.Get("q")), unseen: map[string]bool{}}
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) error { return l.read(view, v, q.Get("before")) })
	if err != nil {
		return answer{}, fmt.Errorf("list the reports of %s: %w", v.who.Name, err)
	}
	f, err := s.frame(v, v.w.Say("nav.reports"), "reports")
	if err != nil {
		return answer{}, err
	}
	return show(reports.View(f, l.page(v)))
}

func (l *listing) read(view ledger.View, v *visit, before string) (err error) {
	mine := ledger.Filter{Scope: own(v.who), Limit: countMost + 1}
	if l.counts, err = view.Counts(mine); err != nil {
		return err
	}
	f := ledger.Filter{Scope: own(v.who), States: l.shelf.states, Before: before, Limit: pageSize + 1}
	if l.rows, l.stopped, err = look(view, f, l.query); err != nil {
		return err
	}
	if l.more = len(l.rows) > pageSize; l.more {
		l.rows, l.stopped = l.rows[:pageSize], ""
	}
	if l.more && l.query == "" {
		mine.States, mine.Before = l.shelf.states, l.rows[pageSize-1].GUID
		if l.older, err = view.Counts(mine); err != nil {
			return err
		}
	}
	if l.fresh, err = fresh(view, v); err != nil {
		return err
	}
	if l.progress, err = progressBy(view, l.rows); err != nil {
		return err
	}
	if l.decider, err = deciders(view, l.rows); err != nil {
		return err
	}
	notices, err := view.Unseen(v.who.Name, maxUnseen)
	for _, n := range notices {
		l.unseen[n.GUID] = true
	}
	return err
}

// look lists, or searches where something is asked for; stopped is where the
// search gave up. A query too short to search by finds nothing.
func look(view ledger.View, f ledger.Filter, query string) (rows []*report.Request, stopped string, err error) {
	if query == "" {
		rows, err = view.Requests(f)
		return rows, "", err
	}
	found, err := view.Search(f, query)
	return found.Requests, found.Rest, err
}

// fresh counts the reports that became ready a short while ago.
func fresh(view ledger.View, v *visit) (n int, err error) {
	ready, err := view.Requests(ledger.Filter{Scope: own(v.who), States: chosen("ready").states, Limit: freshMost})
	for _, r := range ready {
		if r.State == report.Stored || v.now.Sub(r.EndedAt) < freshFor {
			n++
		}
	}
	return n, err
}

// sum adds up the counts of states; more than countMost is countMost + 1.
func sum(counts map[report.State]int, states []report.State) (n int) {
	for _, s := range states {
		n += counts[s]
	}
	return min(n, countMost+1)
}

// counted writes a count, which stops at countMost.
func counted(v *visit, n int) string {
	if n > countMost {
		return v.w.Number(countMost) + "+"
	}
	return v.w.Number(int64(n))
}

func (l *listing) page(v *visit) reports.Page {
	p := reports.Page{
		Summary: summary(v, sum(l.counts, underWay()), l.fresh), Query: l.query, Show: l.shelf.key,
		Reload: v.URL.RequestURI(), MayAsk: access.MayRequest(v.who), Groups: l.groups(v),
		Found: l.found(v), Stopped: l.stopped != "",
	}
	for _, sh := range shelves() {
		p.Tabs = append(p.Tabs, l.tab(v, sh))
	}
	switch before := v.URL.Query().Get("before"); {
	case l.more && l.query != "":
		p.Older, p.OlderLabel = l.address(l.rows[pageSize-1].GUID), v.w.Say("reports.older")
	case l.more:
		p.Older, p.OlderLabel = l.address(l.rows[pageSize-1].GUID), older(v, sum(l.older, l.shelf.states))
	case l.stopped != "" && l.stopped != before:
		p.Older, p.OlderLabel = l.address(l.stopped), v.w.Say("reports.older.search")
	}
	return p
}

func older(v *visit, n int) string {
	if n > countMost {
		return v.w.Say("reports.older.most", "Most", counted(v, n))
	}
	return v.w.Count("reports.older.count", n)
}

// address is that of this list, older than a GUID.
func (l *listing) address(before string) string {
	q := url.Values{}
	for name, value := range map[string]string{"show": l.shelf.key, "q": l.query, "before": before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/reports"
	}
	return "/reports?" + q.Encode()
}

// found says what a search came to.
func (l *listing) found(v *visit) string {
	switch {
	case l.query == "":
		return ""
	case !search.Parse(l.query).Enough():
		return v.w.Say("search.short")
	case l.more:
		return v.w.Say("search.page", "Count", v.w.Number(pageSize))
	case len(l.rows) == 0 && l.stopped == "":
		return v.w.Say("search.none")
	}
	return v.w.Count("search.count", len(l.rows))
}

func (l *listing) tab(v *visit, sh shelf) reports.Tab {
	t := reports.Tab{Label: v.w.Say("tab.all"), Count: counted(v, sum(l.counts, sh.states)), Current: sh.key == l.shelf.key}
	if sh.key != "" {
		t.Label = v.w.Say("tab." + sh.key)
	}
	t.Href = (&listing{shelf: sh, query: l.query}).address("")
	return t
}

// summary says how things stand in a sentence.
func summary(v *visit, coming, fresh int) string {
	var said []string
	if fresh > 0 {
		said = append(said, v.w.Count("summary.fresh", fresh))
	}
	if coming > 0 {
		said = append(said, v.w.Count("summary.coming", coming))
	}
	if len(said) == 0 {
		return v.w.Say("summary.calm")
	}
	return strings.Join(said, " ")
}

func (l *listing) groups(v *visit) []reports.Group {
	var groups []reports.Group
	for _, r := range l.rows {
		name := v.w.Group(r.CreatedAt)
		if len(groups) == 0 || groups[len(groups)-1].Title != name {
			groups = append(groups, reports.Group{Title: name})
		}
		g, out := &groups[len(groups)-1], row(v, r, l.unseen[r.GUID], l.progress[r.GUID])
		if who := l.decider[r.GUID]; who != "" {
			out.Reason = v.w.Say("state.waiting.by", "Name", who, "Since", out.Reason)
		}
		g.Rows = append(g.Rows, out)
	}
	return groups
}

func row(v *visit, r *report.Request, unseen bool, progress ledger.Progress) reports.Row {
	out := reports.Row{
		GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Words: r.Asked.InShort(v.w.Locale),
		Standing: standing.With(v.w, r, progress), Unseen: unseen,
		When: v.w.When(r.CreatedAt), Exact: r.CreatedAt.Format(time.RFC3339),
	}
	switch {
	case hasFiles(r):
		f := r.Manifest.Files[0]
		out.Action, out.File, out.Label = reports.Download, f.Name, formatName(v.w, extension(f.Name))
		if r.Asked.Retention == 0 {
			out.Action = reports.Collect
		}
	case cancellable(r) && access.MayCancel(v.who, r):
		out.Action = reports.Cancel
	case r.State.Terminal() && access.MayAskAgain(v.who, r):
		out.Action, out.Again = reports.AskAgain, againPath(r)
	}
	return out
}

// hasFiles reports whether there are bytes to download.
func hasFiles(r *report.Request) bool {
	here := slices.Contains([]report.State{report.Stored, report.Delivered}, r.State)
	return here && r.PurgedAt.IsZero() && len(r.Manifest.Files) > 0
}

func extension(name string) string { return strings.TrimPrefix(path.Ext(name), ".") }
