package store

import (
	"database/sql"
	"errors"
	"time"

	"peyk/internal/protocol"
)

// maxUnclean is how many deaths of the process one job may witness.
const maxUnclean = 3

// alone is how long a job on its last try has the process for itself. What
// kills it does so early; one that only takes long must not hold up the others
// for all that time.
const alone = time.Minute

// turn says who may be claimed now: jobs that have seen fewer deaths than this;
// 0: nobody. A job whose next death would be its last is prepared alone, so that
// whoever was only beside the one that kills the process is not condemned with
// it: the job waits until nobody is at work, those behind it in turn wait
// too, and nothing is begun beside it while it is alone.
func (s *Store) turn(tx *session) (below int, err error) {
	var atWork, most int
	err = tx.QueryRow("select count(*), coalesce(max(unclean), 0) from jobs where state = ?", protocol.Preparing).Scan(&atWork, &most)
	if err != nil || atWork == 0 {
		return maxUnclean, err
	}
	if most >= maxUnclean {
		s.held.Store(true)
		if s.cfg.Now().UnixMicro() < s.aloneTill.Load() {
			return 0, nil
		}
		return maxUnclean - 1, nil
	}
	var next int
	err = tx.QueryRow("select unclean from jobs where state = ? order by queued_at, guid limit 1", protocol.Queued).Scan(&next)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if next == maxUnclean-1 {
		s.held.Store(true)
		return 0, nil
	}
	return maxUnclean, nil
}

// leaveAlone begins the time a job on its last try is alone.
func (s *Store) leaveAlone() {
	s.aloneTill.Store(micros(s.cfg.Now().Add(alone)))
	time.AfterFunc(alone, s.queued.raise)
}

// ended lets a claim that found nobody in turn be tried again.
func (s *Store) ended() {
	if s.held.Swap(false) {
		s.queued.raise()
	}
}
