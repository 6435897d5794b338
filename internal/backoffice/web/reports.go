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
	"peyk/internal/backoffice/web/page/reports"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

const (
	pageSize = 50
	lookBack = 200 // reports the tabs and the search look through
)

// shelf is a tab of the list: which reports lie on it.
type shelf struct {
	key  string
	take func(*report.Request) bool
}

func shelves() []shelf {
	here := func(r *report.Request) bool { return r.State == report.Stored || r.State == report.Delivered }
	return []shelf{
		{"", func(*report.Request) bool { return true }},
		{"running", func(r *report.Request) bool { return !r.State.Terminal() && r.State != report.Stored }},
		{"ready", here},
		{"ended", func(r *report.Request) bool { return r.State.Terminal() && !here(r) }},
	}
}

func (s *Station) showReports(v *visit) (answer, error) {
	q := v.URL.Query()
	var all []*report.Request
	unseen, progress := map[string]bool{}, map[string]ledger.Progress{}
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		all, err = view.Requests(ledger.Filter{Scope: own(v.who), Before: q.Get("before"), Limit: lookBack})
		if err != nil {
			return err
		}
		if progress, err = progressBy(view, all); err != nil {
			return err
		}
		notices, err := view.Unseen(v.who.Name, maxUnseen)
		for _, n := range notices {
			unseen[n.GUID] = true
		}
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("list the reports of %s: %w", v.who.Name, err)
	}
	f, err := s.frame(v, v.w.Say("nav.reports"), "reports")
	if err != nil {
		return answer{}, err
	}
	return show(reports.View(f, list(v, q, all, unseen, progress)))
}

// list makes the page out of the newest reports.
func list(v *visit, q url.Values, all []*report.Request, unseen map[string]bool, progress map[string]ledger.Progress) reports.Page {
	p := reports.Page{
		Summary: summary(v, all), Query: strings.TrimSpace(q.Get("q")), Show: q.Get("show"),
		Reload: v.URL.RequestURI(), MayAsk: access.MayRequest(v.who),
	}
	chosen := shelves()[0]
	for _, sh := range shelves() {
		count := 0
		for _, r := range all {
			if sh.take(r) {
				count++
			}
		}
		if sh.key == p.Show {
			chosen = sh
		}
		p.Tabs = append(p.Tabs, tab(v, sh, count, len(all) == lookBack, sh.key == p.Show))
	}
	var rows []*report.Request
	for _, r := range all {
		if chosen.take(r) && matches(v.w, p.Query, r.Asked.Title.In(v.w.Locale), r.Asked.Sentence.In(v.w.Locale), r.GUID) {
			rows = append(rows, r)
		}
	}
	if len(rows) > pageSize || len(all) == lookBack && len(rows) > 0 {
		rows = rows[:min(len(rows), pageSize)]
		older := url.Values{"before": {rows[len(rows)-1].GUID}, "show": {p.Show}, "q": {p.Query}}
		p.Older = "/reports?" + older.Encode()
	}
	p.Groups = group(v, rows, unseen, progress)
	return p
}

func tab(v *visit, sh shelf, count int, more, current bool) reports.Tab {
	t := reports.Tab{Href: "/reports", Label: v.w.Say("tab.all"), Count: v.w.Number(int64(count)), Current: current}
	if sh.key != "" {
		t.Href, t.Label = "/reports?show="+sh.key, v.w.Say("tab."+sh.key)
	}
	if more {
		t.Count += "+"
	}
	return t
}

// summary says how things stand in a sentence.
func summary(v *visit, all []*report.Request) string {
	coming, fresh := 0, 0
	for _, r := range all {
		switch {
		case !r.State.Terminal() && r.State != report.Stored:
			coming++
		case r.State == report.Stored || r.State == report.Delivered && v.now.Sub(r.EndedAt) < freshFor:
			fresh++
		}
	}
	switch {
	case fresh > 0 && coming > 0:
		return v.w.Count("summary.fresh", fresh) + " " + v.w.Count("summary.coming", coming)
	case fresh > 0:
		return v.w.Count("summary.fresh", fresh)
	case coming > 0:
		return v.w.Count("summary.coming", coming)
	}
	return v.w.Say("summary.calm")
}

func group(v *visit, rows []*report.Request, unseen map[string]bool, progress map[string]ledger.Progress) []reports.Group {
	var groups []reports.Group
	for _, r := range rows {
		name := v.w.Group(r.CreatedAt)
		if len(groups) == 0 || groups[len(groups)-1].Title != name {
			groups = append(groups, reports.Group{Title: name})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, row(v, r, unseen[r.GUID], progress[r.GUID]))
	}
	return groups
}

func row(v *visit, r *report.Request, unseen bool, progress ledger.Progress) reports.Row {
	out := reports.Row{
		GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Words: r.Asked.Sentence.In(v.w.Locale),
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
	case r.State.Cancellable() && !r.WasStored && access.MayCancel(v.who, r):
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
