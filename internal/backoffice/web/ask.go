package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/form"
	"peyk/internal/backoffice/web/page/newreport"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// desk is what the page to ask for a report is drawn from.
type desk struct {
	catalog catalog
	mine    []*report.Request
	people  []ledger.Account
	by      map[string]ledger.Account // people by account; filled by called
	names   map[string]int            // how many have a full name; filled by called
	earlier *report.Request           // the one to ask for again
	answers []time.Duration           // how long approvals of this person's requests took
	sentTo  []string                  // by the earlier one, as names
}

func (s *Station) desk(v *visit) (desk, error) {
	return s.offer(v, func(d *desk, view ledger.View) (err error) {
		if d.mine, err = view.Requests(ledger.Filter{Scope: own(v.who), Limit: 100}); err != nil {
			return err
		}
		if kind, _ := d.catalog.Find(v.PathValue("type")); access.ApprovalBy(kind.Approval) != report.NoApproval {
			if d.answers, err = answers(view, d.mine); err != nil {
				return err
			}
		}
		return d.findEarlier(view, v)
	})
}

// offer reads what a form is checked against, and what more reads.
func (s *Station) offer(v *visit, more func(*desk, ledger.View) error) (d desk, err error) {
	err = s.cfg.Ledger.View(v.Context(), func(view ledger.View) error {
		if d.catalog, err = readCatalog(view); err != nil {
			return err
		}
		if d.people, err = view.Accounts(); err != nil {
			return err
		}
		return more(&d, view)
	})
	if err != nil {
		return desk{}, fmt.Errorf("open the catalog for %s: %w", v.who.Name, err)
	}
	return d, nil
}

func (d *desk) findEarlier(view ledger.View, v *visit) error {
	guid := v.URL.Query().Get("again")
	if guid == "" {
		return nil
	}
	r, err := view.Visible(own(v.who), guid)
	if err != nil {
		return telemetry.About(guid, err)
	}
	d.earlier = r
	recipients, err := view.Recipients(guid)
	for _, c := range recipients {
		if c.Account != v.who.Name && c.GoneAt.IsZero() {
			d.sentTo = append(d.sentTo, d.called(c.Account))
		}
	}
	return err
}

func (s *Station) showCatalog(v *visit) (answer, error) {
	d, err := s.desk(v)
	if err != nil {
		return answer{}, err
	}
	return s.showDesk(v, d, nil, http.StatusOK)
}

func (s *Station) showDesk(v *visit, d desk, chosen *newreport.Form, status int) (answer, error) {
	name, current := v.w.Say("nav.new"), ""
	if chosen != nil {
		name, current = chosen.Title, chosen.ID
	}
	p := d.catalog.list(v, d.mine, strings.TrimSpace(v.URL.Query().Get("q")), current)
	p.Chosen = chosen
	f, err := s.frame(v, name, "new")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: newreport.View(f, p)}, nil
}

func (s *Station) showForm(v *visit) (answer, error) {
	d, err := s.desk(v)
	if err != nil {
		return answer{}, err
	}
	kind, err := d.kind(v)
	if err != nil {
		return answer{}, err
	}
	values := form.Fresh(kind, v.w.Locale, v.w.Now())
	if d.earlier != nil {
		values = form.Again(kind, d.earlier.Asked, d.sentTo, v.w.Now())
	}
	guid, err := uuid.NewV7()
	if err != nil {
		return answer{}, fmt.Errorf("mint a GUID: %w", err)
	}
	values.Set(form.GUID, guid.String())
	values.Set(form.DrawnAt, v.now.UTC().Format(time.RFC3339Nano))
	drawn := s.draw(v, d, kind, values, nil)
	drawn.Pristine = d.earlier == nil
	drawn.Summary = s.inWords(v, d, kind, values)
	return s.showDesk(v, d, drawn, http.StatusOK)
}

// checked reads what a form is checked against, and the type the address names.
func (s *Station) checked(v *visit) (desk, protocol.ReportType, error) {
	d, err := s.offer(v, func(*desk, ledger.View) error { return nil })
	if err != nil {
		return desk{}, protocol.ReportType{}, err
	}
	kind, err := d.kind(v)
	return d, kind, err
}

// kind is the type the address names.
func (d *desk) kind(v *visit) (protocol.ReportType, error) {
	kind, ok := d.catalog.Find(v.PathValue("type"))
	if !ok {
		return kind, fmt.Errorf("report type %q: %w", v.PathValue("type"), ledger.ErrNotFound)
	}
	return kind, nil
}

// draw makes the form of a type as it stands with these values.
func (s *Station) draw(v *visit, d desk, kind protocol.ReportType, values url.Values, problems form.Problems) *newreport.Form {
	f := &newreport.Form{
		ID: kind.ID, Title: title(kind, v.w), Description: kind.Description.In(v.w.Locale),
		GUID: values.Get(form.GUID), DrawnAt: values.Get(form.DrawnAt),
		Fields: form.Draw(kind, v.w, values, problems), Problems: problems, Alarm: problems[""],
		Me: nameOf(v.who), Recipients: strings.Join(values[form.Recipients], ", "), Note: values.Get(form.Note),
		Approval: d.approval(v, kind), Usually: v.w.Say("new.unknown-time"), Summary: newreport.Summary{Next: next(v, kind)},
	}
	if kind.Sources > 0 {
		f.Sources = v.w.Count("count.sources", kind.Sources)
	}
	if kind.TypicalSeconds > 0 {
		f.Usually = v.w.Say("new.usually", "Time", v.w.About(typical(kind)))
	}
	for _, name := range kind.Formats {
		f.Formats = append(f.Formats, form.Option{Value: name, Label: formatName(v.w, name), Chosen: slices.Contains(values[form.Formats], name)})
	}
	for _, o := range []form.Option{{Value: "tr", Label: "Türkçe"}, {Value: "en", Label: "English"}} {
		o.Chosen = o.Value == values.Get(form.Locale)
		f.Languages = append(f.Languages, o)
	}
	for _, a := range d.people {
		if access.MayReceive(a) && a.Name != v.who.Name {
			f.People = append(f.People, d.called(a.Name))
		}
	}
	return f
}

func formatName(w *words.Words, format string) string {
	if id := "format." + format; w.Has(id) {
		return w.Say(id)
	}
	return format
}

// submit sends the form to the trigger. Whatever goes wrong, the page that
// comes back holds all that was typed, and the GUID: sending it again is the
// same request. The person's earlier requests are read only for that page.
func (s *Station) submit(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	d, kind, err := s.checked(v)
	if err != nil {
		return answer{}, err
	}
	values := v.PostForm
	request, problems := d.request(v, kind, values)
	v.Request = v.WithContext(telemetry.WithGUID(v.Context(), request.GUID))
	if len(problems) == 0 {
		err = s.api.Submit(v.Context(), v.who.Name, drawnAt(v, values), request)
		if err == nil {
			return goTo("/r/" + request.GUID)
		}
		if problems, err = s.rejected(v, values, err); err != nil {
			return answer{}, err
		}
	}
	return s.showRefused(v, kind, values, problems)
}

// showRefused shows the form as it was filled in, with what is wrong.
func (s *Station) showRefused(v *visit, kind protocol.ReportType, values url.Values, problems form.Problems) (answer, error) {
	d, err := s.desk(v)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusUnprocessableEntity
	if problems[unsent] != "" {
		status = http.StatusServiceUnavailable
		problems[""] = problems[unsent]
	}
	drawn := s.draw(v, d, kind, values, problems)
	drawn.Summary.Missing = v.w.Say("new.summary.unfinished")
	if problems[unsent] != "" {
		drawn.Summary.Missing = v.w.Say("new.summary.unreachable")
	}
	return s.showDesk(v, d, drawn, status)
}

// unsent keys the problem that nothing is wrong with the form itself.
const unsent = "unsent"

// request makes the call to the trigger out of the form.
func (d *desk) request(v *visit, kind protocol.ReportType, values url.Values) (api.Request, form.Problems) {
	if protocol.CheckGUID(values.Get(form.GUID)) != nil {
		values.Set(form.GUID, uuid.Must(uuid.NewV7()).String())
	}
	params, problems := form.Read(kind, v.w, values)
	recipients, problem := d.recipients(v, values)
	if problem != "" {
		if problems == nil {
			problems = form.Problems{}
		}
		problems[form.Recipients] = problem
	}
	return api.Request{
		GUID: values.Get(form.GUID), Type: kind.ID, Parameters: params, Formats: values[form.Formats],
		Locale: cmp.Or(values.Get(form.Locale), v.who.Locale), TimeZone: v.who.TimeZone,
		Recipients: recipients, Note: strings.TrimSpace(values.Get(form.Note)),
	}, problems
}

// rejected turns the trigger's refusal into problems of the form. An error
// that is none of the form's is given back.
func (s *Station) rejected(v *visit, values url.Values, err error) (form.Problems, error) {
	if errors.Is(err, api.ErrUnreachable) {
		s.cfg.Logger.WarnContext(v.Context(), "request not taken", "error", err)
		return form.Problems{unsent: v.w.Say("new.unsent")}, nil
	}
	var p *protocol.Problem
	if !errors.As(err, &p) {
		return nil, err
	}
	switch {
	case len(p.Errors) > 0:
		return form.FromPointers(p.Errors), nil
	case p.Status == http.StatusConflict:
		// The GUID is taken: the form was sent once and changed since.
		values.Set(form.GUID, uuid.Must(uuid.NewV7()).String())
		return form.Problems{"": v.w.Say("new.sent-already")}, nil
	case p.Status == http.StatusBadRequest || p.Status == http.StatusUnprocessableEntity:
		return form.Problems{"": p.Detail}, nil
	}
	return nil, err
}

// drawnAt is when the form was drawn, as the browser gives it back; a time that
// cannot be is replaced by now.
func drawnAt(v *visit, values url.Values) time.Time {
	at, err := time.Parse(time.RFC3339Nano, values.Get(form.DrawnAt))
	if err != nil || at.After(v.now) {
		return v.now
	}
	return at
}

// againPath is the address of the form filled in like r.
func againPath(r *report.Request) string {
	return "/new/" + url.PathEscape(r.Asked.Type) + "?again=" + url.QueryEscape(r.GUID)
}
