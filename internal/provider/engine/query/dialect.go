package query

// Dialect is whose SQL a text is.
type Dialect int

// The dialects. The zero one is the workbench's.
const (
	SQLite Dialect = iota
	PostgreSQL
)

// String is the dialect's name.
func (d Dialect) String() string {
	if d == PostgreSQL {
		return "PostgreSQL"
	}
	return "SQLite"
}

// first is the first token of s, which is not empty.
func (d Dialect) first(s string) (token, error) {
	if d == PostgreSQL {
		return nextPostgreSQL(s)
	}
	return next(s)
}
