package definition

import (
	"slices"
	"strings"

	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

// Slot is a place in Words for a value.
type Slot struct {
	Column string
	Format Format // "" : as it comes
}

// SlotOf reads what stands between the braces: name or name:format.
func SlotOf(inside string) Slot {
	name, format, _ := strings.Cut(inside, ":")
	return Slot{strings.TrimSpace(name), Format(strings.TrimSpace(format))}
}

// FillSlots writes value in the place of each slot of a text.
func FillSlots(text string, value func(Slot) string) string {
	return slot.ReplaceAllStringFunc(text, func(s string) string { return value(SlotOf(strings.Trim(s, "{}"))) })
}

func hasSlots(t report.Text) bool { return slot.MatchString(t.EN) || slot.MatchString(t.TR) }

// words reads a text with slots.
func words(n strictyaml.Node) Words {
	t := text(n)
	known := []string{string(FormatInteger), string(FormatDecimal), string(FormatPercent), string(FormatDate)}
	for _, s := range append(Slots(t.EN), Slots(t.TR)...) {
		if f := SlotOf(s).Format; strings.Contains(s, ":") && !slices.Contains(known, string(f)) {
			n.Fail("{%s}: %q is no format of a slot; %s", s, f, strictyaml.DidYouMean(string(f), known))
		}
	}
	return t
}
