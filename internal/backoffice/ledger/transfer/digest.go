package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"peyk/internal/backoffice/ledger/postgres"
)

// fromSQLite is a row as PostgreSQL takes it.
func (t table) fromSQLite(row []any) ([]any, error) {
	out := make([]any, len(row))
	for i, v := range row {
		var err error
		if out[i], err = t.columns[i].fromSQLite(v); err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", t.columns[i].name, t.name, err)
		}
	}
	return out, nil
}

func (c column) fromSQLite(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if c.kind == asBytes {
			return []byte(v), nil
		}
		if c.kind == asText {
			return postgres.Storable(v), nil
		}
	case []byte:
		if c.kind == asBytes {
			return v, nil
		}
	case int64:
		switch c.kind {
		case asWhole:
			return v, nil
		case asTruth:
			return v != 0, nil
		case asTime:
			return time.UnixMicro(v).UTC(), nil
		}
	}
	return nil, fmt.Errorf("it holds a %T", v)
}

// digest is taken over every value of every row of a table.
type digest struct {
	rows int64
	sum  hash.Hash
}

func newDigest() *digest { return &digest{sum: sha256.New()} }

// add takes a row of nil, string, []byte, int64, bool and time.Time. Each value
// says what it is and how long, so that no two rows look the same.
func (d *digest) add(row []any) error {
	d.rows++
	for _, v := range row {
		var mark byte
		var value []byte
		switch v := v.(type) {
		case nil:
			mark = 'n'
		case string:
			mark, value = 's', []byte(v)
		case []byte:
			mark, value = 'x', v
		case int64:
			mark, value = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
		case int32:
			mark, value = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
		case bool:
			mark, value = 'b', []byte{0}
			if v {
				value[0] = 1
			}
		case time.Time:
			mark, value = 't', binary.BigEndian.AppendUint64(nil, uint64(v.UnixMicro()))
		default:
			return fmt.Errorf("a row holds a %T", v)
		}
		d.sum.Write(binary.BigEndian.AppendUint32([]byte{mark}, uint32(len(value))))
		d.sum.Write(value)
	}
	return nil
}

func (d *digest) String() string { return hex.EncodeToString(d.sum.Sum(nil)) }
