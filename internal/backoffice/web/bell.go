package web

import (
	"fmt"
	"net/http"
	"strconv"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/bell"
)

// bellPage is how many notices the bell shows at a time.
const bellPage = 50

func (s *Station) showBell(v *visit) (answer, error) {
	p := bell.Page{Reload: "/bell"}
	before, err := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 1 {
		before = 0
	} else {
		p.Reload = bellFrom(before)
	}
	f, err := s.frame(v, v.w.Say("bell.title"), "")
	if err != nil {
		return answer{}, err
	}
	err = s.cfg.Ledger.View(v.Context(), func(view ledger.View) error {
		// Of one moment: the newest shown is the newest that is marked as seen.
		if err := fillNotices(&f, v, view); err != nil {
			return err
		}
		return fillBell(&p, v, view, before)
	})
	if err != nil {
		return answer{}, fmt.Errorf("open the bell of %s: %w", v.who.Name, err)
	}
	f.Popups = nil // they are all on this page
	p.UpTo, p.Summary = f.After, bellSummary(v, len(p.Notices), f.Unseen)
	return show(bell.View(f, p))
}

func fillBell(p *bell.Page, v *visit, view ledger.View, before int64) error {
	list, err := view.Inbox(v.who.Name, before, bellPage+1)
	if err != nil {
		return err
	}
	if len(list) > bellPage {
		list = list[:bellPage]
		p.Older = bellFrom(list[bellPage-1].Seq)
	}
	p.Notices = nil
	for _, n := range list {
		p.Notices = append(p.Notices, notice(v.w, n))
	}
	return nil
}

func bellFrom(before int64) string { return "/bell?before=" + strconv.FormatInt(before, 10) }

func bellSummary(v *visit, shown, unseen int) string {
	switch {
	case unseen > 0:
		return v.w.Count("bell.unseen", unseen)
	case shown > 0:
		return v.w.Say("bell.empty")
	}
	return v.w.Say("bell.nothing")
}

// seenAll marks what the page showed as seen; what came since stays new.
func (s *Station) seenAll(v *visit) (answer, error) {
	upTo, err := strconv.ParseInt(v.FormValue("up_to"), 10, 64)
	if err != nil || upTo < 0 {
		return goTo("/bell")
	}
	if err := s.api.SeenUpTo(v.Context(), v.who.Name, upTo); err != nil {
		return answer{}, err
	}
	s.live.inbox(v.who.Name) // the popups go from every page at once
	if v.Header.Get("HX-Request") == "true" {
		return answer{status: http.StatusNoContent}, nil
	}
	return goTo("/bell")
}
