package gather

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"peyk/internal/provider/engine/definition"
)

// converter makes a value of the workbench from PostgreSQL's text.
type converter func(text []byte) (any, error)

// columnsPostgres names the columns, with the affinity and the converter of
// their types.
func columnsPostgres(s definition.Source, fields []pgconn.FieldDescription) ([]column, []converter, error) {
	columns, convert := make([]column, len(fields)), make([]converter, len(fields))
	for i, f := range fields {
		columns[i].name = f.Name
		if columns[i].affinity, convert[i] = typeOf(f.DataTypeOID); convert[i] == nil {
			return nil, nil, unfit(s, f.Name, fmt.Errorf("has a type that reports do not read%s; its SQL should cast it, for example with ::text", typeName(f.DataTypeOID)))
		}
	}
	return columns, convert, nil
}

func typeOf(oid uint32) (affinity string, _ converter) {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID:
		return "INTEGER", toInteger
	case pgtype.Float4OID, pgtype.Float8OID:
		return "REAL", toFloat
	case pgtype.NumericOID:
		return "NUMERIC", toNumber
	case pgtype.BoolOID:
		return "INTEGER", toTruth
	case pgtype.TimestamptzOID:
		return "TEXT", toInstant
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.UnknownOID, pgtype.QCharOID,
		pgtype.UUIDOID, pgtype.JSONOID, pgtype.JSONBOID, pgtype.DateOID, pgtype.TimeOID, pgtype.TimestampOID:
		return "TEXT", toText
	}
	return "", nil
}

func typeName(oid uint32) string {
	if t, ok := pgtype.NewMap().TypeForOID(oid); ok {
		return " (" + t.Name + ")"
	}
	return ""
}

func toInteger(text []byte) (any, error) { return strconv.ParseInt(string(text), 10, 64) }
func toTruth(text []byte) (any, error)   { return int64(strings.Count(string(text), "t")), nil }
func toText(text []byte) (any, error)    { return string(text), nil }

// toFloat takes what PostgreSQL writes of a float; SQLite has no NaN.
func toFloat(text []byte) (any, error) {
	f, err := strconv.ParseFloat(string(text), 64)
	if err == nil && math.IsNaN(f) {
		err = errNaN
	}
	return f, err
}

var errNaN = errors.New("has NaN, which is no number; its SQL should cast it to text or leave it out")

// toInstant writes a moment of UTC so that SQLite's date functions read it.
func toInstant(text []byte) (any, error) {
	return strings.TrimSuffix(string(text), "+00") + "Z", nil
}

// A float64 keeps every decimal number of this many digits.
const exactDigits = 15

// moneyDecimals is how many decimals money has at most. Digits beyond the
// fifteenth that lie further behind are those of a division.
const moneyDecimals = 6

// toNumber takes a numeric: whole ones as integers, others as the float64 that
// stands for the same decimal number. Where there is none, because a sum has
// more digits than a float64 keeps, it is refused rather than changed.
func toNumber(text []byte) (any, error) {
	s := string(text)
	whole, fraction, _ := strings.Cut(s, ".")
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		if i, err := strconv.ParseInt(whole, 10, 64); err == nil {
			return i, nil
		}
	}
	digits := strings.TrimLeft(strings.TrimLeft(whole, "-")+fraction[:min(len(fraction), moneyDecimals)], "0")
	if len(digits) > exactDigits || strings.ContainsAny(s, "NIe") {
		return nil, fmt.Errorf("has %.60s, which has no exact place in a report; its SQL should round it or cast it to text", s)
	}
	return strconv.ParseFloat(s, 64)
}
