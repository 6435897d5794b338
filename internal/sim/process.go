package sim

import (
	"time"

	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/reader"
	"peyk/internal/backoffice/trace"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/report"
)

// process is a process of the company: some of its roles, alive or not.
type process struct {
	w     *World
	name  string
	roles []report.Role

	alive       bool
	incarnation int
	away        time.Duration // how long it stays down when it dies next; 0: seconds
	stalled     time.Time     // stopped until then, as by SIGSTOP: its leases run out and it does not know

	trigger *trigger.Station
	reader  *reader.Station
	gateway *gateway.Station
	trace   *trace.Station
	crews   map[report.Role]*crew
}

// has reports whether the process runs the role.
func (p *process) has(role report.Role) bool {
	for _, r := range p.roles {
		if r == role {
			return true
		}
	}
	return false
}

// layout is which processes a company has: all roles in one, or each apart,
// those that lease work twice.
func layout(apart bool) [][]report.Role {
	if !apart {
		return [][]report.Role{{report.Trigger, report.Reader, report.Gateway, report.Trace}}
	}
	return [][]report.Role{
		{report.Trigger}, {report.Reader}, {report.Gateway}, {report.Gateway}, {report.Trace}, {report.Trace},
	}
}

func (w *World) found(apart bool) {
	names := map[string]int{}
	for _, roles := range layout(apart) {
		name := "company"
		if apart {
			name = string(roles[0])
		}
		names[name]++
		if apart && names[name] > 1 {
			name += "-2"
		}
		p := &process{w: w, name: name, roles: roles}
		w.processes = append(w.processes, p)
		p.boot()
	}
}

// boot starts the process with nothing but what the ledger knows.
func (p *process) boot() {
	p.alive = true
	p.incarnation++
	p.stalled = time.Time{}
	p.crews = map[report.Role]*crew{}
	for _, role := range p.roles {
		p.start(role)
	}
}

// crash ends the process at once and has it started again some time later.
func (w *World) crash(p *process) {
	if p == nil || !p.alive {
		return
	}
	p.alive = false
	w.crashes++
	w.mark("crash of " + p.name)
	w.spawn(nil, "init", func(t *thread) {
		w.sleep(t, max(w.outage(), p.away))
		p.away = 0
		if !p.alive {
			p.boot()
		}
	})
}

// outage is how long a process stays down.
func (w *World) outage() time.Duration {
	return time.Second + time.Duration(w.plan.int(20_000))*time.Millisecond
}

// stall stops the process for longer than its leases last.
func (w *World) stall(p *process) {
	if !p.alive {
		return
	}
	p.stalled = w.clock.now().Add(time.Duration(5+w.plan.int(120)) * time.Second)
	w.mark("stall of " + p.name)
}

// serving gives a living process of the role, any of them; nil if there is none.
func (w *World) serving(role report.Role) *process {
	var up []*process
	for _, p := range w.processes {
		if p.alive && p.has(role) {
			up = append(up, p)
		}
	}
	if len(up) == 0 {
		return nil
	}
	return up[w.plan.int(len(up))]
}
