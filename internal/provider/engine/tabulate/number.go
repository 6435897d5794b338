package tabulate

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// number is a whole one where it can be, so that large ids and counts keep
// their last digit.
type number struct {
	whole   bool
	integer int64
	float   float64
}

func whole(i int64) number { return number{whole: true, integer: i, float: float64(i)} }

// numberOf reads a value of a column of numbers.
func numberOf(v any) (number, error) {
	switch v := v.(type) {
	case int64:
		return whole(v), nil
	case float64:
		return finite(v)
	case string:
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return whole(i), nil
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

// value is n as a cell holds it.
func (n number) value() any {
	if n.whole {
		return n.integer
	}
	return n.float
}

// exactly is n in into.
func (n number) exactly(into *big.Float) *big.Float {
	into.SetPrec(64)
	if n.whole {
		return into.SetInt64(n.integer)
	}
	return into.SetFloat64(n.float)
}
