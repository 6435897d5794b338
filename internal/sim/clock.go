package sim

import "time"

// dawn is when every world begins.
func dawn() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// clock is the time of a world. No two things happen at the same moment: each
// look moves it on by a microsecond, the least a ledger can tell apart.
type clock struct{ at time.Time }

// now reads the clock and changes nothing.
func (c *clock) now() time.Time { return c.at }

// tick gives a moment of one's own.
func (c *clock) tick() time.Time {
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

// until moves the clock on, never back.
func (c *clock) until(t time.Time) {
	if t.After(c.at) {
		c.at = t
	}
}
