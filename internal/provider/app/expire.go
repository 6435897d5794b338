package app

import (
	"context"
	"time"
)

// tidyAge is how old a file without a result must be to be removed: younger
// ones may be on their way to one.
const tidyAge = time.Hour

// expireAll lets reports expire when their time is over, until ctx ends.
func (a *App) expireAll(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := a.Store.Expire(ctx)
		if err == nil {
			err = a.Store.Tidy(ctx, a.Now().Add(-tidyAge))
		}
		rest := idle
		switch {
		case err != nil && ctx.Err() == nil:
			a.Log.ErrorContext(ctx, "cannot let reports expire", "error", err)
			rest = time.Minute
		case !next.IsZero():
			rest = min(max(next.Sub(a.Now()), 0), idle)
		}
		pause(ctx, rest)
	}
}
