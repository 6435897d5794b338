package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// at is a time as the tables hold it: whole microseconds since 1970, the zero
// time as NULL.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant reads such a column. A pointer to any time.Time converts to
// *instant, so a field is scanned in place.
type instant time.Time

// Scan takes the column's value.
func (i *instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("a time column holds %T", v)
	}
	return nil
}

// cut brings a time within a document to what an instant keeps of it.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// document is a value kept as JSON text. It holds a pointer: Value marshals
// what it points to, Scan fills it.
type document struct{ at any }

// Value gives the column's value.
func (d document) Value() (driver.Value, error) {
	raw, err := json.Marshal(d.at)
	if err != nil {
		return nil, fmt.Errorf("write %T: %w", d.at, err)
	}
	return string(raw), nil
}

// Scan takes the column's value; NULL leaves the zero value.
func (d document) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), d.at)
	}
	return fmt.Errorf("a JSON column holds %T", v)
}

// optional is a document that is NULL while there is nothing to say.
type optional struct {
	document
	empty bool
}

// Value gives the column's value.
func (o optional) Value() (driver.Value, error) {
	if o.empty {
		return nil, nil
	}
	return o.document.Value()
}

// raw is JSON kept byte for byte as text; nil is NULL.
type raw json.RawMessage

// Value gives the column's value.
func (r raw) Value() (driver.Value, error) {
	if r == nil {
		return nil, nil
	}
	return string(r), nil
}

// Scan takes the column's value.
func (r *raw) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*r = nil
	case string:
		*r = raw(v)
	default:
		return fmt.Errorf("a JSON column holds %T", v)
	}
	return nil
}
