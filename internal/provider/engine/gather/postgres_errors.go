package gather

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"peyk/internal/provider/engine/definition"
)

// unreached: there is no connection. What the server said no to (an unknown
// user, a wrong password, no such database) stays so; all else may pass.
func unreached(source string, cause error) error {
	var said *pgconn.PgError
	if errors.As(cause, &said) && !passingState(said.Code) {
		return permanently(source, cause)
	}
	return unavailable(source, cause)
}

// failedPostgres classes what ended a query that began then.
func failedPostgres(s definition.Source, began time.Time, cause error) error {
	var said *pgconn.PgError
	switch {
	case !errors.As(cause, &said):
		return unavailable(s.Name, cause) // the connection broke
	case said.Code == canceled && time.Since(began) >= timeoutOf(s):
		return slow(s, cause) // the server's message may be in any language
	case passingState(said.Code):
		return unavailable(s.Name, cause)
	}
	return permanently(s.Name, cause)
}

// canceled is the state of a statement that took too long, or that somebody
// ended.
const canceled = "57014"

// passingState reports whether the same may work later, by the SQLSTATE
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func passingState(code string) bool {
	switch code {
	case canceled, "57P01", "57P02", "57P03", "57P05", // it is stopping, starting, or ended the session
		"55P03", "40001", "40P01", "25P03", "72000": // locked, in conflict, idle too long, snapshot too old
		return true
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "58": // connection, resources, the system beneath
		return true
	}
	return false
}
