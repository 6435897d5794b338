package report

import "time"

// New is the birth of a request: into AWAITING_APPROVAL where the type's rule
// names a role, else into ACCEPTED (step 3).
func New(guid string, asked Asked, expected time.Duration, at time.Time) (*Request, Move, error) {
	r := &Request{GUID: guid, Generation: 1, Asked: asked, CreatedAt: at}
	if asked.Approval == NoApproval {
		m, err := r.accept(Evidence{"rule": "no approval"}, expected, at)
		return r, m, err
	}
	m, err := r.enter(AwaitingApproval, 0, at, Evidence{"rule": asked.Approval})
	r.Deadline = at.Add(ApprovalTime)
	return r, m, err
}

// accept enters ACCEPTED: what was asked is what may be submitted from now on.
func (r *Request) accept(ev Evidence, expected time.Duration, at time.Time) (Move, error) {
	hash, err := r.Asked.Hash()
	if err != nil {
		return Move{}, err
	}
	m, err := r.enter(Accepted, StepRecorded, at, ev)
	if err != nil {
		return Move{}, err
	}
	r.ApprovedHash = hash
	r.AcceptedAt = at
	r.Deadline = at.Add(PreparingTime)
	r.ExpectedBy = at.Add(expected)
	r.LateAt = time.Time{}
	return m, nil
}

// Approve lets the request run. Nobody approves what they asked for themselves.
func (r *Request) Approve(by string, expected time.Duration, at time.Time) (Move, error) {
	if r.State != AwaitingApproval {
		return Move{}, r.refuse(Accepted, "it does not wait for approval")
	}
	if by == r.Asked.Owner {
		return Move{}, r.refuse(Accepted, "nobody approves their own request")
	}
	return r.accept(Evidence{"approved_by": by}, expected, at)
}

// Decline ends the request for good, with a reason.
func (r *Request) Decline(by, reason string, at time.Time) (Move, error) {
	if by == r.Asked.Owner {
		return Move{}, r.refuse(Declined, "nobody declines their own request: cancel it instead")
	}
	if reason == "" {
		return Move{}, r.refuse(Declined, "a reason is needed")
	}
	return r.end(Declined, OutcomeDeclined, &Failure{Code: "declined", Stage: string(r.State), Detail: reason},
		0, at, Evidence{"declined_by": by, "reason": reason})
}

// Expire ends a request nobody approved in time.
func (r *Request) Expire(at time.Time) (Move, error) {
	if at.Before(r.Deadline) {
		return Move{}, r.refuse(Expired, "its deadline is %s", r.Deadline.Format(time.RFC3339))
	}
	return r.end(Expired, OutcomeExpired, &Failure{Code: "approval-expired", Stage: string(r.State), Retriable: true}, 0, at, nil)
}

// Cancel ends the request by its owner, an operator, or the system (with its
// reason). It is possible until the first STORED.
func (r *Request) Cancel(by, reason string, at time.Time) (Move, error) {
	if r.WasStored {
		return Move{}, r.refuse(Cancelled, "the report is already here")
	}
	return r.end(Cancelled, OutcomeCancelled, &Failure{Code: "cancelled", Stage: string(r.State), Detail: reason},
		0, at, Evidence{"cancelled_by": by, "reason": reason})
}

// Submit is the intent to post to the provider, committed with the lease of
// SUBMIT. It refuses if what would run is not what was approved.
func (r *Request) Submit(at time.Time, ev Evidence) (Move, error) {
	if r.State != Accepted {
		return Move{}, r.refuse(Submitting, "it is not accepted")
	}
	if err := r.CheckApproved(); err != nil {
		return Move{}, err
	}
	deadline := r.Deadline
	m, err := r.enter(Submitting, StepHeard, at, ev)
	r.Deadline = deadline
	r.Submitted = true
	r.Resubmits = 1
	return m, err
}

// CheckApproved refuses when the hash of what was asked is not the approved one.
func (r *Request) CheckApproved() error {
	hash, err := r.Asked.Hash()
	if err != nil {
		return err
	}
	if hash != r.ApprovedHash {
		return r.refuse(Submitting, "what would run is not what was approved")
	}
	return nil
}

// Prepare records the provider's 202 (step 5).
func (r *Request) Prepare(at time.Time, ev Evidence) (Move, error) {
	if r.State != Submitting {
		return Move{}, r.refuse(Preparing, "nothing was submitted")
	}
	return r.onward(Preparing, StepPosted, at, ev)
}

// onward enters a state that shares the deadline of the one before.
func (r *Request) onward(to State, step Step, at time.Time, ev Evidence) (Move, error) {
	deadline := r.Deadline
	m, err := r.enter(to, step, at, ev)
	if err == nil {
		r.Deadline = deadline
	}
	return m, err
}

// NextGeneration begins the next attempt at a provider that forgot this one
// or, once, buried it unasked; only the latter is possible before the 202.
func (r *Request) NextGeneration(tombstoned bool, at time.Time, ev Evidence) (Move, error) {
	if r.State != Preparing && (r.State != Submitting || !tombstoned) {
		return Move{}, r.refuse(Submitting, "there is no attempt the provider could have forgotten")
	}
	if r.Resubmits >= MaxGenerations {
		return Move{}, r.refuse(Submitting, "%d generations were tried", r.Resubmits)
	}
	if tombstoned && r.Tombstoned {
		return Move{}, r.refuse(Submitting, "it was buried twice")
	}
	m, err := r.onward(Submitting, 0, at, ev)
	if err != nil {
		return Move{}, err
	}
	r.Generation++
	r.Resubmits++
	r.Tombstoned = r.Tombstoned || tombstoned
	r.forget()
	return m, nil
}

// forget drops what was known of the generation before.
func (r *Request) forget() {
	r.Manifest, r.ExpiresAt, r.MissedAt, r.Lost = Manifest{}, time.Time{}, time.Time{}, 0
}

// Missed notes an answer that the provider knows nothing of this generation. It
// is no move. Two of them, with no other answer between and the second asked
// for at least ForgottenAfter after the first was noted, mean: forgotten.
func (r *Request) Missed(askedAt, at time.Time) (forgotten bool) {
	if !r.MissedAt.IsZero() && askedAt.Sub(r.MissedAt) >= ForgottenAfter {
		return true
	}
	if r.MissedAt.IsZero() {
		r.MissedAt = at
	}
	return false
}

// Found records that the provider's own answer says ready (step 8).
func (r *Request) Found(m Manifest, expires, at time.Time, ev Evidence) (Move, error) {
	if r.State != Preparing {
		return Move{}, r.refuse(Ready, "it is not being prepared")
	}
	if len(m.Files) == 0 {
		return Move{}, r.refuse(Ready, "the provider lists no file")
	}
	mv, err := r.onward(Ready, StepReadyHeard, at, ev)
	r.Manifest, r.ExpiresAt, r.MissedAt = m, expires, time.Time{}
	return mv, err
}

// Gone returns to PREPARING: a file is gone although the operation says ready.
func (r *Request) Gone(at time.Time, ev Evidence) (Move, error) {
	if r.State != Ready {
		return Move{}, r.refuse(Preparing, "it is not ready")
	}
	r.Lost++
	return r.onward(Preparing, 0, at, ev)
}

// Store records that the last file lies verified and durable in our storage
// (step 10).
func (r *Request) Store(at time.Time, ev Evidence) (Move, error) {
	m, err := r.enter(Stored, StepStored, at, ev)
	if err != nil {
		return Move{}, err
	}
	r.WasStored = true
	r.AnnouncedAt = time.Time{}
	return m, nil
}

// Announced notes that the notices and letters of the current outcome are
// committed. It is no move; in STORED the deadline runs from here.
func (r *Request) Announced(at time.Time) {
	r.AnnouncedAt = at
	if r.State == Stored {
		r.Deadline = at.Add(AnnouncingTime)
	}
}

// Deliver ends the journey well (step 13).
func (r *Request) Deliver(at time.Time, ev Evidence) (Move, error) {
	if r.AnnouncedAt.IsZero() {
		return Move{}, r.refuse(Delivered, "it was not announced")
	}
	announced := r.AnnouncedAt
	m, err := r.end(Delivered, r.Manifest.Outcome(), nil, StepDelivered, at, ev)
	r.AnnouncedAt = announced
	return m, err
}

// Damaged returns to READY: our bytes no longer match their digest. The third
// time is the last: FAILED(storage).
func (r *Request) Damaged(at time.Time, ev Evidence) (Move, error) {
	if r.State != Stored {
		return Move{}, r.refuse(Ready, "it is not stored")
	}
	if r.Refetches+1 >= MaxRefetches {
		return r.end(Failed, OutcomeFailed, &Failure{Code: "storage", Stage: string(Stored), Retriable: true}, 0, at, ev)
	}
	m, err := r.enter(Ready, 0, at, ev)
	r.Refetches++
	r.AnnouncedAt = time.Time{}
	r.Deadline = at.Add(PreparingTime)
	return m, err
}

// Reject ends the request because the provider refuses it.
func (r *Request) Reject(f Failure, at time.Time, ev Evidence) (Move, error) {
	if f.Stage == "" {
		f.Stage = string(r.State)
	}
	return r.end(Rejected, OutcomeRejected, &f, 0, at, ev)
}

// Fail ends the request with a code and the stage it failed in. A report that
// is here fails only by damage, see Damaged.
func (r *Request) Fail(f Failure, at time.Time, ev Evidence) (Move, error) {
	if r.State == Stored {
		return Move{}, r.refuse(Failed, "the report is already here")
	}
	if f.Stage == "" {
		f.Stage = string(r.State)
	}
	return r.end(Failed, OutcomeFailed, &f, 0, at, ev)
}

// Redrive sends a failed or rejected request on its way again, as the next
// generation. The approved hash stays; version is the one the person saw, so a
// second press is refused.
func (r *Request) Redrive(by string, version int64, expected time.Duration, at time.Time) (Move, error) {
	if r.State != Failed && r.State != Rejected {
		return Move{}, r.refuse(Accepted, "only a failed or rejected request can be redriven")
	}
	if r.Version != version {
		return Move{}, r.refuse(Accepted, "it has moved on since it was looked at")
	}
	if !r.PurgedAt.IsZero() {
		return Move{}, r.refuse(Accepted, "it was purged")
	}
	if err := r.CheckApproved(); err != nil {
		return Move{}, err
	}
	m, err := r.accept(Evidence{"redriven_by": by}, expected, at)
	if err != nil {
		return Move{}, err
	}
	r.Generation++
	r.Outcome, r.Failure = "", nil
	r.EndedAt, r.AnnouncedAt, r.CollectedAt = time.Time{}, time.Time{}, time.Time{}
	r.Resubmits, r.Refetches, r.Tombstoned, r.WasStored = 0, 0, false, false
	r.forget()
	return m, nil
}
