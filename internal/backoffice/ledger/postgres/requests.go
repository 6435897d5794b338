package postgres

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// The columns of a request besides its GUID.
const (
	standingColumns = `version, generation, state, outcome, failure, approved_hash,
		submitted, was_stored, resubmits, refetches, lost, tombstoned, manifest,
		accepted_at, deadline, expected_by, missed_at, expires_at, announced_at, late_at, ended_at, collected_at,
		purged_at, created_at, updated_at`
	requestColumns = standingColumns + ", asked, parameters"
	askedColumns   = "asked, parameters, owner, type, approval"
)

// requestRow is a row as it came; its documents are read when they are needed.
type requestRow struct {
	r                        report.Request
	failure, asked, manifest []byte
	parameters               []byte
}

// columns are where a row is scanned to: the GUID, then requestColumns.
func (row *requestRow) columns() []any {
	r := &row.r
	return []any{&r.GUID, &r.Version, &r.Generation, &r.State, &r.Outcome, &row.failure, &r.ApprovedHash,
		&r.Submitted, &r.WasStored, &r.Resubmits, &r.Refetches, &r.Lost, &r.Tombstoned, &row.manifest,
		(*instant)(&r.AcceptedAt), (*instant)(&r.Deadline), (*instant)(&r.ExpectedBy), (*instant)(&r.MissedAt),
		(*instant)(&r.ExpiresAt), (*instant)(&r.AnnouncedAt), (*instant)(&r.LateAt), (*instant)(&r.EndedAt),
		(*instant)(&r.CollectedAt), (*instant)(&r.PurgedAt), (*instant)(&r.CreatedAt), (*instant)(&r.UpdatedAt),
		&row.asked, &row.parameters}
}

func scanRequest(from pgx.Rows, row *requestRow) error { return from.Scan(row.columns()...) }

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
	r.Asked.Parameters = slices.Clone(row.parameters)
	return &r, nil
}

// standing is what moves change of a request, in the order of standingColumns.
func standing(r *report.Request) ([]any, error) {
	failure, err := optional(r.Failure, r.Failure == nil)
	if err != nil {
		return nil, err
	}
	manifest, err := optional(manifestOf(r), r.Manifest.Files == nil && r.Manifest.Sources == nil)
	if err != nil {
		return nil, err
	}
	return []any{
		r.GUID, r.Version, r.Generation, string(r.State), string(r.Outcome), failure, r.ApprovedHash,
		r.Submitted, r.WasStored, r.Resubmits, r.Refetches, r.Lost, r.Tombstoned, manifest,
		at(r.AcceptedAt), at(r.Deadline), at(r.ExpectedBy), at(r.MissedAt),
		at(r.ExpiresAt), at(r.AnnouncedAt), at(r.LateAt), at(r.EndedAt), at(r.CollectedAt),
		at(r.PurgedAt), at(r.CreatedAt), at(r.UpdatedAt),
	}, nil
}

// question is what was asked, in the order of askedColumns. The last three repeat
// it for the indexes.
func question(a report.Asked) ([]any, error) {
	parameters := a.Parameters // they have a column: JSON within JSON would not keep their bytes
	a.Parameters = nil
	a.RequestedAt = cut(a.RequestedAt)
	text, err := encode(a)
	return []any{text, []byte(parameters), a.Owner, a.Type, a.Approval}, err
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
	if v.locks == nil {
		row, err := single(v, scanRequest, requestByGUID, guid)
		return &row, err
	}
	im, err := v.image(guid)
	if err != nil {
		return nil, err
	}
	if !im.there {
		return nil, ledger.ErrNotFound
	}
	if im.row == nil { // we wrote it ourselves
		row, err := one(v.s, scanRequest, requestByGUID, guid)
		if err != nil {
			return nil, err
		}
		im.row = &row
	}
	return im.row, nil
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
	if s.Sees(r) || s.Account == "" {
		return s.Sees(r), nil
	}
	return one(v.s, column[bool],
		"SELECT EXISTS (SELECT 1 FROM recipients WHERE guid = $1 AND account = $2 AND gone_at IS NULL)", r.GUID, s.Account)
}

// An insert fails if another committed the same request since it was found not
// to be there; the transaction is then run again, and finds it.
const (
	insertRequest = "INSERT INTO requests (guid, " + standingColumns + ", " + askedColumns + `) VALUES (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)`
	saveStanding = "UPDATE requests SET (" + standingColumns + `) = (
		$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26) WHERE guid = $1`
	saveAsked = "UPDATE requests SET (" + askedColumns + ") = ($2, $3, $4, $5, $6) WHERE guid = $1"
)

// Insert adds a request that is not there.
func (x *tx) Insert(r *report.Request) error {
	im, err := x.image(r.GUID)
	if err == nil && im.there {
		err = ledger.ErrExists
	}
	if err == nil {
		err = x.insert(im, r)
	}
	if err != nil {
		return fmt.Errorf("insert request %s: %w", r.GUID, err)
	}
	return nil
}

// Save writes the request if the ledger still holds version was. The row is
// locked, so what was read of it decides, and the write can wait.
func (x *tx) Save(r *report.Request, was int64) error {
	im, err := x.image(r.GUID)
	if err == nil && (!im.there || im.version != was) {
		err = ledger.ErrConflict
	}
	if err == nil {
		err = x.save(im, r)
	}
	if err != nil {
		return fmt.Errorf("save request %s over version %d: %w", r.GUID, was, err)
	}
	return nil
}

func (x *tx) insert(im *image, r *report.Request) error {
	row, err := standing(r)
	if err != nil {
		return err
	}
	asked, err := question(r.Asked)
	if err != nil {
		return err
	}
	x.s.write(insertRequest, append(row, asked...)...)
	x.s.write(receiveAll, r.GUID, string(r.State), r.Asked.Owner)
	x.s.write(enterOne, entry(r.GUID, &r.Asked)...)
	im.there, im.version, im.row = true, r.Version, nil
	return nil
}

// save leaves out what was asked: it is most of a row, and as good as never
// changes.
func (x *tx) save(im *image, r *report.Request) error {
	row, err := standing(r)
	if err != nil {
		return err
	}
	asked, err := question(r.Asked)
	if err != nil {
		return err
	}
	x.s.write(saveStanding, row...)
	if im.row == nil || im.row.r.State != r.State {
		x.s.write(receivedMoves, r.GUID, string(r.State))
	}
	if im.row == nil || string(im.row.asked) != asked[0] || !bytes.Equal(im.row.parameters, r.Asked.Parameters) {
		x.s.write(saveAsked, append([]any{r.GUID}, asked...)...)
	}
	im.version, im.row = r.Version, nil
	return nil
}
