// Package sample has each kind of expression that mutate changes, once or twice.
package sample

import "errors"

var errOdd = errors.New("odd")

const debug = false

// clamp has comparisons, one of them without effect at its boundary.
func clamp(n, most int) int {
	if n < 0 { // boundary: 0 either way
		return 0
	}
	if n > most && most != 0 || n == 13 {
		return most
	}
	return n
}

// half has a returned error, a condition that is a call, and a constant.
func half(n int) (out int, err error) {
	if isOdd(n) {
		return 0, errOdd
	}
	if debug {
		panic("debug")
	}
	return n / 2, nil
}

func isOdd(n int) bool { return n%2 != 0 }

// quarter passes the results of a call on.
func quarter(n int) (int, error) { return half(n / 2) }

// named returns its results by name.
func named(n int) (out int, err error) {
	if out, err = half(n); !(err == nil) {
		return
	}
	return out + 1, err
}

// unused is not reached by any test.
func unused(n int) bool {
	switch {
	case n > 3:
		return true
	}
	switch n {
	case 1:
		return true
	}
	return false
}

// endless does not end if its condition is negated.
func endless(n int) (steps int) {
	for n != 0 {
		n--
		steps++
	}
	return steps
}
