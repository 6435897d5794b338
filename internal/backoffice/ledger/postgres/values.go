package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// at is a time as the tables hold it: whole microseconds, the zero time as NULL.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond)
}

// instant reads such a column. A pointer to any time.Time converts to *instant,
// so a field is scanned in place.
type instant time.Time

// ScanTimestamptz takes the column's value.
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i = instant{}
	if v.Valid {
		*i = instant(v.Time.UTC())
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

// document is JSON text read into what at points to; NULL leaves it as it is.
type document struct{ at any }

// ScanText takes the column's value.
func (d document) ScanText(v pgtype.Text) error {
	if !v.Valid {
		return nil
	}
	return json.Unmarshal([]byte(v.String), d.at)
}

// encode is the text of a JSON column.
func encode(v any) (string, error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write %T: %w", v, err)
	}
	return string(doc), nil
}

// optional is encode, but NULL while there is nothing to say.
func optional(v any, empty bool) (any, error) {
	if empty {
		return nil, nil
	}
	return encode(v)
}

// decode reads the text of a JSON column; NULL leaves what is there.
func decode(text []byte, into any) error {
	if text == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// texts is an array of text.
func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = clean(string(v))
	}
	return out
}
