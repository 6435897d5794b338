package sqlite

import (
	"fmt"
	"slices"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// The columns of a request besides its GUID, in the order of scanRequest and
// requestRow. The last three repeat what asked says, for the indexes.
const (
	requestColumns = `version, generation, state, outcome, failure, asked, parameters, approved_hash,
		submitted, was_stored, resubmits, refetches, lost, tombstoned, manifest,
		accepted_at, deadline, expected_by, missed_at, expires_at, announced_at, late_at, ended_at, collected_at,
		purged_at, created_at, updated_at`
	indexColumns = "owner, type, approval"
)

func scanRequest(row scanner, r *report.Request) error {
	return row.Scan(&r.GUID, &r.Version, &r.Generation, &r.State, &r.Outcome, document{&r.Failure},
		document{&r.Asked}, (*raw)(&r.Asked.Parameters), &r.ApprovedHash,
		&r.Submitted, &r.WasStored, &r.Resubmits, &r.Refetches, &r.Lost, &r.Tombstoned, document{&r.Manifest},
		(*instant)(&r.AcceptedAt), (*instant)(&r.Deadline), (*instant)(&r.ExpectedBy), (*instant)(&r.MissedAt),
		(*instant)(&r.ExpiresAt), (*instant)(&r.AnnouncedAt), (*instant)(&r.LateAt), (*instant)(&r.EndedAt),
		(*instant)(&r.CollectedAt), (*instant)(&r.PurgedAt), (*instant)(&r.CreatedAt), (*instant)(&r.UpdatedAt))
}

// requestRow ends with the GUID.
func requestRow(r *report.Request) []any {
	return []any{
		r.Version, r.Generation, string(r.State), string(r.Outcome), failureOf(r),
		askedOf(r), raw(r.Asked.Parameters), r.ApprovedHash,
		r.Submitted, r.WasStored, r.Resubmits, r.Refetches, r.Lost, r.Tombstoned, manifestOf(r),
		at(r.AcceptedAt), at(r.Deadline), at(r.ExpectedBy), at(r.MissedAt),
		at(r.ExpiresAt), at(r.AnnouncedAt), at(r.LateAt), at(r.EndedAt),
		at(r.CollectedAt), at(r.PurgedAt), at(r.CreatedAt), at(r.UpdatedAt),
		r.Asked.Owner, r.Asked.Type, r.Asked.Approval, r.GUID,
	}
}

func failureOf(r *report.Request) optional {
	return optional{document{r.Failure}, r.Failure == nil}
}

// askedOf leaves the parameters to their own column: JSON within JSON would
// not keep their bytes.
func askedOf(r *report.Request) document {
	asked := r.Asked
	asked.Parameters = nil
	asked.RequestedAt = cut(asked.RequestedAt)
	return document{&asked}
}

func manifestOf(r *report.Request) optional {
	m := r.Manifest
	m.Sources = slices.Clone(m.Sources)
	for i := range m.Sources {
		m.Sources[i].AsOf = cut(m.Sources[i].AsOf)
	}
	return optional{document{&m}, m.Files == nil && m.Sources == nil}
}

// Request gives the row.
func (v *view) Request(guid string) (*report.Request, error) {
	r, err := one(v, scanRequest, "SELECT guid, "+requestColumns+" FROM requests WHERE guid = ?", guid)
	if err != nil {
		return nil, fmt.Errorf("read request %s: %w", guid, err)
	}
	return &r, nil
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
	return one(v, column[bool],
		"SELECT EXISTS (SELECT 1 FROM recipients WHERE guid = ? AND account = ? AND gone_at IS NULL)", r.GUID, s.Account)
}

const (
	insertRequest = "INSERT INTO requests (" + requestColumns + ", " + indexColumns + `, guid) VALUES (
		?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (guid) DO NOTHING`
	// What was asked never changes, so most savings leave it alone.
	moveRequest = `UPDATE requests SET (version, generation, state, outcome, failure, approved_hash,
		submitted, was_stored, resubmits, refetches, lost, tombstoned, manifest,
		accepted_at, deadline, expected_by, missed_at, expires_at, announced_at, late_at, ended_at, collected_at,
		purged_at, created_at, updated_at) = (
		?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		WHERE guid = ? AND version = ?`
	saveRequest = "UPDATE requests SET (" + requestColumns + ", " + indexColumns + `) = (
		?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		WHERE guid = ? AND version = ?`
)

// Insert adds a request that is not there.
func (x *tx) Insert(r *report.Request) error {
	x.recent.touch(r.GUID)
	n, err := x.exec(insertRequest, requestRow(r)...)
	if err == nil && n == 0 {
		err = ledger.ErrExists
	}
	if err == nil {
		err = x.run(receiveAll, string(r.State), r.GUID, r.Asked.Owner)
	}
	if err == nil {
		err = x.enter(r.GUID, &r.Asked)
	}
	if err != nil {
		return fmt.Errorf("insert request %s: %w", r.GUID, err)
	}
	return nil
}

// Save writes the request if the ledger still holds version was.
func (x *tx) Save(r *report.Request, was int64) error {
	query, row := saveRequest, requestRow(r)
	old, ok := x.recent.requests[r.GUID]
	if ok && sameAsked(old, r) {
		query, row = moveRequest, slices.Concat(row[:5], row[7:27], row[30:])
	}
	n, err := x.exec(query, append(row, was)...)
	if err == nil && n == 0 {
		err = ledger.ErrConflict
	}
	if err == nil && (!ok || old.State != r.State) {
		err = x.run(receivedMoves, string(r.State), r.GUID)
	}
	if err == nil {
		x.recent.saved(r)
	}
	if err != nil {
		return fmt.Errorf("save request %s over version %d: %w", r.GUID, was, err)
	}
	return nil
}
