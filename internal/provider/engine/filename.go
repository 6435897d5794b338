package engine

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"peyk/internal/provider/engine/compose"
	"peyk/internal/provider/engine/definition"
)

// longestName bounds a file name without its ending, in bytes.
const longestName = 80

// fileName is made of the title's main part and the years asked for, in small
// ASCII letters: top-games-by-positive-reviews-2025. It has no ending.
func fileName(o compose.Order) string {
	title, _, _ := strings.Cut(o.Report.Title.In(o.Locale), " – ")
	name := slug(title)
	if len(name) > longestName {
		name = strings.TrimRight(name[:longestName], "-")
	}
	for _, p := range o.Report.Parameters {
		if v := o.Values[p.Name]; p.Type == definition.DateRange {
			first, last := v.From.Year(), v.To.AddDate(0, 0, -1).Year()
			if name += fmt.Sprintf("-%04d", first); last != first {
				name += fmt.Sprintf("-%04d", last)
			}
		}
	}
	return strings.Trim(name, "-")
}

// slug keeps letters and digits, without their accents, in small letters;
// whatever lies between them becomes one dash.
func slug(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ı':
			b.WriteByte('i')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if name := strings.Trim(b.String(), "-"); name != "" {
		return name
	}
	return "report"
}
