package trigger

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// reason is the body of approve, decline and cancel.
type reason struct {
	Reason string `json:"reason"`
}

func readReason(c call) (in reason, err error) {
	if err := decode(c.Request, &in); err != nil {
		return in, err
	}
	return in, checkReason(in.Reason)
}

func (s *Station) approve(c call) (answer, error) {
	in, err := readReason(c)
	if err != nil {
		return answer{}, err
	}
	return s.decide(c, event.ReportRequested, func(tx ledger.Tx, r *report.Request) (report.Move, error) {
		if err := mayDecide(c.who, r); err != nil {
			return report.Move{}, err
		}
		if err := ownerIsHere(tx, r); err != nil {
			return report.Move{}, err
		}
		expected, err := expectedTime(tx, r.Asked.Type)
		if err != nil {
			return report.Move{}, err
		}
		m, err := r.Approve(c.who.Name, expected, tx.Now())
		if err != nil {
			return m, err
		}
		return m, tx.AddApproval(ledger.Approval{GUID: r.GUID, Account: c.who.Name, Approved: true, Reason: in.Reason, At: tx.Now()})
	})
}

func (s *Station) decline(c call) (answer, error) {
	in, err := readReason(c)
	if err != nil {
		return answer{}, err
	}
	if in.Reason == "" {
		return answer{}, reasonNeeded("say why you decline it")
	}
	return s.decide(c, event.ReportDeclined, func(tx ledger.Tx, r *report.Request) (report.Move, error) {
		if err := mayDecide(c.who, r); err != nil {
			return report.Move{}, err
		}
		m, err := r.Decline(c.who.Name, in.Reason, tx.Now())
		if err != nil {
			return m, err
		}
		return m, tx.AddApproval(ledger.Approval{GUID: r.GUID, Account: c.who.Name, Reason: in.Reason, At: tx.Now()})
	})
}

func mayDecide(who ledger.Account, r *report.Request) error {
	switch {
	case r.Asked.Owner == who.Name:
		return protocol.NewProblem(http.StatusForbidden, "own-request", "nobody decides about their own request")
	case !access.MayDecide(who, r):
		return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "this needs the role %s", r.Asked.Approval)
	}
	return nil
}

// ownerIsHere refuses to let a request of somebody who left run.
func ownerIsHere(v ledger.View, r *report.Request) error {
	owner, err := v.Account(r.Asked.Owner)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && owner.Gone {
		return protocol.NewProblem(http.StatusConflict, "requester-gone", "who asked for it has left")
	}
	return err
}

func (s *Station) cancel(c call) (answer, error) {
	in, err := readReason(c)
	if err != nil {
		return answer{}, err
	}
	return s.decide(c, event.ReportCancelled, func(tx ledger.Tx, r *report.Request) (report.Move, error) {
		if !access.MayCancel(c.who, r) {
			return report.Move{}, protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "only who asked for it, or an operator, cancels it")
		}
		return r.Cancel(c.who.Name, in.Reason, tx.Now())
	})
}

// decide commits one move on a request the caller may see, then tells the
// queue. The answer is how it stood in that commit, so that what was decided is
// never answered with an error.
func (s *Station) decide(c call, t event.Type, move func(ledger.Tx, *report.Request) (report.Move, error)) (answer, error) {
	out, err := s.change(c, func(tx ledger.Tx, r *report.Request) error {
		m, err := move(tx, r)
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "decided", "state", out.State, "version", out.Version, "by", c.who.Name)
	s.publish(c.Context(), event.Event{Type: t, GUID: out.GUID, Generation: out.Generation, Version: out.Version})
	return ok(out)
}

// change commits fn on a request the caller may see.
func (s *Station) change(c call, fn func(ledger.Tx, *report.Request) error) (out Status, err error) {
	err = s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		if err := stillTheSame(tx, c.who); err != nil {
			return err
		}
		r, err := tx.Visible(access.SeeScope(c.who), c.guid())
		if err != nil {
			return err
		}
		if err := fn(tx, r); err != nil {
			return err
		}
		out, err = statusFor(c.who, tx, r)
		return err
	})
	return out, err
}

// stillTheSame refuses an act of somebody who left, or whose roles changed, since
// the call was let in.
func stillTheSame(v ledger.View, who ledger.Account) error {
	now, err := v.Account(who.Name)
	switch {
	case errors.Is(err, ledger.ErrNotFound) || err == nil && now.Gone:
		return protocol.NewProblem(http.StatusUnauthorized, protocol.CodeUnauthenticated, "the token is not valid here")
	case err == nil && !slices.Equal(now.Roles, who.Roles):
		return fmt.Errorf("act of %s: roles changed meanwhile: %w", who.Name, ledger.ErrConflict)
	}
	return err
}

// seen marks the caller's notices of the request as seen.
func (s *Station) seen(c call) (answer, error) {
	out, err := s.change(c, func(tx ledger.Tx, r *report.Request) error { return tx.MarkSeen(c.who.Name, r.GUID) })
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// seenUpTo marks the caller's notices as seen, up to the one of a number: those
// that came since somebody looked stay new.
func (s *Station) seenUpTo(c call) (answer, error) {
	var in struct {
		UpTo int64 `json:"up_to"`
	}
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error { return tx.MarkAllSeen(c.who.Name, in.UpTo) })
	if err != nil {
		return answer{}, err
	}
	return ok(in)
}
