package gather

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/report"
)

// failed classes what went wrong at a source: what may pass is Transient.
func failed(source string, cause error) error {
	if passing(cause) {
		return unavailable(source, cause)
	}
	return permanently(source, cause)
}

func unavailable(source string, cause error) error {
	return &report.Error{
		Class: report.Transient, Code: "source-unavailable", Cause: fmt.Errorf("read source %s: %w", source, cause),
		Sentence: fmt.Sprintf("The source %s cannot be reached at the moment.", source),
	}
}

func permanently(source string, cause error) error {
	return &report.Error{
		Class: report.Permanent, Code: "source-failed", Cause: fmt.Errorf("read source %s: %w", source, cause),
		Sentence: fmt.Sprintf("The source %s could not be read. Its owner has to look at it.", source),
	}
}

// slow: not Transient, for the same query would take as long again.
func slow(s definition.Source, cause error) error {
	return &report.Error{
		Class: report.Permanent, Code: "source-timeout", Cause: fmt.Errorf("read source %s: %w", s.Name, cause),
		Sentence: fmt.Sprintf("The source %s took longer than %s, which is the most it may. Ask for less.", s.Name, timeoutOf(s)),
	}
}

func uncombined(cause error) error {
	return &report.Error{
		Class: report.Permanent, Code: "combine-failed", Cause: fmt.Errorf("combine: %w", cause),
		Sentence: "The sources could not be combined. The author of the report has to look at it.",
	}
}

// passing reports whether the same may work later.
func passing(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		var path *fs.PathError
		return errors.As(err, &path) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, context.Canceled)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// interrupted prefers the end of the context over what it made fail.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("gather: %w", context.Cause(ctx))
	}
	return err
}
