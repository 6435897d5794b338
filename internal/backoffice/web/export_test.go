package web

import "time"

// Patterns lists every route with the name of its policy; "" is a route
// without one.
func Patterns() map[string]string {
	out := map[string]string{}
	for _, r := range routes() {
		out[r.pattern] = r.policy.name
	}
	return out
}

// LookEvery sets how often the station looks by itself from now on.
func (s *Station) LookEvery(d time.Duration) { s.live.pace <- d }
