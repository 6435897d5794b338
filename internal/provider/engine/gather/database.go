package gather

import (
	"context"
	"errors"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// database is one a source can lie in.
type database interface {
	// read runs the source's query and hands its rows on; asOf is the moment
	// they are of.
	read(ctx context.Context, s definition.Source, job Job, to *reader) (asOf time.Time, err error)
	// estimate says how many rows the source's query would go through.
	estimate(ctx context.Context, s definition.Source, values map[query.Placeholder]any) (int64, error)
	dialect() query.Dialect
	close() error
}

// DefaultTimeout is how long one source may be read where it says nothing.
const DefaultTimeout = 5 * time.Minute

// errSlow ends the context of a source that took too long.
var errSlow = errors.New("the source took too long")

func timeoutOf(s definition.Source) time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return DefaultTimeout
}

// within reads a source in the time it has, and some to spare.
func within(ctx context.Context, s definition.Source, spare time.Duration, to *reader, read func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeoutOf(s)+spare, errSlow)
	defer cancel()
	to.done = ctx.Done()
	err := read(ctx)
	if errors.Is(err, errEnough) {
		to.cut, err = true, to.end()
	}
	if err != nil && errors.Is(context.Cause(ctx), errSlow) {
		return slow(s, err)
	}
	return err
}
