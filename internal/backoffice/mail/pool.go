package mail

import (
	"sync"
	"time"
)

// pool keeps idle connections for a while. The one used last is taken first,
// so that those too many run out.
type pool struct {
	max     int
	timeout time.Duration

	mu     sync.Mutex
	idle   []*dialogue
	closed bool
}

func newPool(max int, timeout time.Duration) *pool { return &pool{max: max, timeout: timeout} }

// take gives an idle connection, or nil.
func (p *pool) take() *dialogue {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	last := len(p.idle) - 1
	d := p.idle[last]
	p.idle = p.idle[:last]
	d.expiry.Stop()
	return d
}

// put keeps d, or ends it if there are enough.
func (p *pool) put(d *dialogue) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= p.max {
		d.quit()
		return
	}
	p.idle = append(p.idle, d)
	d.expiry = time.AfterFunc(p.timeout, func() { p.expire(d) })
}

// expire ends d if it still lies here.
func (p *pool) expire(d *dialogue) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.idle {
		if other == d {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			d.quit()
			return
		}
	}
}

// close ends every idle connection, and those that come back later.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, d := range p.idle {
		d.expiry.Stop()
		d.quit()
	}
	p.idle = nil
}
