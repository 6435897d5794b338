package tabulate

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
)

// number is a whole one where it can be, so that large ids and counts keep
// their last digit.
type number struct {
	whole   bool
	integer int64
	float   float64
}

// numberOf reads a value of a column of numbers.
func numberOf(v any) (number, error) {
	switch v := v.(type) {
	case int64:
		return number{whole: true, integer: v, float: float64(v)}, nil
	case float64:
		return finite(v)
	case string:
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return number{whole: true, integer: i, float: float64(i)}, nil
		}
		if !decimalText(v) {
			return number{}, errors.New("not a number")
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return number{}, errors.New("not a number")
		}
		return finite(f)
	}
	return number{}, fmt.Errorf("%T is not a number", v)
}

// decimalText keeps out what ParseFloat takes and no person means: hexadecimal
// numbers, inf, nan, underscores.
func decimalText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return s != ""
}

func finite(f float64) (number, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return number{}, errors.New("not a finite number")
	}
	return number{float: f}, nil
}

// in writes n in the format of c.
func (n number) in(c definition.Column, l lang.Language) string {
	switch c.Format {
	case definition.FormatPercent:
		return l.Percent(n.float, c.Digits)
	case definition.FormatMoney:
		return l.Money(n.float, c.Currency, c.Digits)
	case definition.FormatInteger:
		if n.whole {
			return l.Integer(n.integer)
		}
	}
	return l.Decimal(n.float, c.Digits)
}

// precision of sums, in bits: millions of amounts add up without a trace of
// their order.
const precision = 256

// total gathers what stands under a column.
type total struct {
	count int64
	sum   *big.Float
	part  big.Float
}

func (t *total) add(n number) {
	if t.sum == nil {
		t.sum = new(big.Float).SetPrec(precision)
	}
	if n.whole {
		t.part.SetPrec(64).SetInt64(n.integer)
	} else {
		t.part.SetPrec(64).SetFloat64(n.float)
	}
	t.sum.Add(t.sum, &t.part)
}

// of kind, as a number; false where there was nothing to make it of.
func (t *total) of(kind definition.Total) (number, bool) {
	if kind == definition.Count {
		return number{whole: true, integer: t.count, float: float64(t.count)}, true
	}
	if t.sum == nil {
		return number{}, false
	}
	v := new(big.Float).SetPrec(precision).Set(t.sum)
	if kind == definition.Avg {
		v.Quo(v, new(big.Float).SetInt64(t.count))
	}
	n := number{}
	n.float, _ = v.Float64()
	if i, accuracy := v.Int64(); v.IsInt() && accuracy == big.Exact {
		n.whole, n.integer = true, i
	}
	return n, true
}

// totals are the rows under the table: sums, averages and counts each have
// their own.
func totals(columns []definition.Column, sums []total, l lang.Language) [][]string {
	var rows [][]string
	for _, kind := range []struct {
		total definition.Total
		name  string
	}{{definition.Sum, l.Words.Total}, {definition.Avg, l.Words.Average}, {definition.Count, l.Words.Count}} {
		has := func(c definition.Column) bool { return c.Total == kind.total }
		if slices.ContainsFunc(columns, has) {
			rows = append(rows, totalRow(columns, sums, kind.total, kind.name, l))
		}
	}
	return rows
}

// totalRow has its name in the first text without such a total, else in the
// first column without one, else before the first total.
func totalRow(columns []definition.Column, sums []total, kind definition.Total, name string, l lang.Language) []string {
	row := make([]string, len(columns))
	for i, c := range columns {
		if c.Total == kind {
			row[i] = written(c, &sums[i], l)
		}
	}
	at := slices.IndexFunc(columns, func(c definition.Column) bool { return c.Total != kind && !c.Format.Numeric() })
	if at < 0 {
		at = slices.IndexFunc(columns, func(c definition.Column) bool { return c.Total != kind })
	}
	if at < 0 {
		row[0] = name + ": " + row[0]
		return row
	}
	row[at] = name
	return row
}

func written(c definition.Column, t *total, l lang.Language) string {
	n, ok := t.of(c.Total)
	switch {
	case !ok:
		return absent
	case c.Total == definition.Count:
		return l.Integer(n.integer)
	case c.Total == definition.Avg && c.Format == definition.FormatInteger && !n.whole:
		return l.Decimal(n.float, 1)
	}
	return n.in(c, l)
}
