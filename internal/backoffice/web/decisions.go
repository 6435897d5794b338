package web

import (
	"errors"
	"fmt"
	"net/url"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/approvals"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

const (
	pastMost     = 5  // beside the inbox
	pastPage     = 30 // on a page of their own
	pastLookBack = 50 // requests read at a time
	pastReads    = 6  // at most, so that a page stays quick where others decide most
)

// past lists decisions of this person about requests older than before, newest
// request first, and where to look for more; "" if there are none.
func past(view ledger.View, v *visit, before string, most int) (out []approvals.Past, more string, err error) {
	f := ledger.Filter{Scope: ledger.Scope{Approves: access.SeeScope(v.who).Approves}, Before: before, Limit: pastLookBack}
	for range pastReads {
		rows, err := view.Requests(f)
		if err != nil {
			return nil, "", err
		}
		for _, r := range rows {
			mine, err := decidedBy(view, v, r)
			if err != nil {
				return nil, "", err
			}
			if len(out)+len(mine) > most {
				return out, f.Before, nil
			}
			f.Before = r.GUID
			out = append(out, mine...)
		}
		if len(rows) < pastLookBack {
			return out, "", nil
		}
	}
	return out, f.Before, nil
}

// decidedBy is what this person decided about r.
func decidedBy(view ledger.View, v *visit, r *report.Request) ([]approvals.Past, error) {
	if r.State == report.AwaitingApproval {
		return nil, nil
	}
	decisions, err := view.Approvals(r.GUID)
	var out []approvals.Past
	for _, d := range decisions {
		if d.Account != v.who.Name {
			continue
		}
		p := approvals.Past{
			GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Icon: standing.Ready, Word: v.w.Say("approvals.approved"),
			Short: r.Asked.InShort(v.w.Locale), Told: ownerName(r) + ", " + v.w.Moment(d.At),
		}
		if !d.Approved {
			p.Icon, p.Word = standing.Declined, v.w.Say("approvals.declined")
		}
		if d.Reason != "" {
			p.Reason = v.w.Say("quoted", "Text", d.Reason)
		}
		out = append(out, p)
	}
	return out, err
}

// showDecisions is the page of all own decisions.
func (s *Station) showDecisions(v *visit) (answer, error) {
	var p approvals.PastPage
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		p.Past, p.Older, err = past(view, v, v.URL.Query().Get("before"), pastPage)
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("list the decisions of %s: %w", v.who.Name, err)
	}
	if p.Older != "" {
		p.Older = "/approvals/past?" + url.Values{"before": {p.Older}}.Encode()
	}
	f, err := s.frame(v, v.w.Say("approvals.all"), "approvals")
	if err != nil {
		return answer{}, err
	}
	return show(approvals.AllPast(f, p))
}

// justDecided finds what this person has decided a moment ago, to say so.
func (d *deciding) justDecided(v *visit, guid string) error {
	if guid == "" {
		return nil
	}
	r, err := d.view.Visible(ledger.Scope{Approves: access.SeeScope(v.who).Approves}, guid)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil // as good as an address nobody ever had
	}
	if err != nil {
		return err
	}
	mine, err := decidedBy(d.view, v, r)
	if len(mine) > 0 {
		last := mine[len(mine)-1]
		d.page.Done, d.page.DoneIcon = v.w.Say("approvals.done", "Word", last.Word, "Title", last.Title), last.Icon
	}
	return err
}

// after is the request that follows the one just decided, or the first.
func (d *deciding) after(done string) *report.Request {
	for _, r := range d.waiting {
		if done != "" && r.GUID < done {
			return r
		}
	}
	return d.waiting[0]
}
