package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/approvals"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// inboxMost bounds an inbox. Who has more is shown, and told of, the newest.
const inboxMost = 1000

// inbox is what waits for this person's decision, oldest last.
func inbox(view ledger.View, who ledger.Account) ([]*report.Request, error) {
	waiting, err := view.Requests(ledger.Filter{
		Scope:  ledger.Scope{Approves: access.SeeScope(who).Approves},
		States: []report.State{report.AwaitingApproval},
		Limit:  inboxMost,
	})
	if err != nil {
		return nil, fmt.Errorf("open the inbox of %s: %w", who.Name, err)
	}
	var mine []*report.Request
	for _, r := range waiting {
		if access.MayDecide(who, r) {
			mine = append(mine, r)
		}
	}
	return mine, nil
}

func (s *Station) showApprovals(v *visit) (answer, error) {
	return s.approvals(v, http.StatusOK, func(d *deciding) error {
		done := v.URL.Query().Get("done")
		if err := d.justDecided(v, done); err != nil {
			return err
		}
		d.current = v.URL.Query().Get("at")
		if len(d.waiting) == 0 {
			return nil
		}
		following := d.after(done)
		recipients, err := d.view.Recipients(following.GUID)
		if err != nil {
			return err
		}
		d.page.Chosen, err = d.decision(v, following, recipients)
		d.page.Opened = d.page.Done != ""
		d.current = cmp.Or(d.current, following.GUID)
		return err
	})
}

// showDecision is the page to decide about one request.
func (s *Station) showDecision(v *visit, note, problem string, status int) (answer, error) {
	return s.approvals(v, status, func(d *deciding) error {
		chosen, err := d.decision(v, v.report, v.recipients)
		if err != nil {
			return err
		}
		chosen.Note, chosen.Problem = note, problem
		unseen, err := d.view.Unseen(v.who.Name, maxUnseen)
		chosen.MarkSeen = slices.ContainsFunc(unseen, func(n ledger.Notice) bool { return n.GUID == v.report.GUID })
		d.page.Chosen, d.page.Opened, d.current = chosen, true, v.report.GUID
		return err
	})
}

// deciding is what the approvals page is made of while it is read.
type deciding struct {
	view    ledger.View
	page    approvals.Page
	waiting []*report.Request
	current string // GUID of the entry the page is about
}

// approvals draws the inbox, with the decision that choose finds.
func (s *Station) approvals(v *visit, status int, choose func(*deciding) error) (answer, error) {
	var d deciding
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		d = deciding{view: view}
		if d.waiting, err = inbox(view, v.who); err != nil {
			return err
		}
		if err = choose(&d); err != nil {
			return err
		}
		d.page.Past, _, err = past(view, v, "", pastMost)
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("show the approvals of %s: %w", v.who.Name, err)
	}
	for _, r := range d.waiting {
		d.page.Waiting = append(d.page.Waiting, approvals.Waiting{
			GUID: r.GUID, Who: ownerName(r), Title: r.Asked.Title.In(v.w.Locale),
			Age: v.w.Short(v.now.Sub(r.CreatedAt)), Current: r.GUID == d.current,
		})
	}
	d.page.Reload = "/approvals?" + url.Values{"at": {d.current}}.Encode()
	f, err := s.frame(v, v.w.Say("nav.approvals"), "approvals")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: approvals.View(f, d.page)}, nil
}

func ownerName(r *report.Request) string { return cmp.Or(r.Asked.OwnerName, r.Asked.Owner) }

func (s *Station) approve(v *visit) (answer, error) {
	reason, err := v.reason()
	if err != nil {
		return answer{}, err
	}
	return s.decided(v, s.api.Approve(v.Context(), v.who.Name, v.report.GUID, reason), reason)
}

func (s *Station) decline(v *visit) (answer, error) {
	reason, err := v.reason()
	if err != nil {
		return answer{}, err
	}
	if reason == "" {
		return s.showDecision(v, "", v.w.Say("problem.reason"), http.StatusUnprocessableEntity)
	}
	return s.decided(v, s.api.Decline(v.Context(), v.who.Name, v.report.GUID, reason), reason)
}

// decided goes on to the next request. While the trigger is down the page stays,
// with the note as it was typed.
func (s *Station) decided(v *visit, err error, note string) (answer, error) {
	if errors.Is(err, api.ErrUnreachable) {
		s.cfg.Logger.WarnContext(v.Context(), "decision not taken", "account", v.who.Name, "error", err)
		return s.showDecision(v, note, v.w.Say("error.unreachable.text"), classOf(err).status)
	}
	return s.acted(v, err, "/approvals?done="+v.report.GUID)
}

func (s *Station) seen(v *visit) (answer, error) {
	err := s.api.Seen(v.Context(), v.who.Name, v.report.GUID)
	if err == nil {
		s.live.inbox(v.who.Name) // the popup goes from every page at once
	}
	if err == nil && v.Header.Get("HX-Request") == "true" {
		return answer{}, nil
	}
	return s.acted(v, err, "/r/"+v.report.GUID)
}

// acted goes on after an act, or shows the report with what became of it.
func (s *Station) acted(v *visit, err error, next string) (answer, error) {
	if err == nil {
		if back := v.FormValue("back"); back != "" {
			next = local(back)
		}
		return goTo(next)
	}
	var p *protocol.Problem
	moved := errors.As(err, &p) && (p.Status == http.StatusConflict || p.Status == http.StatusTooManyRequests)
	if !moved && !errors.Is(err, api.ErrUnreachable) {
		return answer{}, err
	}
	c := classOf(err)
	s.cfg.Logger.InfoContext(v.Context(), "act not done", "path", v.URL.Path, "account", v.who.Name, "error", err)
	if again := s.lookAgain(v.Context(), v); again != nil {
		return answer{}, again
	}
	return s.showOne(v, v.w.Say("error."+c.words+".text"), c.status)
}

// lookAgain reads the request once more: it has moved on meanwhile.
func (s *Station) lookAgain(ctx context.Context, v *visit) error {
	return s.cfg.Ledger.View(ctx, func(view ledger.View) (err error) {
		v.report, err = view.Visible(access.SeeScope(v.who), v.report.GUID)
		return err
	})
}
