package trace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

const (
	sweepRest  = 5 * time.Second
	sweepBatch = 100
)

// Sweep ends announcements that took too long, tells of missed promises and
// hunts orphans, until ctx ends.
func (s *Station) Sweep(ctx context.Context) {
	ctx = telemetry.WithRole(ctx, string(report.Trace))
	t := time.NewTicker(sweepRest)
	defer t.Stop()
	for look := 0; ; look++ {
		err := s.SweepOnce(ctx)
		if look%int(orphanRest/sweepRest) == 0 {
			err = telemetry.Join(err, s.HuntOrphans(ctx), s.Blobs.Tidy(ctx), s.Store.Update(ctx, func(tx ledger.Tx) error { return tx.Expire() }))
		}
		if err != nil && ctx.Err() == nil {
			for ctx, err := range telemetry.Each(ctx, err) {
				s.Log.ErrorContext(ctx, "sweep failed", "error", err)
			}
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// SweepOnce is one look at deadlines and promises.
func (s *Station) SweepOnce(ctx context.Context) error {
	ctx = telemetry.WithRole(ctx, string(report.Trace))
	var open, late []string
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		if open, err = v.Overdue([]report.State{report.Stored}, sweepBatch); err != nil {
			return err
		}
		late, err = v.Late(sweepBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for missed deadlines: %w", err)
	}
	var failed []error // one that cannot be ended holds up no other
	for _, guid := range open {
		if err := s.change(ctx, guid, closeOpen); err != nil {
			failed = append(failed, telemetry.About(guid, fmt.Errorf("end the announcing of %s: %w", guid, err)))
		}
	}
	for _, guid := range late {
		if err := s.change(ctx, guid, s.tellLate); err != nil {
			failed = append(failed, telemetry.About(guid, fmt.Errorf("tell that %s is late: %w", guid, err)))
		}
	}
	return telemetry.Join(failed...)
}

// change commits fn on a request and lets its effects follow.
func (s *Station) change(ctx context.Context, guid string, fn func(ledger.Tx, *report.Request, *task.Effects) error) error {
	ctx = telemetry.WithGUID(ctx, guid)
	var fx task.Effects
	err := s.Store.Update(ctx, func(tx ledger.Tx) error {
		fx = task.Effects{}
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		return fn(tx, r, &fx)
	})
	if err != nil {
		return err
	}
	for _, e := range fx.Events {
		if err := s.Publish.Publish(ctx, e); err != nil {
			s.Log.WarnContext(ctx, "event not published; the sweep will find its task", "error", err)
		}
	}
	for _, k := range fx.Next {
		s.runner.Wake(k.Kind)
	}
	return nil
}

// closeOpen delivers although letters are open: a day was enough. They are
// shown, and still tried.
func closeOpen(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
	if r.State != report.Stored || r.Deadline.IsZero() || tx.Now().Before(r.Deadline) {
		return nil
	}
	mails, err := tx.Mails(r.GUID)
	if err != nil {
		return err
	}
	var open []string
	for _, m := range mails {
		if m.Generation == r.Generation && m.Subject == ledger.SubjectReady && m.State.Open() {
			open = append(open, m.Account)
		}
	}
	return deliver(tx, r, report.Evidence{"open": open}, fx)
}

// tellLate tells requester and operators before they ask. What was late when the
// sweep looked may have been redriven since, with a new promise.
func (s *Station) tellLate(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
	if r.State.Terminal() || !r.LateAt.IsZero() || tx.Now().Before(r.ExpectedBy) {
		return nil
	}
	r.LateAt = tx.Now()
	if err := tx.Save(r, r.Version); err != nil {
		return err
	}
	if err := tx.Append(ledger.Fact(r, report.Trace, 0, "late", report.Evidence{"expected_by": r.ExpectedBy})); err != nil {
		return err
	}
	fx.Publish(event.ReportAnnounced, r)
	if err := tellOwnerAndOperators(tx, r, ledger.SubjectLate); err != nil || r.State == report.Stored {
		return err // it is here, and its own letter is on the way
	}
	return s.oweLate(tx, r, fx)
}

// oweLate owes the owner's letter about the missed promise, if they want it. It is
// written when it is sent: what is expected by then is in it.
func (s *Station) oweLate(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
	_, err := tx.Mail(r.GUID, r.Generation, ledger.SubjectLate, r.Asked.Owner)
	if !errors.Is(err, ledger.ErrNotFound) {
		return err // one a generation
	}
	owner, err := accountOf(tx, r.Asked.Owner)
	if err != nil || owner.Gone {
		return err
	}
	m := ledger.Mail{
		GUID: r.GUID, Generation: r.Generation, Subject: ledger.SubjectLate, Account: owner.Name,
		State: ledger.MailPending, Letter: ledger.NotWritten(), At: tx.Now(), CreatedAt: tx.Now(),
	}
	if !owner.WantsMail(m.Subject) {
		return s.end(tx, m, ledger.MailUnwanted, "")
	}
	if err := tx.PutMail(m); err != nil {
		return err
	}
	key := ledger.Key{GUID: r.GUID, Kind: ledger.Email, Subject: m.Task()}
	fx.Next = append(fx.Next, key)
	return tx.Owe(ledger.Task{Key: key, Generation: r.Generation, DueAt: tx.Now()})
}
