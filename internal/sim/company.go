package sim

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/reader"
	"peyk/internal/backoffice/task"
	"peyk/internal/backoffice/trace"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// slots is how many tasks of a kind a process works on at once: few, so that
// lanes are often full.
const slots = 2

// start wires a role into the process.
func (p *process) start(role report.Role) {
	w := p.w
	store, quiet := &store{w, p}, slog.New(slog.DiscardHandler)
	switch role {
	case report.Trigger:
		p.trigger = trigger.New(trigger.Config{Store: store, Publish: &publisher{w, p}, Blobs: &blobs{w}, Retention: w.retention, Log: quiet})
		p.sweep("trigger sweep", p.trigger.SweepOnce, func() time.Time { return w.look().trigger })
	case report.Reader:
		v := protocol.Verifier{Keys: []protocol.VerifyingKey{w.lab.key.Public()}, Now: w.clock.now}
		p.reader = reader.New(reader.Config{Store: store, Publish: &publisher{w, p}, Verifier: v, Log: quiet})
	case report.Gateway:
		p.gateway = gateway.New(gateway.Config{
			Store: store, Publish: &publisher{w, p}, Provider: w.client(), Blobs: &blobs{w}, Gate: &documentGate{w},
			Worker: p.name, MaxBytes: 1 << 20, Now: w.clock.now, Log: quiet,
		})
		p.hire(role, store, p.gateway.Works(), quiet)
		p.sweep("gateway sweep", p.gateway.SweepOnce, func() time.Time { return w.look().gateway })
		p.hourly("gateway hunt", p.gateway.HuntOrphans)
		p.hourly("gateway catalog", p.gateway.RefreshCatalog)
	case report.Trace:
		p.trace = trace.New(trace.Config{
			Store: store, Publish: &publisher{w, p}, Blobs: &blobs{w}, Relay: &relay{w}, Composer: w.lab.composer, Worker: p.name,
			From: mail.Person{Name: "Peyk", Address: "peyk@example.com"}, Host: "example.com", PublicURL: "https://peyk.example.com",
			UnknownWait: 10 * time.Minute, Log: quiet,
		})
		p.hire(role, store, p.trace.Works(), quiet)
		p.sweep("trace sweep", p.trace.SweepOnce, func() time.Time { return w.look().trace })
		p.hourly("trace hunt", func(ctx context.Context) error {
			return errors.Join(p.trace.HuntOrphans(ctx), store.Update(ctx, func(tx ledger.Tx) error { return tx.Expire() }))
		})
	}
}

// client is the real client of the border, on a wire that leads to the
// simulated provider.
func (w *World) client() *protocol.Client {
	c, err := protocol.NewClient("https://app.provider.example", "https://files.provider.example",
		protocol.StaticToken("token"), &http.Client{Transport: &wire{w}})
	if err != nil {
		panic(err) // the addresses are constants
	}
	return c
}

// hire puts a crew on the works of a role.
func (p *process) hire(role report.Role, s *store, works []task.Work, log *slog.Logger) {
	for i := range works {
		do, kind := works[i].Do, works[i].Kind
		works[i].Do = func(ctx context.Context, l task.Leased) task.Result {
			res := do(ctx, l)
			if err := res.Err(); err != nil {
				p.w.mark("error " + string(report.ClassOf(err)) + " in " + string(kind))
			}
			return res
		}
	}
	c := &crew{w: p.w, proc: p, role: role, lanes: map[ledger.Kind]*lane{}}
	c.desk = task.NewDesk(task.Config{
		Role: role, Worker: p.name, Store: s, Publish: &publisher{p.w, p}, Log: log,
		Jitter: func(n int64) int64 { return int64(p.w.plan.int(int(min(n, 1<<40)))) },
	}, works...)
	p.crews[role] = c
	for _, work := range works {
		l := &lane{kind: work.Kind, free: slots}
		c.lanes[work.Kind] = l
		p.w.spawn(p, string(role)+" "+string(work.Kind)+" sweep", func(t *thread) { c.sweep(t, l) })
	}
	p.w.spawn(p, string(role)+" heartbeat", c.beat)
}

// sweep runs a station's own look at deadlines whenever there is one to see.
// The stations look each five seconds; a look that finds nothing changes
// nothing and is left out.
func (p *process) sweep(name string, once func(context.Context) error, due func() time.Time) {
	p.w.spawn(p, name, func(t *thread) {
		for {
			t.await(due)
			if err := once(context.Background()); err != nil {
				p.w.mark("failed " + name)
			}
			p.w.sleep(t, task.Rest)
		}
	})
}

// hourly runs a job each hour while things may fail, and when the world says
// so later: it would never rest otherwise.
func (p *process) hourly(name string, job func(context.Context) error) {
	w := p.w
	w.spawn(p, name, func(t *thread) {
		round := w.round
		w.sleep(t, time.Duration(w.plan.int(int(time.Hour))))
		for {
			if err := job(context.Background()); err != nil {
				w.mark("failed " + name)
			}
			last := w.clock.now()
			t.await(func() time.Time {
				switch {
				case w.round > round:
					return w.clock.now()
				case !w.calm:
					return last.Add(time.Hour)
				}
				return time.Time{}
			})
			round = w.round
		}
	})
}

// hears says which tasks of a role an event wakes.
func hears(role report.Role, t event.Type) (ledger.Kind, bool) {
	if role == report.Gateway {
		return gateway.Wakes(t)
	}
	for _, e := range trace.Events() {
		if role == report.Trace && e == t {
			return ledger.Announce, true
		}
	}
	return "", false
}
