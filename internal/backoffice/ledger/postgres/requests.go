package postgres

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// The columns of a request besides its GUID, in the order of requestRow.scan and
// requestArgs. The last three repeat what asked says, for the indexes.
const (
	requestColumns = `version, generation, state, outcome, failure, asked, parameters, approved_hash,
		submitted, was_stored, resubmits, refetches, lost, tombstoned, manifest,
		accepted_at, deadline, expected_by, missed_at, expires_at, announced_at, late_at, ended_at, collected_at,
		purged_at, created_at, updated_at`
	indexColumns = "owner, type, approval"
)

// requestRow is a row as it came; its documents are read when they are needed.
type requestRow struct {
	r                        report.Request
	failure, asked, manifest []byte
	parameters               raw
}

func (row *requestRow) scan(from pgx.Rows) error {
	r := &row.r
	return from.Scan(&r.GUID, &r.Version, &r.Generation, &r.State, &r.Outcome, &row.failure,
		&row.asked, &row.parameters, &r.ApprovedHash,
		&r.Submitted, &r.WasStored, &r.Resubmits, &r.Refetches, &r.Lost, &r.Tombstoned, &row.manifest,
		(*instant)(&r.AcceptedAt), (*instant)(&r.Deadline), (*instant)(&r.ExpectedBy), (*instant)(&r.MissedAt),
		(*instant)(&r.ExpiresAt), (*instant)(&r.AnnouncedAt), (*instant)(&r.LateAt), (*instant)(&r.EndedAt),
		(*instant)(&r.CollectedAt), (*instant)(&r.PurgedAt), (*instant)(&r.CreatedAt), (*instant)(&r.UpdatedAt))
}

func scanRequest(from pgx.Rows, row *requestRow) error { return row.scan(from) }

// request is the row's own copy of what it says.
func (row *requestRow) request() (*report.Request, error) {
	r := row.r
	for _, d := range []struct {
		text []byte
		at   any
	}{{row.failure, &r.Failure}, {row.asked, &r.Asked}, {row.manifest, &r.Manifest}} {
		if err := decode(d.text, d.at); err != nil {
			return nil, fmt.Errorf("read request %s: %w", r.GUID, err)
		}
	}
	r.Asked.Parameters = slices.Clone([]byte(row.parameters))
	return &r, nil
}

// requestArgs ends with the GUID.
func requestArgs(r *report.Request) ([]any, error) {
	asked := r.Asked // its parameters have a column: JSON within JSON would not keep their bytes
	asked.Parameters = nil
	asked.RequestedAt = cut(asked.RequestedAt)
	askedText, err := encode(asked)
	if err != nil {
		return nil, err
	}
	failure, err := optional(r.Failure, r.Failure == nil)
	if err != nil {
		return nil, err
	}
	manifest, err := optional(manifestOf(r), r.Manifest.Files == nil && r.Manifest.Sources == nil)
	if err != nil {
		return nil, err
	}
	return []any{
		r.Version, r.Generation, string(r.State), string(r.Outcome), failure,
		askedText, raw(r.Asked.Parameters).text(), r.ApprovedHash,
		r.Submitted, r.WasStored, r.Resubmits, r.Refetches, r.Lost, r.Tombstoned, manifest,
		at(r.AcceptedAt), at(r.Deadline), at(r.ExpectedBy), at(r.MissedAt),
		at(r.ExpiresAt), at(r.AnnouncedAt), at(r.LateAt), at(r.EndedAt), at(r.CollectedAt),
		at(r.PurgedAt), at(r.CreatedAt), at(r.UpdatedAt),
		r.Asked.Owner, r.Asked.Type, r.Asked.Approval, r.GUID,
	}, nil
}

func manifestOf(r *report.Request) report.Manifest {
	m := r.Manifest
	m.Sources = slices.Clone(m.Sources)
	for i := range m.Sources {
		m.Sources[i].AsOf = cut(m.Sources[i].AsOf)
	}
	return m
}

const requestByGUID = "SELECT guid, " + requestColumns + " FROM requests WHERE guid = $1"

// Request gives the row; in a writing transaction it is locked.
func (v *view) Request(guid string) (*report.Request, error) {
	row, err := v.row(guid)
	if err != nil {
		return nil, fmt.Errorf("read request %s: %w", guid, err)
	}
	return row.request()
}

func (v *view) row(guid string) (*requestRow, error) {
	if err := v.about(guid); err != nil {
		return nil, err
	}
	if v.locks == nil {
		row, err := one(v.s, scanRequest, requestByGUID, guid)
		return &row, err
	}
	if v.locks.stale[guid] { // we wrote it ourselves
		row, err := one(v.s, scanRequest, requestByGUID, guid)
		if err != nil {
			return nil, err
		}
		v.locks.rows[guid] = &row
		delete(v.locks.stale, guid)
	}
	if err := v.s.send(); err != nil {
		return nil, err
	}
	row := v.locks.rows[guid]
	if row == nil {
		return nil, ledger.ErrNotFound
	}
	return row, nil
}

// Visible gives the row if it is in scope, and the same error as for none if
// it is not.
func (v *view) Visible(s ledger.Scope, guid string) (*report.Request, error) {
	r, err := v.Request(guid)
	if err != nil {
		return nil, err
	}
	ok, err := v.inScope(s, r)
	if err != nil {
		return nil, fmt.Errorf("look who sees request %s: %w", guid, err)
	}
	if !ok {
		return nil, fmt.Errorf("read request %s: %w", guid, ledger.ErrNotFound)
	}
	return r, nil
}

func (v *view) inScope(s ledger.Scope, r *report.Request) (bool, error) {
	if s.All || s.Account != "" && s.Account == r.Asked.Owner {
		return true, nil
	}
	if r.Asked.Approval != report.NoApproval && slices.Contains(s.Approves, r.Asked.Approval) {
		return true, nil
	}
	if s.Account == "" {
		return false, nil
	}
	return one(v.s, column[bool],
		"SELECT EXISTS (SELECT 1 FROM recipients WHERE guid = $1 AND account = $2 AND gone_at IS NULL)", r.GUID, s.Account)
}

const (
	insertRequest = "INSERT INTO requests (" + requestColumns + ", " + indexColumns + `, guid) VALUES (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31) ON CONFLICT (guid) DO NOTHING`
	saveRequest = "UPDATE requests SET (" + requestColumns + ", " + indexColumns + `) = (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30) WHERE guid = $31`
)

// Insert adds a request that is not there. The row is ours from then on, as if
// it had been locked.
func (x *tx) Insert(r *report.Request) error {
	args, err := requestArgs(r)
	var n int64
	if err == nil {
		n, err = x.s.exec(insertRequest, args...)
	}
	if err == nil && n == 0 {
		err = ledger.ErrExists
	}
	if err != nil {
		return fmt.Errorf("insert request %s: %w", r.GUID, err)
	}
	x.locks.written(r.GUID)
	return nil
}

// Save writes the request if the ledger still holds version was. The row is
// locked, so what was read of it decides, and the write can wait.
func (x *tx) Save(r *report.Request, was int64) error {
	row, err := x.row(r.GUID)
	if err == nil && row.r.Version != was {
		err = ledger.ErrConflict
	}
	if err == ledger.ErrNotFound { //nolint:errorlint // row's own, bare
		err = ledger.ErrConflict
	}
	var args []any
	if err == nil {
		args, err = requestArgs(r)
	}
	if err != nil {
		return fmt.Errorf("save request %s over version %d: %w", r.GUID, was, err)
	}
	x.s.queue(saveRequest, args...)
	x.locks.written(r.GUID)
	return nil
}
