package web

import (
	"errors"
	"net/url"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/newreport"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// sayRequest answers with the form in words, as it stands now. It is asked at
// each change and changes nothing.
func (s *Station) sayRequest(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	d, kind, err := s.checked(v)
	if err != nil {
		return answer{}, err
	}
	return show(newreport.InWords(s.inWords(v, d, kind, v.PostForm)))
}

// inWords has the request said by who would record it. A form that could not be
// sent yet has no sentence; why not stands at its fields once it is sent.
func (s *Station) inWords(v *visit, d desk, kind protocol.ReportType, values url.Values) newreport.Summary {
	out := newreport.Summary{Next: next(v, kind)}
	in, problems := d.request(v, kind, values)
	if len(problems) > 0 {
		out.Missing = v.w.Say("new.summary.unfinished")
		return out
	}
	ctx := telemetry.WithGUID(v.Context(), in.GUID)
	said, err := s.api.Check(ctx, v.who.Name, in)
	var refused *protocol.Problem
	switch {
	case errors.As(err, &refused):
		out.Missing = v.w.Say("new.summary.unfinished")
	case err != nil:
		if ctx.Err() == nil { // not just overtaken by the next change
			s.cfg.Logger.WarnContext(ctx, "request not said", "type", kind.ID, "error", err)
		}
		out.Missing = v.w.Say("new.summary.unreachable")
	}
	out.Parts = parts(said, v.w.Locale)
	return out
}

func parts(said api.Checked, locale string) []newreport.Part {
	var out []newreport.Part
	for _, p := range said.Parts[locale] {
		out = append(out, newreport.Part(p))
	}
	return out
}

// next is what follows after the form is sent.
func next(v *visit, kind protocol.ReportType) string {
	leave := v.w.Say("new.leave")
	if kind.TypicalSeconds <= 0 {
		return leave
	}
	about := "new.next"
	if access.ApprovalBy(kind.Approval) != report.NoApproval {
		about = "new.next.approved"
	}
	return v.w.Say(about, "Time", v.w.About(typical(kind))) + " " + leave
}
