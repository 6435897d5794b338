package sim

import (
	"time"

	"peyk/internal/report"
)

// chaos is the plan and the script of tier A: everything is left to dice. Each
// seed has its own weather: kinds of faults that never come, and others that
// come often, for a world in which everything always fails a little never gets
// into the corners.
type chaos struct {
	dice
	w *World

	rates  map[kind]float64 // how often an operation of the kind goes wrong
	deaths float64          // how often a process dies at a point
	naps   float64          // how often a thread stays away
	stalls float64          // how often its process does
	lost   float64          // share of webhooks never sent
	fates  map[fate]float64
	slow   bool               // hours pass where minutes do elsewhere
	deaf   map[string]bool    // GUIDs whose DELETE is never obeyed
	vain   int                // requests nobody ever took
	down   map[kind]time.Time // what does not answer at all until then
}

// kindsOfPoints in the order their weather is drawn.
func kindsOfPoints() []kind {
	return []kind{commit, view, publish, ack, call, body, put, open, remove, gate, address, deliver, answer}
}

func newChaos(seed uint64) *chaos {
	c := &chaos{dice: newDice(seed), rates: map[kind]float64{}, down: map[kind]time.Time{}, deaf: map[string]bool{}}
	for _, k := range kindsOfPoints() {
		if c.chance(0.7) {
			c.rates[k] = []float64{0.02, 0.08, 0.25}[c.int(3)]
		}
	}
	c.rates[commit] = max(c.rates[commit], 0.02) // so that none is without
	c.deaths = []float64{0.003, 0.01, 0.03}[c.int(3)]
	c.naps = []float64{0, 0.01, 0.05}[c.int(3)]
	c.stalls = []float64{0, 0.005, 0.02}[c.int(3)]
	c.lost = []float64{0, 0.3, 1}[c.int(3)]
	c.slow = c.chance(0.12)
	c.fates = map[fate]float64{becomesRejected: 0.06, becomesFailed: 0.1, becomesNothing: 0.04, becomesEmpty: 0.05, becomesPartial: 0.05}
	return c
}

func (c *chaos) pick(n int) int { return c.int(n) }

// at draws what happens at a point.
func (c *chaos) at(p point) verdict {
	v := verdict{effect: true}
	if c.chance(c.naps) {
		v.rest = c.nap()
	}
	if p.proc != nil && c.chance(c.stalls) {
		v.stall = true
		c.w.faults++
	}
	if p.proc != nil && c.chance(c.deaths) {
		v.crash, v.effect = true, c.chance(0.5)
		return v
	}
	plain, uncertain := legal(p.kind)
	if c.down[p.kind].After(c.w.clock.now()) {
		v.effect, v.fault = false, plain[len(plain)-1]
		return v
	}
	if !c.chance(c.rates[p.kind]) {
		return v
	}
	if len(plain)+len(uncertain) == 0 {
		return v
	}
	i := c.int(len(plain) + len(uncertain))
	if i < len(plain) {
		v.effect, v.fault = false, plain[i]
	} else {
		v.fault = uncertain[i-len(plain)]
	}
	c.w.faults++
	return v
}

// nap is how long a thread stays away when it is not picked for a while: mostly
// less than a lease lasts, now and then longer.
func (c *chaos) nap() time.Duration {
	if c.chance(0.7) {
		return c.between(0, 10*time.Second)
	}
	return c.between(10*time.Second, 3*time.Minute)
}

func (c *chaos) fate(*World, string, int) fate {
	x := c.Float64()
	for _, f := range []fate{becomesRejected, becomesFailed, becomesNothing, becomesEmpty, becomesPartial} {
		if x -= c.fates[f]; x < 0 {
			return f
		}
	}
	return becomesReady
}

func (c *chaos) takes(*World) time.Duration {
	if c.slow && c.chance(0.3) {
		return c.between(time.Hour, 7*time.Hour)
	}
	return c.between(0, 3*time.Minute)
}

// keeps is how long the provider keeps a copy.
func (c *chaos) keeps(*World) time.Duration {
	if c.chance(0.1) {
		return c.between(time.Minute, 2*time.Hour)
	}
	return keptByProvider
}

// refuses is the provider's no to a POST, out of the blue.
func (c *chaos) refuses(w *World) int {
	if w.calm || !c.chance(0.04) {
		return 0
	}
	w.faults++
	return []int{400, 404, 410, 413, 415, 422}[c.int(6)]
}

// stubborn providers never obey a DELETE of this report.
func (c *chaos) stubborn(w *World, guid string) bool {
	if _, known := c.deaf[guid]; !known {
		c.deaf[guid] = c.chance(0.007)
		w.excused[guid] = w.excused[guid] || c.deaf[guid]
	}
	return c.deaf[guid]
}

func (c *chaos) twoFiles(*World) bool { return c.chance(0.2) }

func (c *chaos) webhooks(w *World) int {
	if c.chance(c.lost) && !w.calm {
		w.faults++
		return 0
	}
	return 1 + c.int(3)*c.int(2)
}

func (c *chaos) early(*World) bool { return c.chance(0.15) }

func (c *chaos) hookDelay(*World) time.Duration {
	if c.chance(0.1) {
		return c.between(0, 72*time.Hour)
	}
	return c.between(0, 2*time.Second)
}

// weather is what happens to the world besides: once every while something.
func (c *chaos) weather(t *thread) {
	w := c.w
	for !w.calm {
		most := 3 * time.Minute
		if c.slow && c.chance(0.3) {
			most = 7 * time.Hour
		}
		w.sleep(t, c.between(time.Second, most))
		if w.calm {
			return
		}
		w.faults++
		switch c.int(10) {
		case 0:
			w.queue.wipe()
		case 1, 2:
			if n := len(w.guids); n > 0 {
				w.provider.forget(w.guids[c.int(n)])
			}
		case 3:
			w.stall(w.processes[c.int(len(w.processes))])
		case 4, 5:
			c.killSome()
		case 6:
			if n := len(w.guids); n > 0 {
				w.provider.forge(w.guids[c.int(n)], w.lab.forger)
			}
		case 7:
			c.rotOne()
		case 9:
			c.outage()
		case 8:
			if c.chance(0.15) {
				w.leaves(w.people[c.int(len(w.people))])
			}
		}
	}
}

// killSome ends one process or, where hours pass, all of a role. The gateways
// mostly stay away until the deadlines have passed: a request that fails before
// it was submitted is rare otherwise.
func (c *chaos) killSome() {
	one := c.w.processes[c.int(len(c.w.processes))]
	if !c.slow || !c.chance(0.4) {
		c.w.crash(one)
		return
	}
	role, back := one.roles[0], c.between(time.Hour, 10*time.Hour)
	if c.chance(0.75) {
		role, back = report.Gateway, c.between(5*time.Hour, 10*time.Hour)
	}
	for _, p := range c.w.processes {
		if p.has(role) {
			p.away = back
			c.w.crash(p)
		}
	}
}

// outage takes something away for a while, now and then for longer than a day.
func (c *chaos) outage() {
	what := []kind{call, address, publish, put}[c.int(4)]
	most := 20 * time.Minute
	if c.slow && c.chance(0.5) {
		most = 40 * time.Hour
	}
	c.w.mark("outage of " + string(what))
	c.down[what] = c.w.clock.now().Add(c.between(time.Minute, most))
}

// rotOne damages a file in storage.
func (c *chaos) rotOne() {
	keys := c.w.keys()
	if len(keys) > 0 {
		c.w.mark("storage rotted")
		c.w.rot(keys[c.int(len(keys))])
	}
}
