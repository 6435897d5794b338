package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/operations"
)

const parkedMost = 20

func (s *Station) showOperations(v *visit) (answer, error) {
	p := operations.Page{Query: strings.TrimSpace(v.URL.Query().Get("q"))}
	if p.Query != "" {
		to, err := s.find(v, &p)
		if err != nil {
			return answer{}, fmt.Errorf("search for %s: %w", v.who.Name, err)
		}
		if to != "" {
			return goTo(to)
		}
	}
	if err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) error { return fillTasks(&p, v, view) }); err != nil {
		return answer{}, fmt.Errorf("look at what is owed: %w", err)
	}
	down := 0
	if s.cfg.Health != nil {
		for _, c := range s.cfg.Health(v.Context()) {
			p.Checks = append(p.Checks, check(v, c))
			if !c.OK {
				down++
			}
		}
	}
	p.Verdict = verdict(v, down, len(p.Parked)+len(p.Letters))
	f, err := s.frame(v, v.w.Say("nav.operations"), "operations")
	if err != nil {
		return answer{}, err
	}
	return show(operations.View(f, p))
}

func verdict(v *visit, down, parked int) string {
	switch {
	case down > 0:
		return v.w.Count("verdict.down", down)
	case parked > 0:
		return v.w.Count("verdict.parked", parked)
	}
	return v.w.Say("verdict.well")
}

func check(v *visit, c Check) operations.Check {
	out := operations.Check{Name: c.Name, OK: c.OK, Word: v.w.Say("check.ok"), Detail: c.Detail}
	if !c.OK {
		out.Word = v.w.Say("check.down")
	}
	if !c.Since.IsZero() {
		out.Since = v.w.Short(v.now.Sub(c.Since))
	}
	return out
}

func fillTasks(p *operations.Page, v *visit, view ledger.View) error {
	open, err := view.OpenTasks()
	if err != nil {
		return err
	}
	kinds := []ledger.Kind{ledger.Submit, ledger.Track, ledger.Fetch, ledger.ProviderDelete, ledger.Announce, ledger.Email, ledger.Purge}
	for _, k := range slices.Sorted(maps.Keys(open)) {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	for _, k := range kinds {
		p.Tasks = append(p.Tasks, operations.Task{Kind: string(k), Open: v.w.Number(int64(open[k]))})
	}
	tasks, err := view.ParkedTasks(parkedMost)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		p.Parked = append(p.Parked, operations.Parked{GUID: t.GUID, Kind: string(t.Kind), Error: t.LastError, Since: v.w.Moment(t.ParkedAt)})
	}
	letters, err := view.Parked(parkedMost)
	for _, l := range letters {
		p.Letters = append(p.Letters, operations.Letter{Role: string(l.Role), Subject: l.Subject, Cause: l.Cause, At: v.w.Moment(l.At)})
	}
	return err
}
