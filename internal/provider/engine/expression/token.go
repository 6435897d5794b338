package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	end kind = iota
	word
	number
	quoted
	sign
)

// token is a piece of a condition; text of a word is in small letters, of a
// quoted one without its quotes.
type token struct {
	kind kind
	text string
	at   int // byte
}

// next is the token at byte i, and where the one after it begins.
func next(s string, i int) (token, int, error) {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	if i == len(s) {
		return token{end, "the end", i}, i, nil
	}
	switch c := s[i]; {
	case c == '\'':
		return text(s, i)
	case isDigit(c) || c == '.' || c == '-':
		n := i + 1
		for n < len(s) && (isDigit(s[n]) || s[n] == '.') {
			n++
		}
		return token{number, s[i:n], i}, n, nil
	case isLetter(c):
		n := i + 1
		for n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
			n++
		}
		return token{word, strings.ToLower(s[i:n]), i}, n, nil
	}
	for _, op := range []string{"<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ","} {
		if strings.HasPrefix(s[i:], op) {
			return token{sign, op, i}, i + len(op), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return token{}, i, &Error{i, fmt.Sprintf("%q is no part of a condition", r)}
}

// text is quoted by single quotes; one inside it is doubled.
func text(s string, at int) (token, int, error) {
	var b strings.Builder
	for i := at + 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			return token{quoted, b.String(), at}, i + 1, nil
		}
	}
	return token{}, at, &Error{at, "the quote is never closed"}
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
