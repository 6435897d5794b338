package access

// HoldAllSlots keeps every hashing slot taken until release is called.
func (p *Passwords) HoldAllSlots() (release func()) {
	for range atOnce {
		p.slots <- struct{}{}
	}
	return func() {
		for range atOnce {
			<-p.slots
		}
	}
}

// Remembered is how many names the throttle holds.
func (t *Throttle) Remembered() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.accounts.by)
}

// LongestKey is the length of the longest name or address the throttle holds,
// in bytes.
func (t *Throttle) LongestKey() (longest int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range []allowances{t.accounts, t.addresses} {
		for key := range a.by {
			longest = max(longest, len(key))
		}
	}
	return longest
}
