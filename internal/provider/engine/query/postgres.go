package query

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// nextPostgreSQL is the first token of s, which is not empty, by the rules of
// PostgreSQL's scanner with standard_conforming_strings on
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html).
func nextPostgreSQL(s string) (token, error) {
	switch c := s[0]; {
	case isSpacePostgreSQL(c):
		return token{space, s[:1+countWhile(s[1:], isSpacePostgreSQL)]}, nil
	case strings.HasPrefix(s, "--"):
		return token{space, s[:countWhile(s, func(c byte) bool { return c != '\n' && c != '\r' })]}, nil
	case strings.HasPrefix(s, "/*"):
		return nestedComment(s)
	case (c == 'e' || c == 'E') && strings.HasPrefix(s[1:], "'"):
		return escaped(s)
	case c == '\'' || c == '"':
		return quotedBy(s, c)
	case c == '$':
		return dollarQuoted(s)
	case c == ';':
		return token{semicolon, ";"}, nil
	case c == ':':
		return colon(s)
	case isDigit(c):
		return numeral(s)
	case isWord(c):
		return token{word, s[:1+countWhile(s[1:], isWord)]}, nil
	}
	return token{other, s[:1]}, nil
}

// colon is `:name`, a cast `::`, `:=`, or that of a slice.
func colon(s string) (token, error) {
	switch {
	case strings.HasPrefix(s, "::") || strings.HasPrefix(s, ":="):
		return token{other, s[:2]}, nil
	case len(s) == 1 || !isWord(s[1]) || isDigit(s[1]):
		return token{other, s[:1]}, nil
	}
	return placeholderBefore(s, func(rest string) bool {
		return !strings.HasPrefix(rest, "::") && (isWord(rest[0]) || strings.IndexByte(":.(", rest[0]) >= 0)
	})
}

// numeral begins with a digit. What servers of different age read differently
// where a number runs into something else is refused.
func numeral(s string) (token, error) {
	n := 1 + countWhile(s[1:], isName)
	if n < len(s) && (isWord(s[n]) || s[n] == '\'' || s[n] == '"') {
		return token{}, fmt.Errorf("%q: after a number comes a space or a sign", s[:n+1])
	}
	return token{word, s[:n]}, nil
}

// nestedComment must be closed as often as it is opened.
func nestedComment(s string) (token, error) {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return token{space, s[:i+1]}, nil
			}
		}
	}
	return token{}, errors.New("the comment /* is never closed")
}

// escaped is E'…', where a backslash takes the next character's meaning away.
func escaped(s string) (token, error) {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '\'' && strings.HasPrefix(s[i+1:], "'"):
			i++
		case s[i] == '\'':
			return token{escapes, s[:i+1]}, nil
		}
	}
	return token{}, errors.New("the quote E' is never closed")
}

// dollarQuoted is $$…$$ or $tag$…$tag$.
func dollarQuoted(s string) (token, error) {
	n := 1 + countWhile(s[1:], func(c byte) bool { return isWord(c) && c != '$' })
	if n >= len(s) || s[n] != '$' || isDigit(s[1]) {
		return token{}, fmt.Errorf("%q: a parameter is written :name or :name.field", firstWord(s))
	}
	tag := s[:n+1]
	end := strings.Index(s[len(tag):], tag)
	if end < 0 {
		return token{}, fmt.Errorf("the quote %s is never closed", tag)
	}
	return token{quoted, s[:end+2*len(tag)]}, nil
}

func isSpacePostgreSQL(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\v' }

// neighbours follows which tokens stand side by side in a text for PostgreSQL.
type neighbours struct {
	last    kind // of the token just before
	escapes bool // the last token but for spaces was E'…'
}

// see refuses what would mean something else once a placeholder is replaced,
// and what a string in the next line would go on with: E'…' lends it its
// backslashes.
func (n *neighbours) see(t token) error {
	switch {
	case t.kind == placeholder && n.last == word:
		return fmt.Errorf("%q: before a parameter comes a space or a sign", t.text)
	case t.kind == quoted && t.text[0] == '\'' && n.escapes:
		return errors.New("a string follows E'…' directly; join them with ||")
	case t.kind == word && !utf8.ValidString(t.text):
		return fmt.Errorf("%q is not UTF-8", t.text)
	}
	n.last = t.kind
	if t.kind != space {
		n.escapes = t.kind == escapes
	}
	return nil
}
