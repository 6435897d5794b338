package sqlite

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// Each way to see a request is one range of one index per state, read from its
// newest end. A list is these ranges merged: what it costs depends on its
// limit, not on how much was finished.
const (
	listEvery = "SELECT guid FROM requests WHERE guid < ? ORDER BY guid DESC LIMIT ?"
	listAll   = `SELECT guid FROM requests
		WHERE state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listOwned = `SELECT guid FROM requests
		WHERE owner = ? AND state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listToApprove = `SELECT guid FROM requests
		WHERE approval = ? AND approval <> 'none' AND state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
	listReceived = `SELECT guid FROM received
		WHERE account = ? AND state = ? AND guid < ? ORDER BY guid DESC LIMIT ?`
)

// afterAll sorts behind every GUID.
const afterAll = "~"

// Requests gives the newest requests in scope.
func (v *view) Requests(f ledger.Filter) ([]*report.Request, error) {
	guids, err := v.listed(f)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	out, err := v.rows(guids)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return out, nil
}

func (v *view) rows(guids []string) ([]*report.Request, error) {
	out := make([]*report.Request, 0, len(guids))
	for _, guid := range guids {
		r, err := v.Request(guid)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// listed merges the ranges f names: each gives at most the limit, so none of
// the newest is missed.
func (v *view) listed(f ledger.Filter) ([]string, error) {
	limit, before := bound(f.Limit), cmp.Or(f.Before, afterAll)
	if f.Scope.All && len(f.States) == 0 {
		return all(v, column[string], listEvery, before, limit)
	}
	var guids []string
	for _, s := range orAll(f.States) {
		err := eachWay(f.Scope, string(s), func(query string, key ...any) error {
			found, err := all(v, column[string], query, append(key, before, limit)...)
			guids = append(guids, found...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return search.Merge(limit, guids), nil
}

// Counts counts within the ranges f names. Nobody owns what they receive, so
// only what somebody may approve can be in two of them.
func (v *view) Counts(f ledger.Filter) (map[report.State]int, error) {
	out, limit := map[report.State]int{}, bound(f.Limit)
	for _, s := range orAll(f.States) {
		n, err := v.count(ledger.Filter{Scope: f.Scope, States: []report.State{s}, Before: f.Before, Limit: limit})
		if err != nil {
			return nil, fmt.Errorf("count requests: %w", err)
		}
		if n > 0 {
			out[s] = min(n, limit)
		}
	}
	return out, nil
}

// count is of one state.
func (v *view) count(f ledger.Filter) (n int, err error) {
	if len(f.Scope.Approves) > 0 && !f.Scope.All {
		guids, err := v.listed(f)
		return len(guids), err
	}
	err = eachWay(f.Scope, string(f.States[0]), func(query string, key ...any) error {
		some, err := one(v, column[int], counted(query), append(key, cmp.Or(f.Before, afterAll), f.Limit)...)
		n += some
		return err
	})
	return n, err
}

// counted is how much a list gives.
func counted(list string) string { return "SELECT count(*) FROM (" + list + ")" }

// eachWay calls add for each way the scope sees requests of a state.
func eachWay(s ledger.Scope, state string, add func(query string, key ...any) error) error {
	if s.All {
		return add(listAll, state)
	}
	if s.Account != "" {
		if err := errors.Join(add(listOwned, s.Account, state), add(listReceived, s.Account, state)); err != nil {
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
