package web

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/backoffice/web/page/operations"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

// find looks for what the operator typed: a GUID, a person, a report. If it is
// how the GUID of a single request begins, to is the way there.
func (s *Station) find(v *visit, p *operations.Page) (to string, err error) {
	var rows []*report.Request
	var stopped string
	f := ledger.Filter{Scope: access.SeeScope(v.who), Before: v.URL.Query().Get("before"), Limit: pageSize + 1}
	err = s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		rows, stopped, err = look(view, f, p.Query)
		return err
	})
	if err != nil {
		return "", err
	}
	if len(rows) == 1 && stopped == "" && f.Before == "" && strings.HasPrefix(rows[0].GUID, strings.ToLower(p.Query)) {
		return "/r/" + url.PathEscape(rows[0].GUID), nil
	}
	l := listing{query: p.Query, rows: rows, stopped: stopped}
	if l.more = len(rows) > pageSize; l.more {
		l.rows, l.stopped = rows[:pageSize], ""
	}
	fillFound(&p.Found, v, &l)
	if len(rows) == 0 && stopped == "" && search.Parse(p.Query).Enough() {
		p.Missing, p.Found.Said = p.Query, ""
	}
	return "", nil
}

func fillFound(p *operations.Search, v *visit, l *listing) {
	p.Said, p.Stopped = l.found(v), l.stopped != ""
	for _, r := range l.rows {
		p.Hits = append(p.Hits, operations.Hit{
			GUID: r.GUID, Title: cmp.Or(r.Asked.Title.In(v.w.Locale), r.Asked.Type), Words: r.Asked.Sentence.In(v.w.Locale),
			Who: ownerName(r), Standing: standing.Of(v.w, r), When: v.w.When(r.CreatedAt), Exact: r.CreatedAt.Format(time.RFC3339),
		})
	}
	before := ""
	switch {
	case l.more:
		before, p.OlderLabel = l.rows[pageSize-1].GUID, v.w.Say("reports.older")
	case l.stopped != "" && l.stopped != v.URL.Query().Get("before"):
		before, p.OlderLabel = l.stopped, v.w.Say("reports.older.search")
	}
	if before != "" {
		p.Older = "/operations?" + url.Values{"q": {l.query}, "before": {before}}.Encode()
	}
}
