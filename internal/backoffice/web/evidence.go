package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"peyk/internal/report"
)

// evidence says what proves a journal row, in words where there are some and
// as name and value where not, so that nothing a station wrote down is hidden.
func evidence(v *visit, ev report.Evidence) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(ev)) {
		value := valueInWords(v, ev[name])
		if silent(name) || value == "" {
			continue
		}
		if id := "evidence." + name; v.w.Has(id) {
			parts = append(parts, v.w.Say(id, "V", value))
			continue
		}
		parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+value)
	}
	return strings.Join(parts, ", ")
}

// silent names what is shown elsewhere on the page.
func silent(name string) bool {
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
