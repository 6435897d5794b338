package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Each way to see a request is one range of one index per state, read from its
// newest end. A list is these ranges merged: what it costs depends on its
// limit, not on how much was finished.
const (
	listAll = `SELECT guid FROM requests
		WHERE state = $1 AND guid < $2 ORDER BY guid DESC LIMIT $3`
	listOwned = `SELECT guid FROM requests
		WHERE owner = $1 AND state = $2 AND guid < $3 ORDER BY guid DESC LIMIT $4`
	listToApprove = `SELECT guid FROM requests
		WHERE approval = $1 AND approval <> 'none' AND state = $2 AND guid < $3 ORDER BY guid DESC LIMIT $4`
	listReceived = `SELECT c.guid FROM recipients c
		WHERE c.account = $1 AND c.gone_at IS NULL AND c.guid < $3
			AND (SELECT r.state FROM requests r WHERE r.guid = c.guid) = ANY ($2)
		ORDER BY c.guid DESC LIMIT $4`
	listRows = "SELECT guid, " + requestColumns + " FROM requests WHERE guid = ANY ($1) ORDER BY guid DESC"
)

// afterAll sorts behind every GUID.
const afterAll = "~"

// Requests gives the newest requests in scope, in two round trips.
func (v *view) Requests(f ledger.Filter) ([]*report.Request, error) {
	guids, err := v.listed(f)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	out := make([]*report.Request, 0, len(guids))
	if len(guids) == 0 {
		return out, nil
	}
	rows, err := list(v, scanRequest, listRows, guids)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	for i := range rows {
		r, err := rows[i].request()
		if err != nil {
			return nil, fmt.Errorf("list requests: %w", err)
		}
		out = append(out, r)
	}
	return out, nil
}

// listed merges the ranges f names: each gives at most the limit, so none of
// the newest is missed.
func (v *view) listed(f ledger.Filter) ([]string, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	limit, before := bound(f.Limit), cmp.Or(f.Before, afterAll)
	states := orAll(f.States)
	var guids []string
	add := func(query string, key ...any) {
		v.s.queue(collect(&guids, column[string]), query, append(key, before, limit)...)
	}
	for _, s := range states {
		eachWay(f.Scope, string(s), add)
	}
	if f.Scope.Account != "" && !f.Scope.All {
		add(listReceived, f.Scope.Account, texts(states))
	}
	if err := v.s.send(); err != nil {
		return nil, err
	}
	slices.SortFunc(guids, func(a, b string) int { return strings.Compare(b, a) })
	guids = slices.Compact(guids)
	return guids[:min(limit, len(guids))], nil
}

// eachWay calls add for each way the scope sees requests of a state.
func eachWay(s ledger.Scope, state string, add func(query string, key ...any)) {
	if s.All {
		add(listAll, state)
		return
	}
	if s.Account != "" {
		add(listOwned, s.Account, state)
	}
	for _, role := range s.Approves {
		add(listToApprove, role, state)
	}
}

// orAll: no state named means every state.
func orAll(states []report.State) []report.State {
	if len(states) == 0 {
		return report.States()
	}
	return states
}

// The states only sift what the deadline found.
const overdue = `SELECT guid FROM requests
	WHERE deadline <= coalesce($1::timestamptz, now()) AND state || '' = ANY ($2) ORDER BY deadline, guid LIMIT $3`

// Overdue gives those whose deadline has passed, earliest first.
func (v *view) Overdue(states []report.State, limit int) ([]string, error) {
	guids, err := list(v, column[string], overdue, v.when(), texts(orAll(states)), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("look for passed deadlines: %w", err)
	}
	return guids, nil
}

const late = `SELECT guid FROM requests WHERE expected_by <= coalesce($1::timestamptz, now())
	AND ended_at IS NULL AND late_at IS NULL ORDER BY expected_by, guid LIMIT $2`

// Late gives those that missed their promise and were not told of, earliest first.
func (v *view) Late(limit int) ([]string, error) {
	guids, err := list(v, column[string], late, v.when(), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("look for missed promises: %w", err)
	}
	return guids, nil
}

const durations = `SELECT accepted_at, stored_at FROM requests
	WHERE type = $1 AND ended_at IS NOT NULL AND stored_at IS NOT NULL AND stored_at >= accepted_at
	ORDER BY ended_at DESC, guid DESC LIMIT $2`

// Durations gives how long the last ended ones took, last first.
func (v *view) Durations(reportType string, limit int) ([]time.Duration, error) {
	took, err := list(v, func(row pgx.Rows, d *time.Duration) error {
		var accepted, stored instant
		err := row.Scan(&accepted, &stored)
		*d = time.Time(stored).Sub(time.Time(accepted))
		return err
	}, durations, reportType, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read how long %s takes: %w", reportType, err)
	}
	return took, nil
}
