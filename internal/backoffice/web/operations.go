package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/web/page/operations"
)

// lookTime bounds what the page asks of the queue: it is drawn without, too.
const lookTime = time.Second

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
	var found []Check
	if s.cfg.Health != nil {
		found = s.cfg.Health(v.Context()) // takes its time, and writes: not while the ledger is read
	}
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) error { return s.fillOperations(&p, v, view, found) })
	if err != nil {
		return answer{}, fmt.Errorf("look at the whole: %w", err)
	}
	s.fillQueue(&p, v)
	f, err := s.frame(v, v.w.Say("nav.operations"), "operations")
	if err != nil {
		return answer{}, err
	}
	for i := range f.Menu {
		if f.Menu[i].Key == "operations" {
			f.Menu[i].Count = len(p.Eyes)
		}
	}
	return show(operations.View(f, p))
}

func (s *Station) fillOperations(p *operations.Page, v *visit, view ledger.View, found []Check) error {
	held, err := readStuck(view)
	if err != nil {
		return err
	}
	beats, err := view.Beats()
	if err != nil {
		return err
	}
	parts := gatherHealth(beats, view.Now())
	foundNow(parts, found, view.Now())
	silent, err := fillProvider(p, v, view)
	if err != nil {
		return err
	}
	fillParts(p, v, parts)
	fillTasks(p, v, held)
	p.Eyes = eyes(v, held, parts, silent)
	p.Verdict = verdict(v, parts, len(p.Eyes))
	return s.fillThroughput(p, v, view)
}

// foundNow lets what this process finds out now stand above what was last said.
// One process cannot take back what another said of the same part.
func foundNow(parts map[string]*health, found []Check, now time.Time) {
	for _, c := range found {
		h, known := parts[c.Name]
		if !known {
			h = &health{part: c.Name, live: 1}
		}
		down := !c.OK || h.down && h.live > 1
		if c.Name == "provider" || known && h.down == down {
			continue
		}
		parts[c.Name] = h
		h.down, h.since, h.detail = down, c.Since, c.Detail
		if down && h.since.IsZero() {
			h.since = now
		}
	}
}

// fillProvider says when the provider last confirmed its catalog, and how long it
// has been silent if that is too long.
func fillProvider(p *operations.Page, v *visit, view ledger.View) (silent string, err error) {
	c, err := view.Catalog()
	if errors.Is(err, ledger.ErrNotFound) {
		return v.w.Say("eye.silent.never"), nil
	}
	if err != nil {
		return "", err
	}
	p.Note = v.w.Say("operations.catalog", "When", v.w.Moment(c.At))
	if v.now.Sub(c.At) > silentFrom {
		silent = v.w.Say("eye.silent.text", "When", v.w.Moment(c.At))
	}
	return silent, nil
}

// fillQueue shows what waits on the queue; a queue that does not answer is told
// of by its part.
func (s *Station) fillQueue(p *operations.Page, v *visit) {
	figure := operations.Figure{Label: v.w.Say("operations.inqueue"), Value: "–", More: v.w.Say("operations.inqueue.unknown")}
	defer func() { p.Figures = append(p.Figures, figure) }()
	if s.cfg.Queue == nil {
		return
	}
	ctx, cancel := context.WithTimeout(v.Context(), lookTime)
	defer cancel()
	stats, err := s.cfg.Queue(ctx)
	if err != nil {
		s.cfg.Logger.InfoContext(v.Context(), "the queue was not looked at", "error", err)
		return
	}
	total := 0
	for _, r := range stats.Roles {
		total += int(r.Waiting) + r.Unacked
	}
	figure.Value, figure.More = v.w.Count("operations.events", total), v.w.Say("operations.inqueue.none")
	if oldest := stats.OldestAge(); oldest > 0 {
		figure.More = v.w.Say("operations.inqueue.oldest", "Age", v.w.Took(oldest))
	}
	fillTypes(p, v, stats)
}

// fillTypes lists the types somebody consumes. What two roles wait for is shown as
// the one that waits for more sees it.
func fillTypes(p *operations.Page, v *visit, stats queue.Stats) {
	most := map[event.Type]queue.TypeStats{}
	for _, r := range stats.Roles {
		for _, t := range r.Types {
			m := most[t.Type]
			m.Type, m.Waiting, m.OldestAge = t.Type, max(m.Waiting, t.Waiting), max(m.OldestAge, t.OldestAge)
			most[t.Type] = m
		}
	}
	for _, typ := range event.Types() {
		t, consumed := most[typ]
		if !consumed {
			continue
		}
		row := operations.Waiting{Type: string(typ), Waiting: upTo(v, t.Waiting, queue.TypeMost), Oldest: "–"}
		if t.OldestAge > 0 {
			row.Oldest = v.w.Took(t.OldestAge)
		}
		p.Queue = append(p.Queue, row)
	}
}
