package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"peyk/internal/protocol"
)

// history is how many durations are kept of each type.
const history = 20

// MaxAhead is how many jobs ahead of one in the line are counted.
const MaxAhead = 1000

// Pace is what a guess about the end of a job is made of.
type Pace struct {
	Ahead   int           // queued jobs before it, if it is queued; MaxAhead: so many or more
	Began   time.Time     // of the claim, if it is preparing
	Typical time.Duration // the median of the last ones of its type; 0: there was none
}

// paceQuery counts no further than it must: however long the line is, it reads
// some of its index.
const paceQuery = `
select j.state, j.began_at,
       (select count(*) from (select 1 from jobs q
          where j.state = ?3 and q.state = ?3 and (q.queued_at, q.guid) < (j.queued_at, j.guid) limit ?4)),
       (select took from (select took, row_number() over (order by took) k, count(*) over () of from durations d
          where d.type = j.type) where k = (of + 1) / 2)
from jobs j where j.guid = ?1 and j.generation = ?2`

// Pace tells how the job of a generation stands; ErrUnknown if there is none.
func (r *Reader) Pace(ctx context.Context, guid string, generation int) (Pace, error) {
	var p Pace
	var state protocol.State
	var began int64
	var typical sql.NullInt64
	row := r.db.QueryRowContext(ctx, paceQuery, guid, generation, protocol.Queued, MaxAhead)
	switch err := row.Scan(&state, &began, &p.Ahead, &typical); {
	case errors.Is(err, sql.ErrNoRows):
		return p, ErrUnknown
	case err != nil:
		return p, fmt.Errorf("read the pace of report %s generation %d: %w", guid, generation, err)
	}
	if state == protocol.Preparing {
		p.Began = fromMicros(began)
	}
	p.Typical = time.Duration(typical.Int64) * time.Microsecond
	return p, nil
}

// took writes down how long a job that is now ready took, in the transaction
// that makes it so.
func (s *Store) took(tx *session, job Job) error {
	_, err := tx.Exec(`insert into durations (type, n, took)
		select j.type, coalesce((select max(n) from durations d where d.type = j.type), 0) + 1, max(?3 - j.began_at, 0)
		from jobs j where j.guid = ?1 and j.generation = ?2`, job.ReportID, job.Generation, micros(s.cfg.Now()))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`delete from durations where type = ?1
		and n <= (select max(n) from durations where type = ?1) - ?2`, job.Type, history)
	return err
}
