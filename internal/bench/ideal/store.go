package ideal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync/atomic"

	_ "modernc.org/sqlite" // the driver named sqlite
)

// maxBatch bounds how many changes share a commit, as in Peyk.
const maxBatch = 128

// store makes changes durable, those that wait together in one commit.
type store struct {
	writes  *sql.DB // of one connection
	reads   *sql.DB
	conn    *sql.Conn
	known   map[string]*sql.Stmt // statements prepared on conn
	pending chan *change
	stop    chan struct{}
	stopped chan struct{}

	changes, syncs atomic.Int64
}

// change is a few statements that belong together.
type change struct {
	steps []step
	done  chan error
}

// step is one statement.
type step struct {
	query string
	args  []any
}

func openStore(ctx context.Context, dir, schema string) (*store, error) {
	s := &store{known: map[string]*sql.Stmt{}, pending: make(chan *change, maxBatch), stop: make(chan struct{}), stopped: make(chan struct{})}
	path := filepath.Join(dir, "ideal.db")
	var err error
	s.writes, err = openDB(path, url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4096)", "cache_size(-32768)", "temp_store(MEMORY)"},
	})
	if err != nil {
		return nil, err
	}
	if s.conn, err = s.writes.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := s.conn.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("make the tables of %s: %w", path, err)
	}
	if s.reads, err = openDB(path, url.Values{"mode": {"ro"}, "_pragma": {"query_only(1)", "busy_timeout(5000)"}}); err != nil {
		return nil, err
	}
	s.reads.SetMaxIdleConns(4)
	go s.run()
	return s, nil
}

func openDB(path string, q url.Values) (*sql.DB, error) {
	name := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func (s *store) close() error {
	close(s.stop)
	<-s.stopped
	return errors.Join(s.reads.Close(), s.conn.Close(), s.writes.Close())
}

// commit returns when the steps are durable.
func (s *store) commit(steps ...step) error {
	c := &change{steps: steps, done: make(chan error, 1)}
	select {
	case s.pending <- c:
		return <-c.done
	case <-s.stop:
		return errors.New("the store is closed")
	}
}

func (s *store) run() {
	defer close(s.stopped)
	for {
		select {
		case first := <-s.pending:
			s.batch(first)
		case <-s.stop:
			return
		}
	}
}

// batch commits whoever waits.
func (s *store) batch(first *change) {
	all := []*change{first}
	for len(all) < maxBatch {
		select {
		case c := <-s.pending:
			all = append(all, c)
			continue
		default:
		}
		break
	}
	err := s.transact(all)
	s.changes.Add(int64(len(all)))
	s.syncs.Add(1)
	for _, c := range all {
		c.done <- err
	}
}

func (s *store) transact(all []*change) error {
	if err := s.exec(step{query: "BEGIN IMMEDIATE"}); err != nil {
		return err
	}
	for _, c := range all {
		for _, st := range c.steps {
			if err := s.exec(st); err != nil {
				return errors.Join(err, s.exec(step{query: "ROLLBACK"}))
			}
		}
	}
	return s.exec(step{query: "COMMIT"})
}

func (s *store) exec(st step) error {
	known, ok := s.known[st.query]
	if !ok {
		var err error
		if known, err = s.conn.PrepareContext(context.Background(), st.query); err != nil {
			return fmt.Errorf("prepare %q: %w", st.query, err)
		}
		s.known[st.query] = known
	}
	if _, err := known.ExecContext(context.Background(), st.args...); err != nil {
		return fmt.Errorf("%s: %w", st.query, err)
	}
	return nil
}
