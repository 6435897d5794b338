package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/blob"
	"peyk/internal/telemetry"
)

// beatTime is how often a process says how it is.
const beatTime = 10 * time.Second

// relayRest is how often the relay is asked whether it is there; a letter that
// went out says the same.
const relayRest = 30 * time.Second

// slowAfter is what 95 of 100 answers should stay within, by part; others are
// never called slow.
func slowAfter(part string) time.Duration {
	switch part {
	case PartLedger, PartQueue, PartStorage:
		return time.Second
	case PartRelay:
		return 5 * time.Second
	case PartApp, PartFiles:
		return 10 * time.Second
	}
	return 0
}

// watchAround adds what the process leans on and can do without for a while: no
// reason to send work elsewhere, but for the operator to know.
func (co *Company) watchAround() {
	co.around = telemetry.NewHealth(time.Now, checkTime)
	if co.blobs != nil {
		co.around.Add(PartStorage, func(ctx context.Context) error {
			f, _, err := co.blobs.Open(ctx, "probe")
			if err == nil {
				return f.Close()
			}
			if errors.Is(err, blob.ErrNotFound) {
				return nil // it answered
			}
			return err
		})
	}
	if co.relay != nil {
		var asked time.Time
		var last error
		co.around.Add(PartRelay, func(ctx context.Context) error {
			if time.Since(asked) >= relayRest { // one check at a time: see telemetry.Health
				asked = time.Now()
				last = co.relay.Check(ctx)
				co.pulse.meter(PartRelay).Note(time.Now(), time.Since(asked), last == nil)
			}
			return last
		})
	}
}

// beat says every few seconds how this process is, and at the end that it left.
func (co *Company) beat(ctx context.Context) {
	t := time.NewTicker(beatTime)
	defer t.Stop()
	for {
		if err := co.putBeats(ctx, co.beats(ctx)); err != nil && ctx.Err() == nil {
			co.Log.WarnContext(ctx, "how this process is was not written", "error", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			co.leave(context.WithoutCancel(ctx))
			return
		}
	}
}

// leave lets the figures of this process count on, and its roles no more.
func (co *Company) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	var last []ledger.Beat
	for _, part := range append(strs(co.Roles), co.pulse.measured()...) {
		f := co.pulse.meter(part).Figures(co.pulse.now())
		f.Left = true
		last = append(last, ledger.Beat{Process: co.pulse.process, Part: part, OK: true, Since: co.pulse.now(), Figures: f.JSON()})
	}
	if err := co.putBeats(ctx, last); err != nil {
		co.Log.DebugContext(ctx, "leaving was not written", "error", err)
	}
}

// beats are what there is to say now: of the roles, of what they lean on, of the
// provider's doors.
func (co *Company) beats(ctx context.Context) (out []ledger.Beat) {
	p := co.pulse
	for _, role := range strs(only(co.Roles, Stations())) {
		out = append(out, ledger.Beat{Process: p.process, Part: role, OK: true, Since: p.started, Figures: p.meter(role).Figures(p.now()).JSON()})
	}
	for _, r := range append(co.health.Ask(ctx), co.around.Ask(ctx)...) {
		if r.Name != PartProvider { // every process would say the same of the ledger's catalog
			out = append(out, co.checked(r))
		}
	}
	for _, part := range []string{PartApp, PartFiles, PartNotices} {
		if slices.Contains(p.measured(), part) {
			out = append(out, co.doorBeat(part))
		}
	}
	return out
}

// checked is the beat of what was asked how it is.
func (co *Company) checked(r telemetry.Result) ledger.Beat {
	p, m := co.pulse, co.pulse.meter(r.Name)
	if r.Name != PartRelay { // its check and its letters are timed where they are
		m.Note(p.now(), r.Took, r.OK)
	}
	f := m.Figures(p.now())
	f.Detail, f.About = r.Error, co.about(r.Name)
	if limit := slowAfter(r.Name); limit > 0 && r.OK {
		f.Slow = f.P95 > limit
	}
	if r.Name == PartStorage && r.OK {
		f.Used = usedShare(orIn(co.Blobs, co.Dir, "blobs"))
	}
	return ledger.Beat{Process: p.process, Part: r.Name, OK: r.OK, Since: p.became(r.Name, r.OK, f.Slow, r.Since), Figures: f.JSON()}
}

// doorBeat is that of one of the provider's doors: as its last answers were.
func (co *Company) doorBeat(part string) ledger.Beat {
	p := co.pulse
	f := p.meter(part).Figures(p.now())
	ok, since := p.meter(part).OK()
	if limit := slowAfter(part); limit > 0 && ok {
		f.Slow = f.P95 > limit
	}
	return ledger.Beat{Process: p.process, Part: part, OK: ok, Since: p.became(part, ok, f.Slow, since), Figures: f.JSON()}
}

// about says what a part is here.
func (co *Company) about(part string) string {
	switch {
	case part == PartLedger && isPostgres(co.Ledger):
		return "PostgreSQL"
	case part == PartLedger:
		return "SQLite"
	case part == PartQueue:
		return "NATS"
	}
	return ""
}
