package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"peyk/internal/backoffice/ledger"
)

// maxBatch bounds how many changes share a commit, and with it how long the
// first of them waits for the last.
const maxBatch = 128

// change is one Update on its way.
type change struct {
	ctx   context.Context //nolint:containedctx // asked once, just before fn runs
	fn    func(ledger.Tx) error
	err   error
	panic any           // what fn panicked with
	done  chan struct{} // closed when the answer is final
}

// Update hands fn to the committer and waits for its commit. A ctx that ends
// before fn ran keeps it from running; after that the answer is the commit's,
// so that nobody is left not knowing. What fn panics with is raised again here,
// on its caller's own goroutine.
func (l *Ledger) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	ch := &change{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := l.committer.queue.put(ch); err != nil {
		return err
	}
	<-ch.done
	if ch.panic != nil {
		panic(ch.panic)
	}
	return ch.err
}

// committer owns the writing connection.
type committer struct {
	queue  *queue
	clock  *clock
	logger *slog.Logger
	s      *session
	sound  bool  // the connection has proved that it can write
	fence  int64 // the highest ever given
	kept   int64 // the highest that is written down
	recent *recent
	wal    *wal
	ended  chan struct{}
}

func startCommitter(s *session, w *wal, ck *clock, logger *slog.Logger) (*committer, error) {
	c := &committer{queue: newQueue(), s: s, wal: w, clock: ck, logger: logger, recent: newRecent(), ended: make(chan struct{})}
	if err := c.claim(); err != nil {
		return nil, err
	}
	go c.run()
	return c, nil
}

// stop lets the waiting changes be committed, then ends the committer; its
// connection stays, to be the last that is closed.
func (c *committer) stop() {
	c.queue.close()
	<-c.ended
}

func (c *committer) run() {
	var batch []*change
	defer func() {
		if batch == nil {
			close(c.ended)
			return
		}
		c.abandon() // a fn ended this goroutine (runtime.Goexit, as a test's FailNow does)
		answer(batch, errExited)
		go c.run()
	}()
	for batch = c.queue.take(maxBatch); batch != nil; batch = c.queue.take(maxBatch) {
		err := c.commit(batch)
		if err != nil {
			c.logger.Error("ledger commit failed: nothing of it was kept", "changes", len(batch), "error", err)
			c.abandon()
			err = fmt.Errorf("commit to the ledger: %w", err)
		}
		answer(batch, err)
		c.foldWAL()
	}
}

// answer lets the callers go on: each with the error of its own fn, else with
// that of the store.
func answer(batch []*change, err error) {
	for _, ch := range batch {
		if ch.err == nil {
			ch.err = err
		}
		close(ch.done)
	}
}

// commit runs a batch in one transaction and leaves what each fn answered in
// its change. Its own error is the store's: then nothing was kept.
func (c *committer) commit(batch []*change) error {
	if err := c.claim(); err != nil {
		return err
	}
	if _, err := c.s.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	kept := false
	for _, ch := range batch {
		if err := c.apply(ch); err != nil {
			return err
		}
		kept = kept || ch.err == nil
	}
	if !kept {
		_, err := c.s.exec("ROLLBACK")
		return err
	}
	if err := c.saveFence(); err != nil {
		return err
	}
	_, err := c.s.exec("COMMIT")
	return err
}

// saveFence writes down the highest fence that was given, once for all leases
// of a commit.
func (c *committer) saveFence() error {
	if c.fence == c.kept {
		return nil
	}
	if _, err := c.s.exec(saveFence, c.fence); err != nil {
		return fmt.Errorf("save the fence: %w", err)
	}
	c.kept = c.fence
	return nil
}

// apply runs one change within its savepoint. It returns an error only when
// the transaction itself is broken: SQLite rolls all of it back on its own
// when the disk fails, and then the savepoint is gone too.
func (c *committer) apply(ch *change) error {
	if ch.err = ch.ctx.Err(); ch.err != nil {
		return nil
	}
	if _, err := c.s.exec("SAVEPOINT change"); err != nil {
		return err
	}
	x := &tx{view: view{ctx: context.Background(), s: c.s, now: c.clock.now()}, fence: &c.fence, recent: c.recent}
	c.recent.begin()
	ch.err = c.guard(ch, x)
	if ch.err != nil {
		c.recent.undo()
		if _, err := c.s.exec("ROLLBACK TO change"); err != nil {
			return errors.Join(err, ch.err)
		}
	}
	_, err := c.s.exec("RELEASE change")
	return err
}

var (
	errPanicked = errors.New("a change panicked") // stands for the panic until its caller has it back
	errExited   = errors.New("a change ended the committer's goroutine: nothing of its commit was kept")
)

// guard runs fn. The committer is shared, so a panic is kept for its caller.
func (c *committer) guard(ch *change, x *tx) (err error) {
	defer func() {
		if ch.panic = recover(); ch.panic != nil {
			c.logger.ErrorContext(ch.ctx, "a change panicked", "panic", ch.panic, "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return ch.fn(x)
}

// claim makes sure of a connection that can write, by writing: a fence above
// the highest known to the file or to this process, so that none is ever given
// twice. It matters after a commit that failed at its sync: the WAL may hold
// its frames, and they would be found, and believed, after a crash. This commit
// overwrites them; it has to change something, for SQLite skips a write that
// does not.
func (c *committer) claim() error {
	if c.sound {
		return nil
	}
	kept, err := one(&view{ctx: context.Background(), s: c.s}, column[int64], "SELECT value FROM meta WHERE name = 'fence'")
	if err == nil {
		c.fence = max(c.fence, kept) + 1
		_, err = c.s.exec(saveFence, c.fence)
	}
	if err != nil {
		c.abandon()
		return fmt.Errorf("claim the ledger: %w", err)
	}
	c.sound, c.kept = true, c.fence
	return nil
}

func (c *committer) foldWAL() {
	if !c.sound {
		return
	}
	if err := c.wal.bound(c.s); err != nil {
		c.logger.Warn("the ledger's WAL could not be folded in", "error", err)
		c.abandon()
	}
}

// abandon gives up the connection; the next batch begins on a new one.
func (c *committer) abandon() {
	c.s.discard()
	c.recent.clear()
	c.sound, c.kept = false, 0
}
