package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/pulse"
	"peyk/internal/backoffice/web/page/operations"
	"peyk/internal/backoffice/web/standing"
)

const (
	// quietAfter is when a process that beats every ten seconds is missed.
	quietAfter = 35 * time.Second
	// missedFor is how long a process that fell silent is counted as missing.
	missedFor = 10 * time.Minute
)

// The parts, as processes name them in their beats.
func roleParts() []string  { return []string{"web", "trigger", "gateway", "reader", "trace"} }
func leanParts() []string  { return []string{"ledger", "queue", "storage", "relay", "document gate"} }
func doorParts() []string  { return []string{"provider app", "provider files", "provider notices"} }
func coreParts() []string  { return append(roleParts(), "ledger", "queue") }
func isRole(p string) bool { return slices.Contains(roleParts(), p) }

// health is how one part is, from all that processes say of it.
type health struct {
	part      string
	live      int // processes that speak for it
	missed    int // that fell silent and did not leave
	down      bool
	slow      bool
	since     time.Time
	p95       time.Duration
	lastOK    time.Time
	used      float64
	about     string
	detail    string
	calls     int
	failures  int
	heardLast time.Time
}

// well reports whether nobody need look.
func (h *health) well() bool { return h != nil && !h.down && !h.slow && h.missed == 0 }

// gatherHealth sums the beats up by part.
func gatherHealth(beats []ledger.Beat, now time.Time) map[string]*health {
	parts := map[string]*health{}
	for _, b := range beats {
		h := parts[b.Part]
		if h == nil {
			h = &health{part: b.Part}
			parts[b.Part] = h
		}
		h.hear(b, pulse.Read(b.Figures), now)
	}
	for name, h := range parts {
		if h.live == 0 && h.missed == 0 {
			if isRole(name) {
				h.down, h.since = true, h.heardLast // all left, and none came
			} else if !slices.Contains(doorParts(), name) {
				delete(parts, name)
			}
		}
		if h.live == 0 && h.missed > 0 {
			h.down, h.since = true, h.heardLast
		}
	}
	return parts
}

func (h *health) hear(b ledger.Beat, f pulse.Figures, now time.Time) {
	calls, failures := pulse.Failures(now, f)
	h.calls, h.failures = h.calls+calls, h.failures+failures
	h.lastOK, h.heardLast = latest(h.lastOK, f.LastOK), latest(h.heardLast, b.At)
	age := now.Sub(b.At)
	switch {
	case f.Left:
		return
	case age > quietAfter:
		if age < missedFor {
			h.missed++
		}
		return
	}
	h.live++
	h.p95, h.used = max(h.p95, f.P95), max(h.used, f.Used)
	if f.About != "" {
		h.about = f.About
	}
	worse, same := !b.OK && !h.down || f.Slow && !h.slow && !h.down, !b.OK == h.down && f.Slow == h.slow
	h.down, h.slow = h.down || !b.OK, h.slow || f.Slow
	if h.since.IsZero() || worse || same && b.Since.Before(h.since) {
		h.since = b.Since
	}
	if f.Detail != "" {
		h.detail = f.Detail
	}
}

// fillParts draws the tables of parts.
func fillParts(p *operations.Page, v *visit, parts map[string]*health) {
	for _, name := range roleParts() {
		p.Roles = append(p.Roles, rolePart(v, name, parts[name]))
	}
	for _, name := range leanParts() {
		if h := parts[name]; h != nil {
			p.Leans = append(p.Leans, leanPart(v, h))
		}
	}
	for _, name := range otherParts(parts) {
		p.Leans = append(p.Leans, leanPart(v, parts[name]))
	}
	for _, name := range doorParts() {
		p.Doors = append(p.Doors, doorPart(v, name, parts[name]))
	}
}

// otherParts are those this page has no place for: they are shown all the same.
func otherParts(parts map[string]*health) (names []string) {
	known := slices.Concat(roleParts(), leanParts(), doorParts())
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

func rolePart(v *visit, name string, h *health) operations.Part {
	out := part(v, name, h)
	if h != nil {
		out.Seen = v.w.Number(int64(h.live)) + "/" + v.w.Number(int64(h.live+h.missed))
	}
	return out
}

func leanPart(v *visit, h *health) operations.Part {
	out := part(v, h.part, h)
	if h.about != "" {
		out.Name += " (" + h.about + ")"
	}
	if h.used > 0 {
		out.Seen = v.w.Say("operations.full", "N", v.w.Number(int64(h.used*100+0.5)))
	}
	return out
}

func doorPart(v *visit, name string, h *health) operations.Part {
	out := part(v, name, h)
	out.Since, out.Failures = "–", "–"
	if h == nil || h.calls == 0 {
		out.Icon, out.Word = standing.Cancelled, v.w.Say("check.unheard")
		return out
	}
	if !h.lastOK.IsZero() {
		out.Since = v.w.Seconds(h.lastOK)
		if v.now.Sub(h.lastOK) > 20*time.Hour {
			out.Since = v.w.Moment(h.lastOK)
		}
	}
	out.Failures = v.w.Say("operations.percent", "N", v.w.Decimal(100*float64(h.failures)/float64(h.calls), 1))
	return out
}

// part is what every part has: how it is, since when, how fast.
func part(v *visit, name string, h *health) operations.Part {
	out := operations.Part{
		ID: "part-" + dashed(name), Name: partName(v, name), P95: "–",
		Icon: standing.Ready, Word: v.w.Say("check.ok"),
	}
	if h == nil {
		out.Icon, out.Word = standing.Cancelled, v.w.Say("check.unheard")
		return out
	}
	if h.p95 > 0 {
		out.P95 = v.w.Took(h.p95)
	}
	if !h.since.IsZero() {
		out.Since = v.w.Short(v.now.Sub(h.since))
	}
	switch {
	case h.down:
		out.Icon, out.Word, out.Detail = standing.Failed, v.w.Say("check.down"), h.detail
	case h.slow:
		out.Icon, out.Word = standing.Late, v.w.Say("check.slow")
	case h.missed > 0:
		out.Icon, out.Word = standing.Late, v.w.Count("check.missed", h.missed)
	}
	if (h.down || h.slow) && v.now.Sub(h.since) < 24*time.Hour && !h.since.IsZero() {
		out.Since = v.w.Clock(h.since)
	}
	return out
}

// dashed is the name of a part where no space may stand.
func dashed(name string) string { return strings.ReplaceAll(name, " ", "-") }

func partName(v *visit, name string) string {
	id := "part." + dashed(name)
	if v.w.Has(id) {
		return v.w.Say(id)
	}
	return name // a role is called as its process
}
