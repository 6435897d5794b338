package sim

import (
	"net/http"
	"time"

	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// askers keep some requests under way until enough has gone wrong.
func (c *chaos) askers(t *thread) {
	w := c.w
	for !w.calm {
		c.newcomer()
		w.sleep(t, c.between(time.Second, time.Minute))
		w.wait(t, c.between(10*time.Second, 30*time.Minute), func() bool { return c.under() == 0 })
		w.wait(t, 400*24*time.Hour, func() bool { return c.under() < mostUnder || w.calm })
	}
}

// mostUnder bounds the requests under way, so that a world stays small.
const mostUnder = 4

// under counts the requests that are not over yet, or not even recorded.
func (c *chaos) under() int {
	n := len(c.w.guids)
	for _, r := range c.w.look().requests {
		if r.State.Terminal() {
			n--
		}
	}
	return n - c.vain
}

// newcomer is one more request, with what its owner does about it.
func (c *chaos) newcomer() {
	w := c.w
	who := w.people[[]int{0, 1, 2, 5}[c.int(4)]]
	f := form{GUID: w.newGUID(), Type: freeType, Parameters: map[string]any{}}
	if c.chance(0.35) {
		f.Type = askedType
	}
	for _, p := range w.people {
		if p != who && c.chance(0.2) && p.gone.IsZero() {
			f.Recipients = append(f.Recipients, p.name)
		}
	}
	w.guids = append(w.guids, f.GUID)
	w.spawn(nil, "asker", func(t *thread) { c.asker(t, who, f) })
	if c.chance(0.1) { // the button is pressed twice
		w.mark("pressed twice")
		w.spawn(nil, "asker again", func(t *thread) { w.submits(t, who, f) })
	}
}

func (c *chaos) asker(t *thread, who *person, f form) {
	w := c.w
	if !w.submits(t, who, f) {
		if w.request(f.GUID) == nil {
			c.vain++
		}
		return
	}
	if c.chance(0.2) {
		w.sleep(t, c.between(0, 5*time.Minute))
		w.asks(t, who, check.Cancel, http.MethodPost, f.GUID, "/requests/"+f.GUID+"/cancel", struct{}{})
	}
	w.asks(t, who, check.Status, http.MethodGet, f.GUID, "/requests/"+f.GUID, struct{}{})
	for range 2 {
		if !w.until(t, f.GUID, 40*24*time.Hour, func(r *report.Request) bool { return r.State == report.Delivered && r.PurgedAt.IsZero() }) {
			return
		}
		w.sleep(t, c.between(0, 2*time.Hour))
		reader := w.people[c.int(len(w.people))]
		if c.chance(0.6) {
			reader = who
		}
		method := http.MethodGet
		if w.retention == 0 {
			method = http.MethodPost
		}
		w.asks(t, reader, check.File, method, f.GUID, "/requests/"+f.GUID+"/files/report-1.pdf", struct{}{})
		w.asks(t, reader, check.Status, http.MethodGet, f.GUID, "/requests/"+f.GUID, struct{}{})
	}
}

// approver decides about what waits, sooner, later or never.
func (c *chaos) approver(who *person) func(t *thread) {
	return func(t *thread) {
		decided := map[string]bool{}
		for {
			var next *report.Request
			c.w.wait(t, 400*24*time.Hour, func() bool {
				next = c.find(decided, func(r *report.Request) bool { return r.State == report.AwaitingApproval })
				return next != nil
			})
			if next == nil {
				return
			}
			decided[next.GUID] = true
			if c.chance(0.3) {
				continue
			}
			c.w.sleep(t, c.between(0, time.Hour))
			op, path := check.Approve, "/approve"
			if c.chance(0.2) {
				op, path = check.Decline, "/decline"
			}
			c.w.asks(t, who, op, http.MethodPost, next.GUID, "/requests/"+next.GUID+path, map[string]string{"reason": "so be it"})
		}
	}
}

// operator redrives what failed, now and then pressing twice.
func (c *chaos) operator(who *person) func(t *thread) {
	return func(t *thread) {
		tried := map[string]bool{}
		for {
			var next *report.Request
			c.w.wait(t, 400*24*time.Hour, func() bool {
				next = c.find(tried, func(r *report.Request) bool { return r.State.Terminal() && r.State != report.Delivered })
				return next != nil
			})
			if next == nil {
				return
			}
			tried[next.GUID] = true
			c.w.sleep(t, c.hesitation(next))
			version := map[string]int64{"version": next.Version}
			press := func(t *thread) {
				c.w.asks(t, who, check.Redrive, http.MethodPost, next.GUID, "/requests/"+next.GUID+"/redrive", version)
			}
			if c.chance(0.4) {
				c.w.mark("redriven twice at once")
				c.w.spawn(nil, "operator again", press)
			}
			press(t)
		}
	}
}

// hesitation is how long an operator takes to press: minutes, or until the very
// moment at which the request is about to be purged.
func (c *chaos) hesitation(r *report.Request) time.Duration {
	if last := r.EndedAt.Add(c.w.retention).Sub(c.w.clock.now()); last > 0 && c.chance(0.2) {
		return last + c.between(0, 10*time.Second)
	}
	return c.between(0, 10*time.Minute)
}

func (c *chaos) find(not map[string]bool, fits func(*report.Request) bool) *report.Request {
	for _, r := range c.w.look().requests {
		if !not[r.GUID] && fits(r) {
			return r
		}
	}
	return nil
}
