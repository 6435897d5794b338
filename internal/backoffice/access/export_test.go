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
