package postgres

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// Each way to see a request is one range of one index per state, read from its
// newest end. A list is these ranges merged: what it costs depends on its
// limit, not on how much was finished.
const (
	listEvery = "SELECT guid FROM requests WHERE guid < $1 ORDER BY guid DESC LIMIT $2"
	listAll   = `SELECT guid FROM requests
		WHERE state = $1 AND guid < $2 ORDER BY guid DESC LIMIT $3`
	listOwned = `SELECT guid FROM requests
		WHERE owner = $1 AND state = $2 AND guid < $3 ORDER BY guid DESC LIMIT $4`
	listToApprove = `SELECT guid FROM requests
		WHERE approval = $1 AND approval <> 'none' AND state = $2 AND guid < $3 ORDER BY guid DESC LIMIT $4`
	listReceived = `SELECT guid FROM received
		WHERE account = $1 AND state = $2 AND guid < $3 ORDER BY guid DESC LIMIT $4`
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
	out, err := v.rows(guids)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return out, nil
}

// rows reads requests, newest first.
func (v *view) rows(guids []string) ([]*report.Request, error) {
	out := make([]*report.Request, 0, len(guids))
	if len(guids) == 0 {
		return out, nil
	}
	rows, err := list(v, scanRequest, listRows, guids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r, err := rows[i].request()
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
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	limit, before := bound(f.Limit), cmp.Or(f.Before, afterAll)
	var guids []string
	add := func(query string, key ...any) {
		v.s.queue(collect(&guids, column[string]), query, append(key, before, limit)...)
	}
	if f.Scope.All && len(f.States) == 0 {
		add(listEvery)
	} else {
		for _, s := range orAll(f.States) {
			eachWay(f.Scope, string(s), add)
		}
	}
	if err := v.s.send(); err != nil {
		return nil, err
	}
	return search.Merge(limit, guids), nil
}

// Counts counts within the ranges f names, in one round trip. Nobody owns what
// they receive, so only what somebody may approve can be in two of them.
func (v *view) Counts(f ledger.Filter) (map[report.State]int, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	limit, before := bound(f.Limit), cmp.Or(f.Before, afterAll)
	found := map[report.State]*[]string{} // a number, or GUIDs
	overlap := len(f.Scope.Approves) > 0 && !f.Scope.All
	for _, s := range orAll(f.States) {
		some := &[]string{}
		found[s] = some
		eachWay(f.Scope, string(s), func(query string, key ...any) {
			if !overlap {
				query = counted(query)
			}
			v.s.queue(collect(some, column[string]), query, append(key, before, limit)...)
		})
	}
	if err := v.s.send(); err != nil {
		return nil, fmt.Errorf("count requests: %w", err)
	}
	out := map[report.State]int{}
	for s, some := range found {
		n := len(search.Merge(limit, *some))
		if !overlap {
			n = sum(*some)
		}
		if n > 0 {
			out[s] = min(n, limit)
		}
	}
	return out, nil
}

// counted is how much a list gives, as text.
func counted(list string) string { return "SELECT count(*)::text FROM (" + list + ") AS l" }

func sum(numbers []string) (n int) {
	for _, text := range numbers {
		some, _ := strconv.Atoi(text) // PostgreSQL wrote it
		n += some
	}
	return n
}

// eachWay calls add for each way the scope sees requests of a state.
func eachWay(s ledger.Scope, state string, add func(query string, key ...any)) {
	if s.All {
		add(listAll, state)
		return
	}
	if s.Account != "" {
		add(listOwned, s.Account, state)
		add(listReceived, s.Account, state)
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
