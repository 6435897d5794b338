package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Story tells all the logs of a world in the order things happened, a line
// each.
func (r Result) Story() string {
	type line struct {
		at   time.Time
		text string
	}
	var all []line
	tell := func(at time.Time, guid, format string, args ...any) {
		all = append(all, line{at, fmt.Sprintf("%s %s ", at.Sub(dawn()).Round(time.Microsecond), short(guid)) + fmt.Sprintf(format, args...)})
	}
	for _, e := range r.Logs.Journal {
		tell(e.At, e.GUID, "%s %s %s v%d g%d %v", e.Role, e.Kind, e.Name, e.Version, e.Generation, e.Evidence)
	}
	for _, p := range r.Logs.Provider {
		tell(p.At, p.GUID, "provider %s g%d %v", p.What, p.Generation, p.Files)
	}
	for _, m := range r.Logs.Mail {
		tell(m.At, "", "relay %d taken=%t %s to %s", m.Code, m.Taken, m.MessageID, m.To)
	}
	for _, c := range r.Logs.Clients {
		if c.Op != "bell" {
			tell(c.At, c.GUID, "%s %s: %d %s %v", c.Who, c.Op, c.Status, c.Type, c.Recipients)
		}
	}
	tell(r.Logs.Calm, "", "calm")
	slices.SortStableFunc(all, func(a, b line) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	var b strings.Builder
	for _, l := range all {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// short is the end of a GUID, enough to tell the few of a world apart.
func short(guid string) string {
	if len(guid) < 6 {
		return "      "
	}
	return guid[len(guid)-6:]
}
