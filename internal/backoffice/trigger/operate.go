package trigger

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Plan is what an act of an operator would do, or did not do yet: it was worked
// out in a transaction that was rolled back.
type Plan struct {
	GUID       string       `json:"guid"`
	Version    int64        `json:"version"` // the one to name in the act
	From       report.State `json:"from"`
	To         report.State `json:"to"`
	Generation int          `json:"generation"` // of the next try
	Owed       []PlanTask   `json:"owed"`       // anew, or at once
	Closed     []PlanTask   `json:"closed"`     // settled without another try
	Tried      []PlanTask   `json:"tried"`      // so far
	Redriven   int          `json:"redriven"`   // how often somebody sent it on its way again before
}

// PlanTask is a task in a plan.
type PlanTask struct {
	Kind     ledger.Kind `json:"kind"`
	Subject  string      `json:"subject,omitempty"`
	DueAt    time.Time   `json:"due_at,omitzero"`
	Attempts int         `json:"attempts"`
	Unclean  int         `json:"unclean,omitempty"` // tries that never came to an end
	ParkedAt time.Time   `json:"parked_at,omitzero"`
	Error    string      `json:"error,omitempty"`
}

// errDry rolls a dry run back.
var errDry = errors.New("a dry run keeps nothing")

// operate is an act of an operator on a request, or with ?dry-run=true what it
// would do.
func (s *Station) operate(c call, t event.Type, act func(tx ledger.Tx, r *report.Request, dry bool) error) (answer, error) {
	dry, err := dryRun(c.Request)
	if err != nil {
		return answer{}, err
	}
	allowed := func(tx ledger.Tx, r *report.Request) error {
		if !access.MayRedrive(c.who) {
			return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "only an operator does this; ask for the report again instead")
		}
		return act(tx, r, dry)
	}
	if dry {
		return s.plan(c, allowed)
	}
	out, err := s.change(c, allowed)
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "operated", "path", c.URL.Path, "state", out.State, "version", out.Version, "by", c.who.Name)
	s.publish(c.Context(), event.Event{Type: t, GUID: out.GUID, Generation: out.Generation, Version: out.Version})
	return ok(out)
}

func dryRun(r *http.Request) (bool, error) {
	text := r.URL.Query().Get("dry-run")
	if text == "" {
		return false, nil
	}
	dry, err := strconv.ParseBool(text)
	if err != nil {
		return false, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "dry-run is true or false")
	}
	return dry, nil
}

// plan runs the act, looks at what it did, and rolls it back.
func (s *Station) plan(c call, act func(ledger.Tx, *report.Request) error) (answer, error) {
	var out Plan
	_, err := s.change(c, func(tx ledger.Tx, r *report.Request) error {
		before, err := tx.Tasks(r.GUID)
		if err != nil {
			return err
		}
		out = Plan{GUID: r.GUID, Version: r.Version, From: r.State, Owed: []PlanTask{}, Closed: []PlanTask{}, Tried: []PlanTask{}}
		if out.Redriven, err = redrivenBefore(tx, r.GUID); err != nil {
			return err
		}
		if err := act(tx, r); err != nil {
			return err
		}
		after, err := tx.Tasks(r.GUID)
		if err != nil {
			return err
		}
		out.To, out.Generation = r.State, r.Generation
		out.compare(before, after)
		return errDry
	})
	if !errors.Is(err, errDry) {
		return answer{}, err
	}
	return ok(out)
}

// compare tells what became of the tasks.
func (p *Plan) compare(before, after []ledger.Task) {
	was := map[ledger.Key]ledger.Task{}
	for _, t := range before {
		was[t.Key] = t
		if t.Attempts > 0 || t.Unclean > 0 || t.LastError != "" {
			p.Tried = append(p.Tried, planTask(t))
		}
	}
	for _, t := range after {
		old, had := was[t.Key]
		switch {
		case !t.Done && (!had || old.Done || old.Wakes != t.Wakes):
			p.Owed = append(p.Owed, planTask(t))
		case t.Done && had && !old.Done:
			p.Closed = append(p.Closed, planTask(old))
		}
	}
}

func planTask(t ledger.Task) PlanTask {
	return PlanTask{
		Kind: t.Kind, Subject: t.Subject, DueAt: t.DueAt, Attempts: t.Attempts, Unclean: t.Unclean, ParkedAt: t.ParkedAt, Error: t.LastError,
	}
}

func redrivenBefore(v ledger.View, guid string) (n int, err error) {
	journal, err := v.Journal(guid)
	for _, e := range journal {
		if e.Evidence["redriven_by"] != nil {
			n++
		}
	}
	return n, err
}

// redriven is the body of redrive: the version the person saw. A dry run may
// leave it out.
type redriven struct {
	Version int64 `json:"version"`
}

// redrive sends what failed on its way again, or what is parked or failing of a
// request that is still under way.
func (s *Station) redrive(c call) (answer, error) {
	var in redriven
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	return s.operate(c, event.ReportRequested, func(tx ledger.Tx, r *report.Request, dry bool) error {
		version := in.Version
		if dry && version == 0 {
			version = r.Version
		}
		if r.State != report.Failed && r.State != report.Rejected {
			stuck, err := stuckTasks(tx, r.GUID)
			if err != nil {
				return err
			}
			if len(stuck) > 0 {
				return retry(tx, r, c.who.Name, version, stuck)
			}
		}
		expected, err := expectedTime(tx, r.Asked.Type)
		if err != nil {
			return err
		}
		m, err := r.Redrive(c.who.Name, version, expected, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
}

// stuckTasks are the open ones that are parked or whose last try failed, and
// that nobody works on now.
func stuckTasks(v ledger.View, guid string) ([]ledger.Task, error) {
	tasks, err := v.Tasks(guid)
	return slices.DeleteFunc(tasks, func(t ledger.Task) bool { return !isStuck(t, v.Now()) }), err
}

func isStuck(t ledger.Task, now time.Time) bool {
	return !t.Done && (!t.ParkedAt.IsZero() || t.LastError != "") && !t.LeasedTill.After(now)
}

// retry owes what is stuck as if it had never been tried.
func retry(tx ledger.Tx, r *report.Request, by string, version int64, stuck []ledger.Task) error {
	if err := sameVersion(r, version); err != nil {
		return err
	}
	var named []string
	for _, t := range stuck {
		if err := fresh(tx, t); err != nil {
			return err
		}
		named = append(named, strings.TrimSpace(string(t.Kind)+" "+t.Subject))
	}
	return tx.Append(ledger.Fact(r, report.Trigger, 0, "redriven", report.Evidence{"redriven_by": by, "tasks": named}))
}

func fresh(tx ledger.Tx, t ledger.Task) error {
	if err := tx.CloseTask(t.Key); err != nil {
		return err
	}
	return tx.Owe(ledger.Task{Key: t.Key, Generation: t.Generation})
}

func sameVersion(r *report.Request, version int64) error {
	if r.Version != version {
		return fmt.Errorf("request %s is at version %d, not %d: %w", r.GUID, r.Version, version, ledger.ErrConflict)
	}
	return nil
}

// resolved is the body of resolve: which task, and why it needs no other try.
type resolved struct {
	Version int64       `json:"version"`
	Kind    ledger.Kind `json:"kind"`
	Subject string      `json:"subject"`
	Reason  string      `json:"reason"`
}

// resolveTask settles a task by hand that is parked or keeps failing.
func (s *Station) resolveTask(c call) (answer, error) {
	var in resolved
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	if err := checkReason(in.Reason); err != nil {
		return answer{}, err
	}
	return s.operate(c, event.ReportAnnounced, func(tx ledger.Tx, r *report.Request, dry bool) error {
		if dry && in.Version == 0 {
			in.Version = r.Version
		}
		if err := sameVersion(r, in.Version); err != nil {
			return err
		}
		if in.Reason == "" && !dry {
			return reasonNeeded("say why nothing more is to be done")
		}
		return settleByHand(tx, r, c.who.Name, in)
	})
}

func settleByHand(tx ledger.Tx, r *report.Request, by string, in resolved) error {
	t, err := tx.Task(ledger.Key{GUID: r.GUID, Kind: in.Kind, Subject: in.Subject})
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && !isStuck(t, tx.Now()):
		return protocol.NewProblem(http.StatusConflict, "moved-on", "no such work is stuck any more; look again")
	case err != nil:
		return err
	case stillNeeded(r, t.Kind):
		return protocol.NewProblem(http.StatusConflict, "not-possible", "without this the request would stand still: send it on again, or cancel it")
	}
	if err := endTask(tx, t); err != nil {
		return err
	}
	return tx.Append(ledger.Fact(r, report.Trigger, 0, "resolved", report.Evidence{
		"resolved_by": by, "reason": in.Reason, "task": t.Kind, "subject": t.Subject,
		"attempts": t.Attempts, "unclean": t.Unclean, "last_error": t.LastError,
	}))
}

// stillNeeded tells the work without which the request stays where it is.
func stillNeeded(r *report.Request, k ledger.Kind) bool {
	switch k {
	case ledger.Email, ledger.ProviderDelete, ledger.Purge:
		return false
	case ledger.Announce:
		return !r.State.Terminal()
	}
	return true
}

// endTask ends the work. A letter is lost first and its task looks at it once
// more: so trace ends it as it ends every letter, and the request goes on.
func endTask(tx ledger.Tx, t ledger.Task) error {
	if t.Kind != ledger.Email {
		return tx.CloseTask(t.Key)
	}
	generation, subject, account, err := ledger.LetterOf(t.Subject)
	if err != nil {
		return tx.CloseTask(t.Key)
	}
	m, err := tx.Mail(t.GUID, generation, subject, account)
	if errors.Is(err, ledger.ErrNotFound) {
		return tx.CloseTask(t.Key)
	}
	if err != nil {
		return err
	}
	if m.State.Open() {
		m.State, m.At = m.Lost(), tx.Now()
		if err := tx.PutMail(m); err != nil {
			return err
		}
	}
	return fresh(tx, t)
}

// resolveParked settles a payload nobody could read.
func (s *Station) resolveParked(c call) (answer, error) {
	in, err := readReason(c)
	if err != nil {
		return answer{}, err
	}
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil {
		return answer{}, protocol.NewProblem(http.StatusNotFound, protocol.CodeNotFound, "there is no such payload")
	}
	if in.Reason == "" {
		return answer{}, reasonNeeded("say why nothing more is to be done")
	}
	err = s.Store.Update(c.Context(), func(tx ledger.Tx) error { return tx.ResolveParked(id, c.who.Name, in.Reason) })
	if errors.Is(err, ledger.ErrNotFound) {
		return answer{}, protocol.NewProblem(http.StatusNotFound, protocol.CodeNotFound, "there is no such payload")
	}
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "payload settled", "id", id, "by", c.who.Name, "reason", in.Reason)
	return ok(struct {
		ID int64 `json:"id"`
	}{id})
}

func reasonNeeded(detail string) error {
	p := protocol.NewProblem(http.StatusUnprocessableEntity, "reason-needed", "%s", detail)
	p.Errors = []protocol.ProblemDetail{{Pointer: "/reason", Detail: "is needed"}}
	return p
}
