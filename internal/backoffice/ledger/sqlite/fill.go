package sqlite

import (
	"context"
	"fmt"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// fillSome is how many requests are brought into the index in one change: some
// ten milliseconds that the changes of others wait.
const fillSome = 100

const (
	unfilled = "SELECT guid, asked FROM requests WHERE guid < ? ORDER BY guid DESC LIMIT ?"
	moveGap  = "UPDATE search_gap SET before = ?"
	closeGap = "DELETE FROM search_gap"
)

// startFiller begins to fill the index, if it has a gap.
func (l *Ledger) startFiller(ctx context.Context, c Config) error {
	gap := ""
	err := l.View(ctx, func(v ledger.View) (err error) {
		gap, err = first(v.(*view), gapBefore)
		return err
	})
	if err != nil || gap == "" {
		return err
	}
	l.filler = &search.Filler{Logger: c.Logger, Some: l.fillSome}
	l.filler.Start()
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

type unentered struct {
	guid  string
	asked report.Asked
}

func (x *tx) fill(most int) (n int, more bool, err error) {
	gap, err := first(&x.view, gapBefore)
	if err != nil || gap == "" {
		return 0, false, err
	}
	rows, err := all(&x.view, func(row scanner, u *unentered) error {
		return row.Scan(&u.guid, document{&u.asked})
	}, unfilled, gap, most)
	if err != nil {
		return 0, false, fmt.Errorf("read requests before %s: %w", gap, err)
	}
	for _, u := range rows {
		if err := x.enter(u.guid, &u.asked); err != nil {
			return 0, false, fmt.Errorf("bring request %s into the index: %w", u.guid, err)
		}
	}
	if len(rows) < most {
		return len(rows), false, x.run(closeGap)
	}
	return len(rows), true, x.run(moveGap, rows[len(rows)-1].guid)
}
