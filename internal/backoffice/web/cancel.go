package web

import (
	"errors"
	"net/http"

	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/confirm"
	"peyk/internal/report"
)

// cancellable reports whether a request can still be called off.
func cancellable(r *report.Request) bool { return r.State.Cancellable() && !r.WasStored }

// askCancel says what cancelling will do, before it is done.
func (s *Station) askCancel(v *visit) (answer, error) {
	return s.cancelling(v, "", "", http.StatusOK)
}

// cancelling is the question, with what was typed and why nothing came of it.
func (s *Station) cancelling(v *visit, reason, problem string, status int) (answer, error) {
	r := v.report
	if !cancellable(r) {
		return goTo("/r/" + r.GUID)
	}
	back := local(v.FormValue("back"))
	if v.FormValue("back") == "" {
		back = "/r/" + r.GUID
	}
	text := v.w.Say("cancel.preparing")
	if r.State == report.AwaitingApproval {
		text = v.w.Say("cancel.waiting")
	}
	f, err := s.frame(v, v.w.Say("cancel.title"), "reports")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: confirm.View(f, confirm.Page{
		Title: v.w.Say("cancel.title"), Report: r.Asked.Title.In(v.w.Locale), Short: r.Asked.InShort(v.w.Locale),
		Text: text, Action: "/r/" + r.GUID + "/cancel", Do: v.w.Say("cancel.do"), Back: back, Leave: v.w.Say("cancel.leave"),
		Reason: reason, Problem: problem,
	})}, nil
}

func (s *Station) cancel(v *visit) (answer, error) {
	reason, err := v.reason()
	if err != nil {
		return answer{}, err
	}
	err = s.api.Cancel(v.Context(), v.who.Name, v.report.GUID, reason)
	if errors.Is(err, api.ErrUnreachable) {
		s.cfg.Logger.WarnContext(v.Context(), "not cancelled", "account", v.who.Name, "error", err)
		return s.cancelling(v, reason, v.w.Say("error.unreachable.text"), classOf(err).status)
	}
	return s.acted(v, err, "/r/"+v.report.GUID)
}
