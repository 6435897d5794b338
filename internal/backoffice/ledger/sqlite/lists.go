package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Each way to see a request is one range of one index per state, read from its
// newest end. A list is these ranges merged: what it costs depends on its
// limit, not on how much was finished.
const (
	listAll = `SELECT guid FROM requests
		WHERE state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listOwned = `SELECT guid FROM requests
		WHERE owner = ? AND state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listToApprove = `SELECT guid FROM requests
		WHERE approval = ? AND approval <> 'none' AND state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listReceived = `SELECT c.guid FROM recipients c CROSS JOIN requests r ON r.guid = c.guid
		WHERE c.account = ? AND c.gone_at IS NULL AND +r.state IN (SELECT value FROM json_each(?)) AND c.guid < ?
		ORDER BY c.guid DESC LIMIT ?`
)

// afterAll sorts behind every GUID.
const afterAll = "~"

// Requests gives the newest requests in scope.
func (v *view) Requests(f ledger.Filter) ([]*report.Request, error) {
	guids, err := v.listed(f)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	out := make([]*report.Request, 0, len(guids))
	for _, guid := range guids {
		r, err := v.Request(guid)
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
	limit, before := bound(f.Limit), cmp.Or(f.Before, afterAll)
	states := orAll(f.States)
	var guids []string
	add := func(query string, key ...any) error {
		found, err := all(v, column[string], query, append(key, before, limit)...)
		guids = append(guids, found...)
		return err
	}
	for _, s := range states {
		if err := eachWay(f.Scope, string(s), add); err != nil {
			return nil, err
		}
	}
	if f.Scope.Account != "" && !f.Scope.All {
		if err := add(listReceived, f.Scope.Account, document{states}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(guids, func(a, b string) int { return strings.Compare(b, a) })
	guids = slices.Compact(guids)
	return guids[:min(limit, len(guids))], nil
}

// eachWay calls add for each way the scope sees requests of a state.
func eachWay(s ledger.Scope, state string, add func(query string, key ...any) error) error {
	if s.All {
		return add(listAll, state)
	}
	if s.Account != "" {
		if err := add(listOwned, s.Account, state); err != nil {
			return err
		}
	}
	for _, role := range s.Approves {
		if err := add(listToApprove, role, state); err != nil {
			return err
		}
	}
	return nil
}

// orAll: no state named means every state.
func orAll(states []report.State) []report.State {
	if len(states) == 0 {
		return report.States()
	}
	return states
}

// The states only sift what the deadline found ("+" keeps their index away).
const overdue = `SELECT guid FROM requests
	WHERE deadline <= ? AND +state IN (SELECT value FROM json_each(?)) ORDER BY deadline, guid LIMIT ?`

// Overdue gives those whose deadline has passed, earliest first.
func (v *view) Overdue(states []report.State, limit int) ([]string, error) {
	guids, err := all(v, column[string], overdue, at(v.now), document{orAll(states)}, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("look for passed deadlines: %w", err)
	}
	return guids, nil
}

const late = `SELECT guid FROM requests
	WHERE expected_by <= ? AND ended_at IS NULL AND late_at IS NULL ORDER BY expected_by, guid LIMIT ?`

// Late gives those that missed their promise and were not told of, earliest first.
func (v *view) Late(limit int) ([]string, error) {
	guids, err := all(v, column[string], late, at(v.now), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("look for missed promises: %w", err)
	}
	return guids, nil
}

const durations = `SELECT stored_at - accepted_at FROM requests
	WHERE type = ? AND ended_at IS NOT NULL AND stored_at IS NOT NULL AND stored_at >= accepted_at
	ORDER BY ended_at DESC, guid DESC LIMIT ?`

// Durations gives how long the last ended ones took, last first.
func (v *view) Durations(reportType string, limit int) ([]time.Duration, error) {
	took, err := all(v, func(row scanner, d *time.Duration) error {
		err := row.Scan(d)
		*d *= time.Microsecond
		return err
	}, durations, reportType, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read how long %s takes: %w", reportType, err)
	}
	return took, nil
}
