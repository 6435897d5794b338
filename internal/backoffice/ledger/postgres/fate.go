package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What became of a commit whose answer was lost.
//
// Each connection that writes has a row in the table marks, its slot, and each
// transaction ends by putting a number of its own there. Whoever asks later reads
// that number, and in the same breath takes the slot its right to commit: what is
// still on its way on a connection we believe dead can then not arrive any more.
// A transaction that is under way holds the row and is waited for.
//
// PostgreSQL's own answer, pg_xact_status of the transaction's number, would cost
// no row, but is wrong after a crash: numbers whose transactions were lost are
// given again, to others, who commit.

// mark is the number of a transaction in its connection's slot.
type mark struct{ slot, value int64 }

// slotKey is where a connection keeps the number of its slot.
const slotKey = "peyk.slot"

func newMark(conn *pgxpool.Conn) *mark {
	slot, _ := conn.Conn().PgConn().CustomData()[slotKey].(int64)
	return &mark{slot: slot, value: rand.Int64()}
}

const (
	openSlot  = "INSERT INTO marks (slot) VALUES ($1)"
	putMark   = "UPDATE marks SET mark = $2::bigint / alive WHERE slot = $1" // a slot that is dead divides by zero
	closeSlot = "UPDATE marks SET alive = 0 WHERE slot = $1 RETURNING mark"
	oldSlots  = "DELETE FROM marks WHERE opened < now() - interval '1 day'"
)

// giveSlot gives a new connection its slot.
func giveSlot(ctx context.Context, conn *pgx.Conn) error {
	slot := rand.Int64()
	if _, err := conn.Exec(ctx, openSlot, slot); err != nil {
		return fmt.Errorf("open a slot for a connection: %w", err)
	}
	conn.PgConn().CustomData()[slotKey] = slot
	return nil
}

// How long, and how often, the database is asked.
const (
	patience  = 15 * time.Second
	fatePause = 50 * time.Millisecond
)

// fate finds out what became of the transaction with this mark, the answer to
// whose COMMIT was lost for this reason: nil if it stands, a lostError if it
// never will.
func (l *Ledger) fate(ctx context.Context, m mark, lost error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.patience)
	defer cancel()
	l.writing.Reset() // the other connections may be as dead
	for {
		last, err := l.last(ctx, m.slot)
		switch {
		case err == nil && last == m.value:
			l.logger.InfoContext(ctx, "the answer to a commit was lost; it stands", "error", lost)
			return nil
		case err == nil || errors.Is(err, pgx.ErrNoRows): // the slot itself was lost with a server that had not synced it
			return &lostError{fmt.Errorf("commit to the ledger: %w", lost)}
		case ctx.Err() != nil || l.closed.Load():
			return fmt.Errorf("commit to the ledger: %w: %w", ErrUnknown, errors.Join(lost, err))
		}
		pause(ctx, fatePause) // the database is away
	}
}

// last is the mark of the last transaction that was committed in the slot, in
// which none will be from now on.
func (l *Ledger) last(ctx context.Context, slot int64) (value int64, err error) {
	err = l.writing.QueryRow(ctx, closeSlot, slot).Scan(&value)
	return value, err
}
