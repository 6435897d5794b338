package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/approvals"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

const (
	pastLookBack = 20
	pastMost     = 5
)

// inbox is what waits for this person's decision, oldest last.
func inbox(view ledger.View, who ledger.Account) ([]*report.Request, error) {
	waiting, err := view.Requests(ledger.Filter{
		Scope:  ledger.Scope{Approves: access.SeeScope(who).Approves},
		States: []report.State{report.AwaitingApproval},
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
		d.current = v.URL.Query().Get("at")
		if len(d.waiting) == 0 {
			return nil
		}
		first := d.waiting[0]
		recipients, err := d.view.Recipients(first.GUID)
		if err != nil {
			return err
		}
		d.page.Chosen = decision(v, first, recipients, d.names)
		d.current = cmp.Or(d.current, first.GUID)
		return nil
	})
}

// showDecision is the page to decide about one request.
func (s *Station) showDecision(v *visit, note, problem string) (answer, error) {
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.approvals(v, status, func(d *deciding) error {
		chosen := decision(v, v.report, v.recipients, d.names)
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
	names   map[string]string // full names of accounts
	current string            // GUID of the entry the page is about
}

// approvals draws the inbox, with the decision that choose finds.
func (s *Station) approvals(v *visit, status int, choose func(*deciding) error) (answer, error) {
	var d deciding
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		d = deciding{view: view}
		if d.waiting, err = inbox(view, v.who); err != nil {
			return err
		}
		if d.names, err = fullNames(view); err != nil {
			return err
		}
		if err = choose(&d); err != nil {
			return err
		}
		d.page.Past, err = past(view, v)
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

func fullNames(view ledger.View) (map[string]string, error) {
	people, err := view.Accounts()
	names := make(map[string]string, len(people))
	for _, a := range people {
		names[a.Name] = nameOf(a)
	}
	return names, err
}

func ownerName(r *report.Request) string { return cmp.Or(r.Asked.OwnerName, r.Asked.Owner) }

func decision(v *visit, r *report.Request, recipients []ledger.Recipient, names map[string]string) *approvals.Decision {
	d := &approvals.Decision{
		GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Sentence: r.Asked.Sentence.In(v.w.Locale),
		Who: ownerName(r), Initials: initials(ownerName(r)), Asked: v.w.Moment(r.CreatedAt),
	}
	if r.Asked.Note != "" {
		d.Quote = v.w.Say("quoted", "Text", r.Asked.Note)
	}
	var sentTo, formats []string
	for _, c := range recipients {
		sentTo = append(sentTo, cmp.Or(names[c.Account], c.Account))
	}
	for _, name := range r.Asked.Formats {
		formats = append(formats, formatName(v, name))
	}
	d.Facts = []approvals.Fact{
		{Label: v.w.Say("fact.why"), Value: v.w.Say("fact.why.role", "Role", v.w.Say("role."+r.Asked.Approval))},
		{Label: v.w.Say("fact.recipients"), Value: strings.Join(sentTo, ", ")},
		{Label: v.w.Say("fact.formats"), Value: strings.Join(formats, ", ")},
		{Label: v.w.Say("fact.deadline"), Value: v.w.Moment(r.Deadline), More: v.w.Say("fact.deadline.else")},
	}
	return d
}

// past lists the last decisions of this person.
func past(view ledger.View, v *visit) ([]approvals.Past, error) {
	seen, err := view.Requests(ledger.Filter{Scope: ledger.Scope{Approves: access.SeeScope(v.who).Approves}, Limit: pastLookBack})
	if err != nil {
		return nil, err
	}
	var out []approvals.Past
	for _, r := range seen {
		decisions, err := view.Approvals(r.GUID)
		if err != nil {
			return nil, err
		}
		for _, d := range decisions {
			if d.Account != v.who.Name || len(out) == pastMost {
				continue
			}
			icon := standing.Ready
			if !d.Approved {
				icon = standing.Declined
			}
			out = append(out, approvals.Past{GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Icon: icon, Told: ownerName(r) + ", " + v.w.Moment(d.At)})
		}
	}
	return out, nil
}

func (s *Station) approve(v *visit) (answer, error) {
	reason := strings.TrimSpace(v.FormValue("reason"))
	err := s.api.Approve(v.Context(), v.who.Name, v.report.GUID, reason)
	return s.acted(v, err, "/approvals")
}

func (s *Station) decline(v *visit) (answer, error) {
	reason := strings.TrimSpace(v.FormValue("reason"))
	if reason == "" {
		return s.showDecision(v, "", v.w.Say("problem.reason"))
	}
	err := s.api.Decline(v.Context(), v.who.Name, v.report.GUID, reason)
	return s.acted(v, err, "/approvals")
}

func (s *Station) cancel(v *visit) (answer, error) {
	err := s.api.Cancel(v.Context(), v.who.Name, v.report.GUID, strings.TrimSpace(v.FormValue("reason")))
	return s.acted(v, err, "/r/"+v.report.GUID)
}

func (s *Station) seen(v *visit) (answer, error) {
	err := s.api.Seen(v.Context(), v.who.Name, v.report.GUID)
	if err == nil {
		s.live.spread(event.Event{GUID: v.report.GUID}) // the popup goes from every page at once
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
	moved := errors.As(err, &p) && p.Status == http.StatusConflict
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
