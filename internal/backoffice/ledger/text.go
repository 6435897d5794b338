package ledger

import (
	"strings"
	"unicode/utf8"
)

// ValidText reports whether every ledger stores the text unchanged: PostgreSQL's
// text type has neither NUL nor invalid UTF-8.
func ValidText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
