package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"time"

	"peyk/internal/backoffice/gateway/dial"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// maxRefused is how many full downloads may fail their check before the report
// is given up.
const maxRefused = 3

// fetch gets one file (step 9), checks it and keeps it (step 10).
func (s *Station) fetch(ctx context.Context, l task.Leased) task.Result {
	r := l.Request
	if r == nil {
		return task.Retry(errUnknown)
	}
	at := slices.IndexFunc(r.Manifest.Files, func(f report.File) bool { return f.Name == l.Subject })
	if r.State != report.Ready || at < 0 {
		return task.Done(nil)
	}
	declared := r.Manifest.Files[at]
	key := blobKey(r, declared.Name, l.Fence)
	began := s.Now()
	seen, err := s.download(ctx, r, declared, key)
	if err == nil {
		err = s.verify(ctx, key, declared, seen)
	}
	if err != nil {
		return s.notFetched(ctx, r, declared, key, err)
	}
	return task.Done(s.kept(r, declared, key, s.since(began)))
}

// blobKey is a key of this lease's own, so that two downloads never meet. It is
// flat: directories for each request would have to be made, synced and removed.
// The name in it is for people.
func blobKey(r *report.Request, name string, fence int64) string {
	return fmt.Sprintf("%s.%d.%.40s.%d", r.GUID, r.Generation, name, fence)
}

func (s *Station) download(ctx context.Context, r *report.Request, f report.File, key string) (blob.Written, error) {
	if all := allBytes(r.Manifest); all > s.MaxBytes {
		return blob.Written{}, &report.Error{Class: report.Lying, Code: "too-large", Cause: fmt.Errorf("%d bytes are declared, %d were allowed", all, s.MaxBytes)}
	}
	body := &resuming{ctx: ctx, provider: s.Provider, want: protocol.FileRequest{
		GUID: r.GUID, Name: f.Name, Generation: r.Generation, Limit: f.Size,
	}}
	defer body.Close()
	if err := body.open(); err != nil {
		return blob.Written{}, err
	}
	got, err := s.Blobs.Put(ctx, key, body, f.Size)
	if errors.Is(err, blob.ErrTooLarge) {
		return got, &report.Error{Class: report.Lying, Code: "size-mismatch", Cause: fmt.Errorf("keep %s of %s: %w", f.Name, r.GUID, err)}
	}
	if err != nil {
		return got, fmt.Errorf("keep %s of %s: %w", f.Name, r.GUID, err)
	}
	return got, nil
}

// allBytes is the declared size of all files together; one that would overflow
// is as good as endless.
func allBytes(m report.Manifest) (sum int64) {
	for _, f := range m.Files {
		if sum += f.Size; sum < 0 {
			return math.MaxInt64
		}
	}
	return sum
}

// verify believes the bytes only if they are the declared ones and the gate
// lets them pass.
func (s *Station) verify(ctx context.Context, key string, f report.File, got blob.Written) error {
	if got.Size != f.Size || got.SHA256 != f.SHA256 {
		return &report.Error{Class: report.Lying, Code: "digest-mismatch", Cause: fmt.Errorf(
			"%s: %d bytes with SHA-256 %s came, %d with %s were declared", f.Name, got.Size, got.SHA256, f.Size, f.SHA256)}
	}
	if !delivered(f.MediaType) {
		return &report.Error{Class: report.Lying, Code: "media-type", Cause: fmt.Errorf("%s is %q", f.Name, f.MediaType)}
	}
	body, size, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return fmt.Errorf("open %s for the gate: %w", key, err)
	}
	defer body.Close()
	pages, err := s.Gate.Check(ctx, f.MediaType, body, size)
	if err == nil && f.Pages > 0 && pages != f.Pages {
		err = &report.Error{Class: report.Lying, Code: "page-count", Cause: fmt.Errorf("%s has %d pages, %d were declared", f.Name, pages, f.Pages)}
	}
	return err
}

// delivered tells whether reports come as files of this media type.
func delivered(mediaType string) bool {
	switch mediaType {
	case "application/pdf", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return true
	}
	return false
}

// kept commits the file's row, and STORED with the last one.
func (s *Station) kept(seen *report.Request, f report.File, key string, took time.Duration) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := tx.Request(seen.GUID)
		if err != nil {
			return err
		}
		// Another file of the same generation does not change the version; a
		// move does, and then these bytes have lost.
		if r.Version != seen.Version {
			return ledger.ErrConflict
		}
		row := ledger.File{GUID: r.GUID, Generation: r.Generation, File: f, BlobKey: key, StoredAt: tx.Now()}
		if err := tx.PutFile(row); err != nil {
			return err
		}
		fetched := report.Evidence{"file": f.Name, "status": "200 OK", "bytes": f.Size, "sha256": f.SHA256, "took_ms": took.Milliseconds()}
		if err := tx.Append(ledger.Fact(r, report.Gateway, report.StepFetched, "fetched", fetched)); err != nil {
			return err
		}
		if done, err := allHere(tx, r); err != nil || !done {
			return err
		}
		return stored(tx, r, report.Evidence{"file": f.Name, "sha256": f.SHA256, "pages": f.Pages, "rows": f.Rows, "blob_key": key}, fx)
	}
}

func allHere(v ledger.View, r *report.Request) (bool, error) {
	rows, err := v.Files(r.GUID)
	if err != nil {
		return false, err
	}
	for _, f := range r.Manifest.Files {
		if !slices.ContainsFunc(rows, func(row ledger.File) bool {
			return row.Generation == r.Generation && row.Name == f.Name && here(row, f)
		}) {
			return false, nil
		}
	}
	return true, nil
}

// notFetched is the table from what went wrong to what becomes of the file.
func (s *Station) notFetched(ctx context.Context, r *report.Request, f report.File, key string, err error) task.Result {
	var problem *protocol.Problem
	if errors.As(err, &problem) && (problem.Status == http.StatusGone || problem.Status == http.StatusNotFound) {
		return task.Done(gone(r, report.Evidence{"file": f.Name, "status": problem.Status, "code": problem.Code}))
	}
	if report.ClassOf(err) != report.Lying {
		return task.Retry(err)
	}
	s.Log.ErrorContext(ctx, "the file is not what the provider declared; set aside", "file", f.Name, "error", err)
	if aside := s.Blobs.SetAside(ctx, key); aside != nil && !errors.Is(aside, blob.ErrNotFound) {
		s.Log.WarnContext(ctx, "not set aside; the orphan rule will remove it", "key", key, "error", aside)
	}
	return task.Later(leastPause, refused(r, f, err))
}

// refused counts a download that did not pass; the third ends the request.
func refused(seen *report.Request, f report.File, why error) func(ledger.Tx, *task.Effects) error {
	ev := report.Evidence{"file": f.Name, "code": report.CodeOf(why), "error": why.Error()}
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		rows, err := tx.Files(r.GUID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rows, func(row ledger.File) bool { return row.Generation == r.Generation && row.Name == f.Name })
		row := ledger.File{GUID: r.GUID, Generation: r.Generation, File: f}
		if at >= 0 {
			row = rows[at]
		}
		row.Refused++
		if row.Refused >= maxRefused {
			return failure(seen, report.Failure{Code: "verification", Detail: report.CodeOf(why)}, ev)(tx, fx)
		}
		if err := tx.PutFile(row); err != nil {
			return err
		}
		return tx.Append(ledger.Fact(r, report.Gateway, 0, "refused", ev))
	})
}

// gone returns to PREPARING: TRACK asks again whether it is really ready.
func gone(seen *report.Request, ev report.Evidence) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		m, err := r.Gone(tx.Now(), ev)
		if err != nil {
			return err
		}
		fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: ledger.Track})
		return ledger.Move(tx, r, m, ledger.Task{Key: ledger.Key{Kind: ledger.Track}, DueAt: tx.Now()})
	})
}

// The least a provider must send, on average over the window: less is a stalled
// connection, or one that means to keep us busy.
const (
	leastRate  = 4 << 10 // bytes per second
	rateWindow = 30 * time.Second
)

// maxResumes bounds how often one download goes on after a broken connection.
const maxResumes = 5

// resuming reads a file over as many connections as it takes, going on where
// the last one broke, and only under the same strong ETag.
type resuming struct {
	ctx      context.Context
	provider Provider
	want     protocol.FileRequest
	body     *protocol.FileBody
	resumes  int
}

func (r *resuming) open() error {
	body, err := r.provider.File(r.ctx, r.want)
	if err != nil {
		return err
	}
	if body.Offset != r.want.Offset {
		body.Body.Close()
		return &report.Error{Class: report.Transient, Code: "not-resumed", Cause: errors.New("the provider begins again from the first byte")}
	}
	if body.Size >= 0 && body.Size != r.want.Limit {
		body.Body.Close()
		return &report.Error{Class: report.Lying, Code: "size-mismatch", Cause: fmt.Errorf("%d bytes are offered, %d were declared", body.Size, r.want.Limit)}
	}
	body.Body = dial.MinRate(body.Body, r.want.Limit, leastRate, rateWindow)
	r.body, r.want.IfRange = body, body.ETag
	return nil
}

func (r *resuming) Read(p []byte) (int, error) {
	n, err := r.body.Body.Read(p)
	r.want.Offset += int64(n)
	if err == nil || err == io.EOF || report.ClassOf(err) == report.Lying {
		return n, err
	}
	if r.want.IfRange == "" || r.resumes >= maxResumes || r.ctx.Err() != nil {
		return n, fmt.Errorf("read %s of %s after %d bytes: %w", r.want.Name, r.want.GUID, r.want.Offset, err)
	}
	r.resumes++
	r.body.Body.Close()
	return n, r.open()
}

func (r *resuming) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Body.Close()
}
