package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// track asks the provider how the report stands (step 8). A webhook only made
// us look: this answer decides.
func (s *Station) track(ctx context.Context, l task.Leased) task.Result {
	r, asked := l.Request, l.Now
	if r == nil {
		return task.Retry(errUnknown)
	}
	if r.State != report.Preparing {
		return task.Done(nil)
	}
	answer, err := s.Provider.Operation(ctx, r.GUID, "")
	var problem *protocol.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusNotFound {
		return s.missed(r, asked, "404 "+problem.Code)
	}
	if err != nil {
		return task.Retry(err)
	}
	return s.judge(ctx, r, asked, answer, l.Attempts)
}

// now is the ledger's clock.
func (s *Station) now(ctx context.Context) (now time.Time, err error) {
	err = s.Store.View(ctx, func(v ledger.View) error { now = v.Now(); return nil })
	return now, err
}

// judge is the table from the provider's answer to what becomes of the request.
func (s *Station) judge(ctx context.Context, r *report.Request, asked time.Time, a protocol.Answer[protocol.Operation], polls int) task.Result {
	o := a.Value
	ev := report.Evidence{"state": o.State, "rev": o.Rev}
	switch {
	case o.Generation > r.Generation:
		s.Log.ErrorContext(ctx, "the provider speaks of a generation nobody asked for", "generation", o.Generation)
		return s.wait(r, a, polls)
	case o.Generation < r.Generation:
		return s.missed(r, asked, "operation of an earlier generation")
	case o.State == protocol.Deleted:
		ev["reason"] = o.Reason
		return task.Done(again(r, "forgotten", ev))
	case o.State == protocol.Rejected || o.State == protocol.Failed:
		return task.Done(ended(r, o, ev))
	case o.State == protocol.Ready && r.Lost >= report.MaxLost:
		return task.Done(again(r, "forgotten", report.Evidence{"gone": r.Lost}))
	case o.State == protocol.Ready:
		return task.Done(s.found(r, o))
	case !o.State.Known():
		s.Log.ErrorContext(ctx, "the provider is in a state nobody here knows; taken as running", "state", o.State)
	}
	return s.wait(r, a, polls)
}

// ended commits the provider's own bad end.
func ended(r *report.Request, o protocol.Operation, ev report.Evidence) func(ledger.Tx, *task.Effects) error {
	f := report.Failure{Code: "provider-" + string(o.State)}
	if e := o.Error; e != nil {
		f = report.Failure{Code: e.Code, Detail: e.Detail, Retriable: e.Retriable, Stage: e.Stage}
		ev["code"], ev["detail"] = e.Code, e.Detail
	}
	if o.State == protocol.Rejected {
		return rejection(r, f, ev)
	}
	return failure(r, f, ev)
}

// wait looks again when the provider says that it is worth it, else in doubling
// steps, and writes down how far it is, beside the request: neither version nor
// journal know of it. A good answer ends a count of misses.
func (s *Station) wait(r *report.Request, a protocol.Answer[protocol.Operation], polls int) task.Result {
	pause := pollAfter(a.RetryAfter, min(firstPoll(a.Value)<<min(polls, 10), mostPoll))
	return task.Later(pause, change(r, func(tx ledger.Tx, r *report.Request, _ *task.Effects) error {
		if a.Value.Generation == r.Generation {
			if err := tx.PutProgress(progressOf(r, a.Value, tx.Now())); err != nil {
				return err
			}
		}
		if r.MissedAt.IsZero() {
			return nil
		}
		r.MissedAt = time.Time{}
		return tx.Save(r, r.Version)
	}))
}

// missed counts answers that the provider knows nothing of it: the second,
// asked for half a minute after the first was settled, means it has forgotten.
func (s *Station) missed(r *report.Request, asked time.Time, what string) task.Result {
	switch {
	case r.MissedAt.IsZero():
		return task.Later(report.ForgottenAfter, firstMiss(r, asked, what))
	case r.Missed(asked, asked):
		return task.Done(again(r, "forgotten", report.Evidence{"answer": what, "missed_at": r.MissedAt}))
	}
	// Woken meanwhile: the first miss still counts from its time.
	return task.Later(r.MissedAt.Add(report.ForgottenAfter).Sub(asked), nil)
}

// firstMiss notes the first of two misses at the time it is settled.
func firstMiss(seen *report.Request, asked time.Time, what string) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, _ *task.Effects) error {
		r.Missed(asked, tx.Now())
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		return tx.Append(ledger.Fact(r, report.Gateway, 0, "missed", report.Evidence{"answer": what}))
	})
}

// found commits READY with the files that are owed. Bytes we hold already, with
// the digest that is declared now, are not fetched again.
func (s *Station) found(seen *report.Request, o protocol.Operation) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		heard, err := heardFrom(tx, r)
		if err != nil {
			return err
		}
		m, err := r.Found(o.Manifest(), o.ExpiresAt, tx.Now(), heard)
		if err != nil {
			return err
		}
		prepared := report.Evidence{"sources": len(o.Sources), "files": len(o.Results), "rev": o.Rev}
		if err := tx.Append(ledger.Fact(r, report.ProviderApp, report.StepPrepared, "prepared", prepared)); err != nil {
			return err
		}
		owe, err := owedFiles(tx, r)
		if err != nil {
			return err
		}
		if err := ledger.Move(tx, r, m, owe...); err != nil {
			return err
		}
		for _, t := range owe {
			fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: t.Kind, Subject: t.Subject})
		}
		if len(owe) > 0 {
			return nil
		}
		return stored(tx, r, report.Evidence{"files": "already here"}, fx)
	})
}

// heardFrom is the evidence of how we came to look: the webhook, or our poll.
func heardFrom(v ledger.View, r *report.Request) (report.Evidence, error) {
	hooks, err := v.Hooks(r.GUID, r.Generation)
	if err != nil || len(hooks) == 0 {
		return report.Evidence{"heard": "poll"}, err
	}
	return report.Evidence{"heard": "webhook", "webhook_id": hooks[len(hooks)-1].ID}, nil
}

// owedFiles writes a row for each declared file and lists the FETCH tasks of
// those whose bytes are not here.
func owedFiles(tx ledger.Tx, r *report.Request) ([]ledger.Task, error) {
	have, err := tx.Files(r.GUID)
	if err != nil {
		return nil, err
	}
	var owe []ledger.Task
	for _, f := range r.Manifest.Files {
		row := ledger.File{GUID: r.GUID, Generation: r.Generation, File: f}
		at := slices.IndexFunc(have, func(h ledger.File) bool { return h.Generation == r.Generation && h.Name == f.Name })
		if at >= 0 && here(have[at], f) {
			continue
		}
		if at >= 0 {
			row.Refused = have[at].Refused
		}
		if err := tx.PutFile(row); err != nil {
			return nil, err
		}
		owe = append(owe, ledger.Task{Key: ledger.Key{Kind: ledger.Fetch, Subject: f.Name}, DueAt: tx.Now()})
	}
	return owe, nil
}

func here(row ledger.File, f report.File) bool {
	return row.BlobKey != "" && !row.Damaged && row.SHA256 == f.SHA256 && row.Size == f.Size
}

// stored commits STORED (step 10).
func stored(tx ledger.Tx, r *report.Request, ev report.Evidence, fx *task.Effects) error {
	m, err := r.Store(tx.Now(), ev)
	if err != nil {
		return err
	}
	fx.Publish(event.ReportIsHere, r)
	return ledger.Move(tx, r, m)
}
