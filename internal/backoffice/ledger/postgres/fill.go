package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// fillSome is how many requests are brought into the index in one transaction.
const fillSome = 200

// The gap is locked, so that several processes take turns.
const (
	lockGap  = "SELECT before FROM search_gap FOR UPDATE"
	unfilled = "SELECT guid, asked FROM requests WHERE guid < $1 ORDER BY guid DESC LIMIT $2"
	moveGap  = "UPDATE search_gap SET before = $1"
	closeGap = "DELETE FROM search_gap"
)

// startFiller begins to fill the index, if it has a gap.
func (l *Ledger) startFiller(ctx context.Context) error {
	var gap bool
	if err := l.reading.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM search_gap)").Scan(&gap); err != nil {
		return fmt.Errorf("look for requests without an entry: %w", err)
	}
	if gap {
		l.filler = &search.Filler{Logger: l.logger, Some: l.fillSome}
		l.filler.Start()
	}
	return nil
}

// fillSome narrows the gap.
func (l *Ledger) fillSome(ctx context.Context) (n int, more bool, err error) {
	err = l.Update(ctx, func(lt ledger.Tx) (err error) {
		n, more, err = lt.(*tx).fill(fillSome)
		return err
	})
	return n, more, err
}

type unentered struct{ guid, asked string }

func (x *tx) fill(most int) (n int, more bool, err error) {
	gaps, err := list(&x.view, column[string], lockGap)
	if err != nil || len(gaps) == 0 {
		return 0, false, err
	}
	rows, err := list(&x.view, func(row pgx.Rows, u *unentered) error { return row.Scan(&u.guid, &u.asked) }, unfilled, gaps[0], most)
	if err != nil {
		return 0, false, fmt.Errorf("read requests before %s: %w", gaps[0], err)
	}
	for _, u := range rows {
		var asked report.Asked
		if err := decode([]byte(u.asked), &asked); err != nil {
			return 0, false, fmt.Errorf("read request %s: %w", u.guid, err)
		}
		x.s.write(enterOne, entry(u.guid, &asked)...)
	}
	if len(rows) < most {
		return len(rows), false, x.plain(closeGap)
	}
	return len(rows), true, x.plain(moveGap, rows[len(rows)-1].guid)
}
