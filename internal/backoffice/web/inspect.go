package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/operations"
	"peyk/internal/protocol"
)

// rawMost is how many bytes of a payload are shown.
const rawMost = 4096

// inspect says what would happen if the request were sent on its way again.
func (s *Station) inspect(v *visit) (answer, error) {
	return s.inspection(v, "", http.StatusOK)
}

func (s *Station) inspection(v *visit, alert string, status int) (answer, error) {
	p := operations.Inspection{
		GUID: v.report.GUID, Title: v.report.Asked.Title.In(v.w.Locale), Told: v.report.Asked.Sentence.In(v.w.Locale),
		Alert: alert, Version: strconv.FormatInt(v.report.Version, 10),
	}
	if f := v.report.Failure; f != nil {
		p.Cause = v.w.Say("inspect.cause", "Code", strings.TrimSpace(f.Code+" "+f.Detail))
	}
	plan, err := s.api.PlanRedrive(v.Context(), v.who.Name, v.report.GUID)
	var refused *protocol.Problem
	switch {
	case err == nil:
		p.Version = strconv.FormatInt(plan.Version, 10)
		p.Facts, p.Tried = planFacts(v, plan), triedSoFar(v, plan.Tried)
	case errors.As(err, &refused) && refused.Status == http.StatusConflict:
		p.Nothing = v.w.Say("inspect.nothing", "State", string(v.report.State))
	default:
		return answer{}, err
	}
	f, err := s.frame(v, v.w.Say("inspect.title"), "operations")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: operations.Inspect(f, p)}, nil
}

func planFacts(v *visit, p api.Plan) []operations.Fact {
	facts := []operations.Fact{{Label: v.w.Say("inspect.state"), Value: p.From + " → " + p.To}}
	if p.From == p.To {
		facts[0].Value = v.w.Say("inspect.stays", "State", p.From)
	}
	facts = append(facts,
		operations.Fact{Label: v.w.Say("inspect.owed"), Value: taskNames(p.Owed)},
		operations.Fact{Label: v.w.Say("inspect.closed"), Value: taskNames(p.Closed)},
		operations.Fact{Label: v.w.Say("inspect.generation"), Value: v.w.Number(int64(p.Generation))},
		operations.Fact{Label: v.w.Say("inspect.redriven"), Value: v.w.Count("inspect.times", p.Redriven)})
	return facts
}

func taskNames(tasks []api.PlanTask) string {
	var names []string
	for _, t := range tasks {
		names = append(names, strings.TrimSpace(t.Kind+" "+t.Subject))
	}
	return cmp.Or(strings.Join(names, ", "), "–")
}

func triedSoFar(v *visit, tasks []api.PlanTask) (out []operations.Tried) {
	for _, t := range tasks {
		row := operations.Tried{Kind: t.Kind, Subject: t.Subject, Error: t.Error, Times: v.w.Count("inspect.attempts", t.Attempts)}
		if t.Unclean > 0 {
			row.Times += ", " + v.w.Count("inspect.unclean", t.Unclean)
		}
		switch ledger.Kind(t.Kind) {
		case ledger.Email, ledger.ProviderDelete, ledger.Purge:
			row.Stuck = !t.ParkedAt.IsZero() || t.Error != ""
		case ledger.Announce:
			row.Stuck = v.report.State.Terminal() && (!t.ParkedAt.IsZero() || t.Error != "")
		}
		out = append(out, row)
	}
	return out
}

// redrive sends the request on its way again, if it is still as it was seen.
func (s *Station) redrive(v *visit) (answer, error) {
	version, err := strconv.ParseInt(v.FormValue("version"), 10, 64)
	if err != nil {
		version = v.report.Version
	}
	err = s.api.Redrive(v.Context(), v.who.Name, v.report.GUID, version)
	return s.operated(v, err)
}

// resolve settles by hand what is stuck of a request.
func (s *Station) resolve(v *visit) (answer, error) {
	reason, err := v.reason()
	if err != nil {
		return answer{}, err
	}
	if reason == "" {
		return s.inspection(v, v.w.Say("problem.why"), http.StatusUnprocessableEntity)
	}
	version, err := strconv.ParseInt(v.FormValue("version"), 10, 64)
	if err != nil {
		version = v.report.Version
	}
	err = s.api.Resolve(v.Context(), v.who.Name, v.report.GUID, version, v.FormValue("kind"), v.FormValue("subject"), reason)
	return s.operated(v, err)
}

// operated goes to the report after an act, or says what it has become meanwhile.
func (s *Station) operated(v *visit, err error) (answer, error) {
	var p *protocol.Problem
	if !errors.As(err, &p) || p.Status != http.StatusConflict {
		return s.acted(v, err, "/r/"+v.report.GUID)
	}
	if again := s.lookAgain(v.Context(), v); again != nil {
		return answer{}, again
	}
	return s.inspection(v, v.w.Say("inspect.moved", "State", string(v.report.State)), http.StatusConflict)
}

// showParked shows a payload nobody could read.
func (s *Station) showParked(v *visit) (answer, error) {
	return s.payload(v, "", "", http.StatusOK)
}

func (s *Station) payload(v *visit, note, problem string, status int) (answer, error) {
	id, err := strconv.ParseInt(v.PathValue("id"), 10, 64)
	if err != nil {
		return answer{}, fmt.Errorf("show payload %q: %w", v.PathValue("id"), ledger.ErrNotFound)
	}
	var row ledger.Parked
	err = s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		row, err = view.ParkedPayload(id)
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("show payload %d: %w", id, err)
	}
	p := operations.Payload{
		ID: strconv.FormatInt(id, 10), Role: string(row.Role), Subject: row.Subject, Cause: row.Cause, At: v.w.Moment(row.At),
		Size: v.w.Size(int64(len(row.Raw))), Raw: shown(row.Raw), Note: note, Problem: problem,
	}
	if !row.ResolvedAt.IsZero() {
		p.Settled = v.w.Say("parked.settled", "Who", row.ResolvedBy, "When", v.w.Moment(row.ResolvedAt), "Reason", row.Reason)
	}
	f, err := s.frame(v, v.w.Say("parked.title"), "operations")
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, page: operations.Parked(f, p)}, nil
}

// shown is the beginning of a payload; what is no text is shown as in a program.
func shown(raw []byte) string {
	rest := ""
	if len(raw) > rawMost {
		raw, rest = raw[:rawMost], "…"
		for range utf8.UTFMax - 1 { // not through the middle of a letter
			if last, size := utf8.DecodeLastRune(raw); last == utf8.RuneError && size == 1 {
				raw = raw[:len(raw)-1]
			}
		}
	}
	text := string(raw)
	quoted := strconv.Quote(text)
	if plain := quoted[1 : len(quoted)-1]; strings.Contains(plain, `\x`) || strings.Contains(plain, `\u`) {
		return plain + rest
	}
	return text + rest
}

// resolveParked settles a payload with a reason.
func (s *Station) resolveParked(v *visit) (answer, error) {
	reason, err := v.reason()
	if err != nil {
		return answer{}, err
	}
	if reason == "" {
		return s.payload(v, "", v.w.Say("problem.why"), http.StatusUnprocessableEntity)
	}
	err = s.api.ResolveParked(v.Context(), v.who.Name, v.PathValue("id"), reason)
	var p *protocol.Problem
	if errors.As(err, &p) && p.Status == http.StatusConflict {
		return s.payload(v, reason, "", http.StatusConflict)
	}
	if errors.Is(err, api.ErrUnreachable) {
		s.cfg.Logger.WarnContext(v.Context(), "payload not settled", "id", v.PathValue("id"), "account", v.who.Name, "error", err)
		return s.payload(v, reason, v.w.Say("error.unreachable.text"), classOf(err).status)
	}
	if err != nil {
		return answer{}, err
	}
	return goTo("/operations")
}
