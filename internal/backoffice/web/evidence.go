package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/report"
)

// evidence says what proves a journal row. There are words for what everybody
// may want to know; operators read the rest too, as name and value, so that
// nothing a station wrote down is hidden from them.
func evidence(v *visit, ev report.Evidence) string {
	var parts []string
	for _, name := range inOrder(ev) {
		value := valueInWords(v, ev[name])
		if shownElsewhere(name) || value == "" {
			continue
		}
		if id := "rule." + strings.ReplaceAll(value, " ", "-"); name == "rule" && v.w.Has(id) {
			value = v.w.Say(id)
		}
		recipient, isMail := strings.CutPrefix(name, "mail_")
		switch id := "evidence." + name; {
		case countable(ev[name], name):
			n, _ := asNumber(ev[name])
			parts = append(parts, v.w.Count(id, int(n), "V", value))
		case v.w.Has(id):
			parts = append(parts, v.w.Say(id, "V", value))
		case isMail:
			parts = append(parts, recipient+": "+value)
		case access.MayOperate(v.who):
			parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+value)
		}
	}
	return strings.Join(parts, ", ")
}

// countable reports whether a value is how many there are of something.
func countable(value any, name string) bool {
	_, number := asNumber(value)
	return number && slices.Contains([]string{"bytes", "files", "pages", "parameters", "recipients", "rows", "sources"}, name)
}

// inOrder puts the answer of the other side first, then names by alphabet.
func inOrder(ev report.Evidence) []string {
	names := slices.Sorted(maps.Keys(ev))
	slices.SortStableFunc(names, func(a, b string) int {
		if a == "status" {
			return -1
		}
		if b == "status" {
			return 1
		}
		return 0
	})
	return names
}

// shownElsewhere names what has a place of its own on the page.
func shownElsewhere(name string) bool {
	return slices.Contains([]string{"took_ms", "guid", "approved_by"}, name)
}

// valueInWords writes a value as the journal's JSON gives it back.
func valueInWords(v *visit, value any) string {
	if n, ok := asNumber(value); ok {
		return v.w.Decimal(n, 3)
	}
	switch x := value.(type) {
	case nil:
		return ""
	case string:
		if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return v.w.Millis(at)
		}
		if len(x) == 64 && strings.Trim(x, "0123456789abcdef") == "" {
			return x[:8] + "…" + x[56:]
		}
		return x
	case time.Time:
		return v.w.Millis(x)
	case []any:
		var all []string
		for _, one := range x {
			all = append(all, valueInWords(v, one))
		}
		return strings.Join(all, " ")
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return strings.Trim(string(raw), `"`)
}

func asNumber(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}
