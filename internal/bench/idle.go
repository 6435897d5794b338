package bench

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"peyk/internal/bench/machine"
)

// IdleReport is what an installation takes that has nothing to do.
type IdleReport struct {
	World   string             `json:"world"`
	Ready   float64            `json:"ready_ms"` // from its start until it says that it can do its work
	Seconds float64            `json:"seconds"`
	CPU     map[string]float64 `json:"cpu_percent"` // of one core, by process
	RSS     map[string]int64   `json:"rss_bytes"`
}

// idleRest lets what a start sets off come to rest.
const idleRest = 5 * time.Second

// Idle starts a world and watches it do nothing.
func (l *Load) Idle(ctx context.Context, w World, dir string, length time.Duration) (r IdleReport, err error) {
	began := time.Now()
	running, err := l.Open(ctx, w, dir)
	if err != nil {
		return r, err
	}
	defer func() {
		if stopped := w.Stop(ctx); err == nil {
			err = stopped
		}
	}()
	if err := l.ready(ctx, running.Door); err != nil {
		return r, err
	}
	r = IdleReport{World: w.Name(), Ready: millis(time.Since(began)), Seconds: length.Seconds(), CPU: map[string]float64{}, RSS: map[string]int64{}}
	if err := pause(ctx, idleRest); err != nil {
		return r, err
	}
	before, err := running.usage()
	if err != nil {
		return r, err
	}
	if err := pause(ctx, length); err != nil {
		return r, err
	}
	after, err := running.usage()
	if err != nil {
		return r, err
	}
	r.fill(before, after)
	return r, nil
}

func (r *IdleReport) fill(before, after map[string]machine.Usage) {
	for name, u := range after {
		if name != loadName {
			r.CPU[name] = 100 * (u.CPU - before[name].CPU).Seconds() / r.Seconds
			r.RSS[name] = u.RSS
		}
	}
}

// ready waits until the installation says that it can do its work.
func (l *Load) ready(ctx context.Context, d Door) error {
	root := Door{API: strings.TrimSuffix(d.API, "/api/v1"), Token: d.Token}
	for {
		resp, err := l.call(ctx, root, http.MethodGet, "/readyz", nil)
		if err != nil {
			return fmt.Errorf("ask whether it is ready: %w", err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusNoContent {
			return nil
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}
