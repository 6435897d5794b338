package query

import (
	"errors"
	"fmt"
	"strings"
)

type kind int

const (
	other   kind = iota
	space        // and comments
	word         // names, keywords, numbers
	quoted       // strings and quoted names
	escapes      // a string in which backslashes mean something
	placeholder
	semicolon
)

type token struct {
	kind kind
	text string
}

// next is the first token of s, which is not empty, by the rules of SQLite's
// tokenizer (https://www.sqlite.org/lang_expr.html, lang_comment.html).
func next(s string) (token, error) {
	switch c := s[0]; {
	case isSpace(c):
		return token{space, s[:1+countWhile(s[1:], isSpace)]}, nil
	case strings.HasPrefix(s, "--"):
		return token{space, upTo(s, 2, "\n")}, nil
	case strings.HasPrefix(s, "/*"):
		return blockComment(s)
	case c == '\'' || c == '"' || c == '`':
		return quotedBy(s, c)
	case c == '[':
		return bracketed(s)
	case c == ';':
		return token{semicolon, ";"}, nil
	case c == ':':
		return named(s)
	case c == '?' || c == '@' || c == '#' || c == '$':
		return token{}, fmt.Errorf("%q: a parameter is written :name or :name.field", firstWord(s))
	case isWord(c):
		return token{word, s[:1+countWhile(s[1:], isWord)]}, nil
	}
	return token{other, s[:1]}, nil
}

// named is `:name` or `:name.field`.
func named(s string) (token, error) {
	return placeholderBefore(s, func(rest string) bool { return isWord(rest[0]) || strings.IndexByte(":.(", rest[0]) >= 0 })
}

// placeholderBefore is the placeholder s begins with; what runs into it, by
// the word of clings, is a mistake.
func placeholderBefore(s string, clings func(rest string) bool) (token, error) {
	n := 1 + countWhile(s[1:], isName)
	if n == 1 || isDigit(s[1]) {
		return token{}, fmt.Errorf("%q: a parameter is written :name or :name.field", firstWord(s))
	}
	if n+1 < len(s) && s[n] == '.' && isName(s[n+1]) && !isDigit(s[n+1]) {
		n += 1 + countWhile(s[n+1:], isName)
	}
	if n < len(s) && clings(s[n:]) {
		return token{}, fmt.Errorf("%q: after a parameter comes a space or a sign", firstWord(s))
	}
	return token{placeholder, s[:n]}, nil
}

// quotedBy reads up to the closing quote. A doubled one, which stands for
// itself, reads as the end of one token and the beginning of the next: that
// leaves the text as it is, too.
func quotedBy(s string, quote byte) (token, error) {
	end := strings.IndexByte(s[1:], quote)
	if end < 0 {
		return token{}, fmt.Errorf("the quote %c is never closed", quote)
	}
	return token{quoted, s[:end+2]}, nil
}

func bracketed(s string) (token, error) {
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return token{}, errors.New("the bracket [ is never closed")
	}
	return token{quoted, s[:end+1]}, nil
}

// blockComment must be closed. SQLite lets the end of the text close it, but
// then what follows ours in a larger text would vanish.
func blockComment(s string) (token, error) {
	end := strings.Index(s[2:], "*/")
	if end < 0 {
		return token{}, errors.New("the comment /* is never closed")
	}
	return token{space, s[:2+end+2]}, nil
}

// upTo is s up to and with end, searched from i; all of s where there is none.
func upTo(s string, i int, end string) string {
	if n := strings.Index(s[i:], end); n >= 0 {
		return s[:i+n+len(end)]
	}
	return s
}

func firstWord(s string) string {
	return s[:1+countWhile(s[1:], func(c byte) bool { return isWord(c) || c == '.' })]
}

func countWhile(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\v' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isName(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isWord also takes what SQLite takes into names: dollar signs and everything
// beyond ASCII.
func isWord(c byte) bool { return isName(c) || c == '$' || c >= 0x80 }
