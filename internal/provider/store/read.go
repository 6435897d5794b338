package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// snapshot reads one state of the store. Two reads that are compared with each
// other belong into one: between them, somebody may have committed.
func (r *Reader) snapshot(ctx context.Context, do func(querier) error) error {
	tx, err := r.db.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return do(tx)
}

// micros is a time as the tables hold it.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// operationQuery reads a report with its highest generation. A job is never
// older than the tombstone, so where there is one, it is the answer.
const operationQuery = `
select r.guid, r.rev, r.tombstone, r.reason, r.updated_at,
       coalesce(j.generation, 0), coalesce(j.state, ''), coalesce(j.eta_seconds, 0), coalesce(j.progress, ''),
       coalesce(j.results, ''), coalesce(j.sources, ''), coalesce(j.error, ''), coalesce(j.expires_at, 0),
       coalesce(j.reviews, 0)
from reports r
left join jobs j on j.guid = r.guid and j.generation = (select max(generation) from jobs where guid = r.guid)
`

// Operation gives the operation of the highest generation, or ErrUnknown.
func (r *Reader) Operation(ctx context.Context, guid string) (protocol.Operation, error) {
	return operation(ctx, r.db, guid)
}

func operation(ctx context.Context, q querier, guid string) (protocol.Operation, error) {
	o, err := scanOperation(q.QueryRowContext(ctx, operationQuery+"where r.guid = ?", guid))
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrUnknown
	}
	if err != nil {
		return o, fmt.Errorf("read report %s: %w", guid, err)
	}
	return o, nil
}

func scanOperation(row interface{ Scan(...any) error }) (protocol.Operation, error) {
	var o protocol.Operation
	var tombstone, reviews int
	var reason, progress, results, sources, failure string
	var updated, expires int64
	err := row.Scan(&o.ReportID, &o.Rev, &tombstone, &reason, &updated,
		&o.Generation, &o.State, &o.ETASeconds, &progress, &results, &sources, &failure, &expires, &reviews)
	if err != nil {
		return o, err
	}
	o.UpdatedAt, o.ExpiresAt = fromMicros(updated), fromMicros(expires)
	if o.Generation == 0 {
		o.Generation, o.State, o.Reason = tombstone, protocol.Deleted, reason
		return o, nil
	}
	if o.State == protocol.Preparing && reviews > 0 {
		o.State = protocol.PendingReview // it is being audited again
	}
	if o.State.Ended() {
		o.ETASeconds, progress = 0, ""
	}
	return o, errors.Join(fill(&o.Progress, progress), fill(&o.Results, results), fill(&o.Sources, sources), fill(&o.Error, failure))
}

// fill decodes a JSON column; an empty one leaves v as it is.
func fill(v any, column string) error {
	if column == "" {
		return nil
	}
	return json.Unmarshal([]byte(column), v)
}

// Operations gives at most limit operations that changed after a time, oldest
// change first, and the page value of the next call, "" at the end. ErrUnknown
// is a page nobody gave out.
func (r *Reader) Operations(ctx context.Context, after time.Time, page string, limit int) ([]protocol.Operation, string, error) {
	at, guid := micros(after), "\xff" // no GUID is greater: only later times follow
	if page != "" {
		var err error
		if at, guid, err = parsePage(page); err != nil {
			return nil, "", err
		}
	}
	rows, err := r.db.QueryContext(ctx, operationQuery+"where (r.updated_at, r.guid) > (?, ?) order by r.updated_at, r.guid limit ?", at, guid, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list operations: %w", err)
	}
	defer rows.Close()
	list := make([]protocol.Operation, 0, limit)
	for rows.Next() {
		if len(list) == limit {
			last := list[limit-1]
			return list, formatPage(micros(last.UpdatedAt), last.ReportID), nil
		}
		o, err := scanOperation(rows)
		if err != nil {
			return nil, "", fmt.Errorf("list operations: %w", err)
		}
		list = append(list, o)
	}
	return list, "", rows.Err()
}

func formatPage(at int64, guid string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", at, guid))
}

func parsePage(page string) (int64, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(page)
	stamp, guid, _ := strings.Cut(string(raw), ".")
	at, err2 := strconv.ParseInt(stamp, 10, 64)
	if err := errors.Join(err, err2, protocol.CheckGUID(guid)); err != nil {
		return 0, "", fmt.Errorf("page %.40q: %w", page, ErrUnknown)
	}
	return at, guid, nil
}

// StoredFile is a published file, open for reading.
type StoredFile struct {
	report.File
	Content blob.File
}

// File opens a file of a generation. It refuses with ErrUnknown, ErrNoFile,
// ErrNotReady or ErrGone. The caller closes it; it stays readable to its end
// even if the report is deleted meanwhile.
func (r *Reader) File(ctx context.Context, guid string, generation int, name string) (StoredFile, error) {
	file, key, err := find(ctx, r.db, guid, generation, name)
	if errors.Is(err, errNoJob) { // why, is read together with that it is so
		err = r.snapshot(ctx, func(q querier) (err error) {
			if file, key, err = find(ctx, q, guid, generation, name); errors.Is(err, errNoJob) {
				err = absent(ctx, q, guid, generation)
			}
			return err
		})
	}
	if err != nil {
		return StoredFile{}, err
	}
	return r.open(ctx, file, key)
}

// errNoJob says that a generation has none.
var errNoJob = errors.New("there is no such job")

// find gives a published file and its key on disk.
func find(ctx context.Context, q querier, guid string, generation int, name string) (f report.File, key string, err error) {
	var state protocol.State
	var attempt int
	var results string
	row := q.QueryRowContext(ctx, "select state, attempt, results from jobs where guid = ? and generation = ?", guid, generation)
	switch err := row.Scan(&state, &attempt, &results); {
	case errors.Is(err, sql.ErrNoRows):
		return f, "", errNoJob
	case err != nil:
		return f, "", fmt.Errorf("find files of report %s: %w", guid, err)
	case !state.Ended():
		return f, "", ErrNotReady
	case state != protocol.Ready:
		return f, "", ErrGone
	}
	var files []report.File
	if err := fill(&files, results); err != nil {
		return f, "", fmt.Errorf("read results of report %s: %w", guid, err)
	}
	i := slices.IndexFunc(files, func(f report.File) bool { return f.Name == name })
	if i < 0 {
		return f, "", ErrNoFile
	}
	return files[i], fileKey(guid, generation, attempt, i), nil
}

// absent says why there is no job of a generation.
func absent(ctx context.Context, q querier, guid string, generation int) error {
	o, err := operation(ctx, q, guid)
	if err != nil {
		return err
	}
	if generation <= o.Generation {
		return ErrGone // tombstoned, or passed over
	}
	return ErrUnknown
}

func (r *Reader) open(ctx context.Context, f report.File, key string) (StoredFile, error) {
	b, size, err := r.blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return StoredFile{}, fmt.Errorf("%w: %w", ErrGone, err) // deleted between the two looks, or lost
	}
	if err != nil {
		return StoredFile{}, err
	}
	if size != f.Size {
		b.Close()
		return StoredFile{}, fmt.Errorf("file %s has %d bytes on disk, %d were published", key, size, f.Size)
	}
	return StoredFile{File: f, Content: b}, nil
}

// fileKey names a file on disk: flat, so that making it durable takes no more
// syncs than it must, and by attempt, so that no attempt writes over another.
func fileKey(guid string, generation, attempt, index int) string {
	return fmt.Sprintf("%s.%d.%d.%d", guid, generation, attempt, index)
}
