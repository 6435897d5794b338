// Package telemetry lets an operator follow one request and see whether a
// process is well.
//
// Promise: every record logged with a context has the attributes guid and role if
// the context names the request and the role. They are set nowhere else, so no
// record has one twice. A duration is logged in milliseconds, under a name that
// ends in _ms. Health says of every named part whether it is well, since when, and
// why not.
//
// Limits: records go to one writer as JSON, one line each; where they go from
// there is the operator's. Health asks when it is asked: nothing runs in the
// background.
//
// Failure: a record that cannot be written is lost, and nobody waits for it. A
// check that does not answer in time counts as not well.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// NewLog makes the log of a process: JSON, one line per record, times in UTC,
// durations in milliseconds, from the level upwards: debug, info, warn or error.
func NewLog(w io.Writer, level string) (*slog.Logger, error) {
	var lowest slog.Level
	if err := lowest.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	return slog.New(NewHandler(slog.NewJSONHandler(w, &slog.HandlerOptions{
		Level:       lowest,
		ReplaceAttr: units,
	}))), nil
}

// units writes a time as the ledger does, and a duration with its unit: slog would
// write nanoseconds and not say so.
func units(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	case slog.KindDuration:
		d := a.Value.Duration().Round(time.Microsecond)
		a = slog.Float64(a.Key+"_ms", float64(d)/float64(time.Millisecond))
	}
	return a
}

// The attributes taken from the context.
const (
	guidKey = "guid"
	roleKey = "role"
)

type contextKey string

// WithGUID names the request the work is for.
func WithGUID(ctx context.Context, guid string) context.Context {
	return context.WithValue(ctx, contextKey(guidKey), guid)
}

// WithRole names the role that does the work.
func WithRole(ctx context.Context, role string) context.Context {
	return context.WithValue(ctx, contextKey(roleKey), role)
}

// GUID is the request the work is for, or empty.
func GUID(ctx context.Context) string { return named(ctx, guidKey) }

// Role is the role that does the work, or empty.
func Role(ctx context.Context) string { return named(ctx, roleKey) }

func named(ctx context.Context, key contextKey) string {
	value, _ := ctx.Value(key).(string)
	return value
}

// handler adds what the context knows to each record.
type handler struct{ slog.Handler }

// NewHandler adds guid and role from the context to every record. Within a
// group they belong to the group, as everything does.
func NewHandler(inner slog.Handler) slog.Handler { return handler{inner} }

// Handle is the slog.Handler's.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone() // the caller's must not grow
	for _, key := range []contextKey{roleKey, guidKey} {
		if value := named(ctx, key); value != "" {
			r.AddAttrs(slog.String(string(key), value))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is the slog.Handler's.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is the slog.Handler's.
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name)}
}
