package trace

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

const (
	// untilHad bounds how long a report that is kept only until it is had waits
	// to be had.
	untilHad   = 7 * 24 * time.Hour
	purgeRest  = time.Minute // while a letter is still open
	orphanAge  = 24 * time.Hour
	orphanRest = time.Hour
)

// purge removes our bytes and letters at the end of the retention. The
// request's row and its journal stay.
func (s *Station) purge(ctx context.Context, l task.Leased) task.Result {
	var r *report.Request
	var rest time.Duration
	var files []ledger.File
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		if r, err = v.Request(l.GUID); err != nil {
			return err
		}
		if rest, err = untilPurge(v, r); err != nil {
			return err
		}
		files, err = v.Files(r.GUID)
		return err
	})
	if err != nil {
		return task.Retry(err)
	}
	if !r.State.Terminal() || !r.PurgedAt.IsZero() {
		return task.Done(nil)
	}
	if rest > 0 {
		return task.Later(rest, nil)
	}
	for _, f := range files {
		if f.BlobKey == "" {
			continue
		}
		if err := s.Blobs.Delete(ctx, f.BlobKey); err != nil && !isMissing(err) {
			return task.Retry(fmt.Errorf("purge %s: %w", f.BlobKey, err))
		}
	}
	return task.Done(purged(r, len(files)))
}

// untilPurge is how long the report must still be kept; 0: not at all.
func untilPurge(v ledger.View, r *report.Request) (time.Duration, error) {
	mails, err := v.Mails(r.GUID)
	if err != nil {
		return 0, err
	}
	for _, m := range mails {
		if m.State.Open() {
			return purgeRest, nil
		}
	}
	if r.State.Terminal() && r.AnnouncedAt.IsZero() {
		return purgeRest, nil // people are told before anything is forgotten
	}
	if r.Asked.Retention > 0 || final(r.State) || !r.CollectedAt.IsZero() {
		return r.EndedAt.Add(r.Asked.Retention).Sub(v.Now()), nil
	}
	if r.State == report.Delivered && attachedEverywhere(mails, r) {
		return 0, nil
	}
	return r.EndedAt.Add(untilHad).Sub(v.Now()), nil
}

// final reports whether the request ended for good without a document: nobody
// can come for it, or redrive it.
func final(s report.State) bool {
	return s == report.Declined || s == report.Expired || s == report.Cancelled
}

// attachedEverywhere reports whether every recipient got the document itself.
func attachedEverywhere(mails []ledger.Mail, r *report.Request) bool {
	got := false
	for _, m := range mails {
		if m.Generation != r.Generation || m.Subject != ledger.SubjectReady {
			continue
		}
		var row mail.Row
		if m.State != ledger.MailSent || json.Unmarshal(m.Letter, &row) != nil || len(row.Attachments) == 0 {
			return false
		}
		got = true
	}
	return got
}

// purged is the last commit: a compare-and-set on the version, so that a
// redrive in between wins.
func purged(seen *report.Request, files int) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, _ *task.Effects) error {
		r, err := unmoved(tx, seen)
		if err != nil {
			return err
		}
		r.PurgedAt = tx.Now()
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		if err := tx.Forget(r.GUID); err != nil {
			return err
		}
		return tx.Append(ledger.Fact(r, report.Trace, 0, "cleaned_here", report.Evidence{"files": files}))
	}
}

// HuntOrphans removes bytes that no row names, a day after they were written.
func (s *Station) HuntOrphans(ctx context.Context) error {
	ctx = telemetry.WithRole(ctx, string(report.Trace))
	var now time.Time
	err := s.Store.View(ctx, func(v ledger.View) error { now = v.Now(); return nil })
	if err != nil {
		return fmt.Errorf("hunt orphans: %w", err)
	}
	for e, err := range s.Blobs.List(ctx, now.Add(-orphanAge)) {
		if err == nil {
			err = s.bury(ctx, e.Key)
		}
		if err != nil {
			return fmt.Errorf("hunt orphans: %w", err)
		}
	}
	return nil
}

// bury looks for a row just before it removes the bytes.
func (s *Station) bury(ctx context.Context, key string) error {
	var known bool
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		known, err = v.BlobKnown(key)
		return err
	})
	if err != nil || known {
		return err
	}
	if guid, _, _ := strings.Cut(key, "."); protocol.CheckGUID(guid) == nil {
		ctx = telemetry.WithGUID(ctx, guid)
	}
	s.Log.InfoContext(ctx, "bytes without a row removed", "key", key)
	return s.Blobs.Delete(ctx, key)
}
