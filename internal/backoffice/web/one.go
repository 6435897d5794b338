package web

import (
	"fmt"
	"net/http"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/onereport"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

// dossier is all the ledger knows of one request that its page shows.
type dossier struct {
	journal  []report.Entry
	mails    []ledger.Mail
	accounts map[string]string // full names
	unseen   bool
	progress ledger.Progress // zero: none
}

func (s *Station) dossier(v *visit) (d dossier, err error) {
	guid := v.report.GUID
	err = s.cfg.Ledger.View(v.Context(), func(view ledger.View) error {
		if d.journal, err = view.Journal(guid); err != nil {
			return err
		}
		if d.mails, err = view.Mails(guid); err != nil {
			return err
		}
		if d.progress, err = progressOf(view, v.report); err != nil {
			return err
		}
		if d.accounts, err = namesOf(view, named(v, d.journal)...); err != nil {
			return err
		}
		unseen, err := view.Unseen(v.who.Name, maxUnseen)
		d.unseen = slices.ContainsFunc(unseen, func(n ledger.Notice) bool { return n.GUID == guid })
		return err
	})
	if err != nil {
		return dossier{}, fmt.Errorf("open the dossier of %s: %w", guid, err)
	}
	return d, nil
}

func (d dossier) name(account string) string {
	if name, ok := d.accounts[account]; ok {
		return name
	}
	return account
}

// showReport is the page of one report; for who may decide about it, and while
// it waits, the decision.
func (s *Station) showReport(v *visit) (answer, error) {
	if v.report.State == report.AwaitingApproval && access.MayDecide(v.who, v.report) {
		return s.showDecision(v, "", "", http.StatusOK)
	}
	return s.showOne(v, "", 0)
}

func (s *Station) showOne(v *visit, said string, status int) (answer, error) {
	d, err := s.dossier(v)
	if err != nil {
		return answer{}, err
	}
	f, err := s.frame(v, v.report.Asked.Title.In(v.w.Locale), "reports")
	if err != nil {
		return answer{}, err
	}
	f.Said = said
	return answer{status: status, page: onereport.View(f, one(v, d))}, nil
}

func one(v *visit, d dossier) onereport.Page {
	r := v.report
	p := onereport.Page{
		GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Standing: standing.With(v.w, r, d.progress),
		Told:     told(v, r),
		Sentence: r.Asked.Sentence.In(v.w.Locale), Note: r.Asked.Note,
		MayCancel:  cancellable(r) && access.MayCancel(v.who, r),
		MayRedrive: redrivable(r) && access.MayRedrive(v.who),
		// Opening the report marks its notice as seen. A page that renews itself
		// does not: the popup stays until somebody closes it.
		MarkSeen: d.unseen && v.Header.Get("HX-Request") != "true",
	}
	if r.State == report.Rejected || r.State == report.Failed {
		p.Why = p.Reason
	}
	if r.State.Terminal() && access.MayAskAgain(v.who, r) {
		p.Again = againPath(r)
	}
	j := readJourney(v, r, d)
	p.Shares, p.Phases = j.shares(), j.phases()
	if access.MayOperate(v.who) {
		p.Rest = j.rest()
	}
	fillFiles(v, &p)
	fillSources(v, &p)
	fillRecipients(v, d, &p)
	return p
}

func redrivable(r *report.Request) bool {
	return (r.State == report.Failed || r.State == report.Rejected) && r.PurgedAt.IsZero()
}

// told is the sentence after the state: who asked and when, and how long it
// took or is expected to take.
func told(v *visit, r *report.Request) string {
	asked := v.w.Say("one.asked", "Name", r.Asked.OwnerName, "Moment", v.w.Moment(r.CreatedAt))
	if r.Asked.Owner == v.who.Name {
		asked = v.w.Say("one.asked.you", "Moment", v.w.Moment(r.CreatedAt))
	}
	switch {
	case r.State == report.Delivered:
		return v.w.Say("one.took", "Time", v.w.Took(r.EndedAt.Sub(r.CreatedAt))) + " " + asked
	case !r.State.Terminal() && !r.ExpectedBy.IsZero():
		return v.w.Say("one.expected", "Clock", v.w.Clock(r.ExpectedBy)) + " " + asked
	case r.State == report.AwaitingApproval:
		return v.w.Say("one.answer-by", "Moment", v.w.Moment(r.Deadline)) + " " + asked
	}
	return asked
}

func fillFiles(v *visit, p *onereport.Page) {
	r := v.report
	if len(r.Manifest.Files) > 0 && (r.State == report.Stored || r.State == report.Delivered) {
		p.Digest = r.Manifest.Files[0].SHA256
	}
	if !hasFiles(r) || !access.MayDownload(v.who, r, v.recipients) {
		return
	}
	until := standing.Until(v.w, r)
	for i, f := range r.Manifest.Files {
		extent := v.w.Size(f.Size)
		if f.Pages > 0 {
			extent += ", " + v.w.Count("count.pages", f.Pages)
		}
		if i == 0 && until != "" {
			extent += ", " + until
		}
		p.Files = append(p.Files, onereport.File{
			Name: f.Name, Label: v.w.Say("one.download", "Format", formatName(v.w, extension(f.Name))),
			Extent: extent, Collect: r.Asked.Retention == 0,
		})
	}
}

func fillSources(v *visit, p *onereport.Page) {
	m := v.report.Manifest
	if len(m.Sources) == 0 {
		return
	}
	p.AsOf = v.w.Say("one.as-of", "Moment", v.w.Moment(m.Sources[0].AsOf))
	p.Complete = v.w.Say("one.complete")
	if m.Partial() {
		p.Complete = v.w.Say("one.partial")
	}
	for _, s := range m.Sources {
		p.Sources = append(p.Sources, onereport.Source{
			Name: s.Name, Read: v.w.Number(int64(s.Rows)), Whole: s.State == report.SourceComplete,
			State: v.w.Say("source." + string(s.State)),
		})
	}
}

// letterState says how far the last letter to a recipient got.
func letterState(v *visit, d dossier, c ledger.Recipient) string {
	if !c.GoneAt.IsZero() {
		return v.w.Say("mail.gone")
	}
	m, found := newestLetter(d.mails, v.report.Generation, c.Account)
	if !found {
		return ""
	}
	state := v.w.Say("mail." + string(m.State))
	if m.State == ledger.MailSent {
		state += " " + v.w.Clock(m.At)
	}
	return state
}
