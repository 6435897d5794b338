package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// intend moves ACCEPTED to SUBMITTING in the commit that leases SUBMIT (step 4):
// from here on the outcome may be unknown, and the same POST is sent until it is
// not. What may not run stays where it is; submit says why.
func (s *Station) intend(tx ledger.Tx, l ledger.Lease, c task.Cause) error {
	r, err := tx.Request(l.GUID)
	if err != nil || r.State != report.Accepted {
		return err
	}
	if here, err := requesterHere(tx, r); err != nil || !here {
		return err
	}
	m, err := r.Submit(tx.Now(), c.Evidence())
	var refused *report.Refusal
	if errors.As(err, &refused) {
		return nil
	}
	if err != nil {
		return err
	}
	return ledger.Move(tx, r, m)
}

func requesterHere(v ledger.View, r *report.Request) (bool, error) {
	owner, err := v.Account(r.Asked.Owner)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	return err == nil && !owner.Gone, err
}

// submit posts the request (step 5).
func (s *Station) submit(ctx context.Context, l task.Leased) task.Result {
	r := l.Request
	if r == nil {
		return task.Retry(errUnknown)
	}
	switch {
	case posts(r.State) && r.CheckApproved() != nil: // before each POST, a next generation's too
		return task.Done(failure(r, report.Failure{Code: "not-as-approved"}, report.Evidence{"approved_hash": r.ApprovedHash}))
	case r.State == report.Accepted:
		return task.Later(sweepRest, nil) // the requester has left: trigger cancels it
	case r.State != report.Submitting:
		return task.Done(nil)
	}
	body, err := s.submission(r)
	if err != nil {
		return task.Done(failure(r, report.Failure{Code: "unreadable-request", Detail: err.Error()}, nil))
	}
	sent := s.Now()
	accepted, err := s.Provider.Submit(ctx, body)
	if err != nil {
		return s.notAccepted(r, err)
	}
	s.Log.InfoContext(ctx, "posted to the reporting app", "generation", r.Generation, "state", accepted.Operation.State)
	return task.Done(s.prepared(r, accepted, s.since(sent)))
}

// posts reports whether SUBMIT has something to do in s.
func posts(s report.State) bool { return s == report.Accepted || s == report.Submitting }

// submission is the body of the POST: the same bytes each time it is sent.
func (s *Station) submission(r *report.Request) (protocol.SubmitRequest, error) {
	var parameters map[string]json.RawMessage
	if err := json.Unmarshal(r.Asked.Parameters, &parameters); err != nil {
		return protocol.SubmitRequest{}, fmt.Errorf("read the parameters of %s: %w", r.GUID, err)
	}
	return protocol.SubmitRequest{
		ReportID: r.GUID, Generation: r.Generation,
		Type: r.Asked.Type, TypeVersion: r.Asked.TypeVersion, Parameters: parameters,
		Formats: r.Asked.Formats, Locale: r.Asked.Locale, TimeZone: r.Asked.TimeZone,
		Deadline: r.Deadline, MaxBytes: s.MaxBytes,
		RequestedBy: r.Asked.OwnerName, RequestedAt: r.Asked.RequestedAt,
	}, nil
}

// prepared commits the 202. The inbox is read in this same transaction: a
// webhook that was quicker than the 202 makes TRACK due now.
func (s *Station) prepared(seen *report.Request, a protocol.Accepted, took time.Duration) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		m, err := r.Prepare(tx.Now(), report.Evidence{
			"status": "202 Accepted", "location": a.Location, "took_ms": took.Milliseconds(), "idempotency_key": protocol.IdempotencyKey(r.GUID, r.Generation),
		})
		if err != nil {
			return err
		}
		hooks, err := tx.Hooks(r.GUID, r.Generation)
		if err != nil {
			return err
		}
		track := ledger.Task{Key: ledger.Key{Kind: ledger.Track}, DueAt: tx.Now()}
		if len(hooks) == 0 && !a.Operation.State.Ended() {
			track.DueAt = tx.Now().Add(pollAfter(a.RetryAfter, firstPoll(a.Operation)))
		} else {
			fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: ledger.Track})
		}
		return ledger.Move(tx, r, m, track)
	})
}

// firstPoll is max(60 s, 1.5 × the provider's own estimate): of a provider that
// does not say when to look.
func firstPoll(o protocol.Operation) time.Duration {
	return min(max(ledger.FirstPoll, time.Duration(o.ETASeconds)*time.Second*3/2), mostPoll)
}

// notAccepted is the table from the provider's refusal of a POST to what
// becomes of the request.
func (s *Station) notAccepted(r *report.Request, err error) task.Result {
	code := report.CodeOf(err)
	ev := report.Evidence{"code": code, "error": err.Error()}
	var problem *protocol.Problem
	if !errors.As(err, &problem) {
		return task.Retry(err) // no answer, or none of this contract: the same POST again
	}
	switch problem.Status {
	case http.StatusGone:
		return task.Done(again(r, protocol.CodeTombstoned, ev))
	case http.StatusUnprocessableEntity:
		if code == protocol.CodeKeyReused {
			return task.Done(failure(r, report.Failure{Code: code}, ev))
		}
		return task.Done(rejection(r, report.Failure{Code: code, Detail: problem.Detail}, ev))
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return task.Done(failure(r, report.Failure{Code: code, Detail: problem.Detail}, ev))
	}
	return task.Retry(err) // down, busy, or our credentials: the deadline ends it
}
