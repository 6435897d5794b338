package access

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The allowance of tries: some at once, then one in a while.
const (
	accountBurst  = 5
	accountEvery  = 30 * time.Second
	addressBurst  = 50 // an office behind one address signs in on a Monday morning
	addressEvery  = 5 * time.Second
	maxRemembered = 10_000 // names, and as many addresses
)

// Throttled says that a sign-in was not even looked at.
type Throttled struct {
	After time.Duration // until the next try counts
}

func (e *Throttled) Error() string {
	return fmt.Sprintf("too many tries to sign in, the next one in %s", e.After.Round(time.Second))
}

// Throttle slows down guessing, per account and per address. It counts names
// that do not exist as well: its answer tells nothing about them. Another way to
// write a name, or another address of the same IPv6 network, is no new allowance.
type Throttle struct {
	now       func() time.Time
	mu        sync.Mutex
	accounts  allowances
	addresses allowances
}

// NewThrottle counts by the given clock.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{
		now:       now,
		accounts:  newAllowances(accountEvery, accountBurst),
		addresses: newAllowances(addressEvery, addressBurst),
	}
}

// Try takes one try from both allowances, or returns *Throttled.
func (t *Throttle) Try(account, address string) error {
	account, address = countedName(account), countedAddress(address)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if wait := max(t.addresses.wait(address, now), t.accounts.wait(account, now)); wait > 0 {
		return &Throttled{After: wait}
	}
	t.addresses.take(address, now)
	t.accounts.take(account, now)
	return nil
}

// Clear gives an account its whole allowance back: its password was right.
func (t *Throttle) Clear(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.accounts.by, countedName(account))
}

type allowances struct {
	every time.Duration
	burst int
	by    map[string]*rate.Limiter
}

func newAllowances(every time.Duration, burst int) allowances {
	return allowances{every: every, burst: burst, by: make(map[string]*rate.Limiter)}
}

// wait is how long until key has a try left; 0: now.
func (a allowances) wait(key string, now time.Time) time.Duration {
	l, ok := a.by[key]
	if !ok {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	return max(0, time.Duration(missing*float64(a.every)))
}

func (a allowances) take(key string, now time.Time) {
	l, ok := a.by[key]
	if !ok {
		a.makeRoom(now)
		l = rate.NewLimiter(rate.Every(a.every), a.burst)
		a.by[key] = l
	}
	l.AllowN(now, 1)
}

// makeRoom forgets whoever has the whole allowance again and, if nobody has,
// the one nearest to it.
func (a allowances) makeRoom(now time.Time) {
	if len(a.by) < maxRemembered {
		return
	}
	fullest, most := "", -1.0
	for key, l := range a.by {
		tokens := l.TokensAt(now)
		if tokens >= float64(a.burst) {
			delete(a.by, key)
		} else if tokens > most {
			fullest, most = key, tokens
		}
	}
	if len(a.by) >= maxRemembered {
		delete(a.by, fullest)
	}
}
