package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

const (
	expiryGrace   = 24 * time.Hour      // after which an expired copy is no longer ours to chase
	unknownExpiry = 30 * 24 * time.Hour // where the provider named none
	orphanAge     = 24 * time.Hour
	mostPages     = 10000 // of the provider's list: one without end is a lie
)

// clean deletes the provider's copy of all generations up to the task's. It
// leaves a tombstone there, so that a POST still under way comes too late.
func (s *Station) clean(ctx context.Context, l task.Leased) task.Result {
	r := l.Request
	if r == nil {
		return task.Retry(errUnknown)
	}
	began := s.Now()
	err := s.Provider.Delete(ctx, l.GUID, l.Generation)
	if err != nil {
		return s.notCleaned(ctx, r, l, err)
	}
	ev := report.Evidence{"generations_up_to": l.Generation, "took_ms": s.since(began).Milliseconds()}
	return task.Done(func(tx ledger.Tx, _ *task.Effects) error {
		return appendFact(tx, l.GUID, "cleaned_at_provider", ev)
	})
}

// notCleaned keeps trying until the copy has expired by itself.
func (s *Station) notCleaned(ctx context.Context, r *report.Request, l task.Leased, err error) task.Result {
	now, clock := s.now(ctx)
	if clock != nil {
		return task.Retry(clock)
	}
	until := r.ExpiresAt.Add(expiryGrace)
	if r.ExpiresAt.IsZero() {
		until = r.UpdatedAt.Add(unknownExpiry)
	}
	if now.Before(until) {
		return task.Retry(err)
	}
	s.Log.ErrorContext(ctx, "a copy is left behind at the provider", "error", err)
	return task.Done(func(tx ledger.Tx, _ *task.Effects) error {
		return appendFact(tx, l.GUID, leftBehind, report.Evidence{"error": err.Error(), "generations_up_to": l.Generation})
	})
}

func appendFact(tx ledger.Tx, guid, name string, ev report.Evidence) error {
	r, err := tx.Request(guid)
	if err != nil {
		return err
	}
	return tx.Append(ledger.Fact(r, report.Gateway, 0, name, ev))
}

// leftBehind is the fact that a copy was given up.
const leftBehind = "left_behind"

// givenUp reports whether the copy was left behind already: it is still listed,
// and to owe its DELETE anew each hour would only fill the journal.
func givenUp(v ledger.View, guid string, upTo int) (bool, error) {
	rows, err := v.Journal(guid)
	for _, e := range rows {
		if upon, ok := e.Evidence["generations_up_to"].(float64); ok && e.Name == leftBehind && int(upon) >= upTo {
			return true, err
		}
	}
	return false, err
}

// HuntOrphans deletes what lies at the provider without a living request: of an
// unknown GUID, of a request that is over, or of an older generation.
func (s *Station) HuntOrphans(ctx context.Context) error {
	ctx = telemetry.WithRole(ctx, string(report.Gateway))
	now, err := s.now(ctx)
	if err != nil {
		return fmt.Errorf("hunt orphans: %w", err)
	}
	var failed []error
	page := ""
	for range mostPages {
		p, err := s.Provider.Operations(ctx, time.Time{}, page)
		if err != nil {
			return telemetry.Join(append(failed, fmt.Errorf("hunt orphans: %w", err))...)
		}
		for _, o := range p.Operations {
			if !orphanAged(o, now) {
				continue
			}
			if err := s.bury(telemetry.WithGUID(ctx, o.ReportID), o); err != nil { // the others are looked at all the same
				failed = append(failed, telemetry.About(o.ReportID, fmt.Errorf("hunt orphans: %s: %w", o.ReportID, err)))
			}
		}
		if page = p.Next; page == "" {
			return telemetry.Join(failed...)
		}
	}
	return telemetry.Join(append(failed, fmt.Errorf("hunt orphans: the list has no end after %d pages", mostPages))...)
}

// orphanAged reports whether o is old enough to be taken for an orphan. One that
// does not tell its age is not.
func orphanAged(o protocol.Operation, now time.Time) bool {
	return o.State != protocol.Deleted && !o.UpdatedAt.IsZero() && now.Sub(o.UpdatedAt) >= orphanAge
}

// bury looks the operation up again just before it owes, or sends, the DELETE.
func (s *Station) bury(ctx context.Context, o protocol.Operation) error {
	err := s.Store.Update(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(o.ReportID)
		if err != nil {
			return err
		}
		if !r.State.Terminal() && o.Generation >= r.Generation {
			return nil
		}
		upTo := o.Generation
		if !r.State.Terminal() {
			upTo = min(upTo, r.Generation-1)
		}
		if given, err := givenUp(tx, r.GUID, upTo); err != nil || given {
			return err
		}
		return tx.Owe(ledger.Task{Key: ledger.Key{GUID: r.GUID, Kind: ledger.ProviderDelete}, Generation: upTo, DueAt: tx.Now()})
	})
	if errors.Is(err, ledger.ErrNotFound) {
		s.Log.WarnContext(ctx, "a report without a request lies at the provider; deleting it")
		return s.Provider.Delete(ctx, o.ReportID, o.Generation)
	}
	return err
}
