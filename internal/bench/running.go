package bench

import (
	"context"
	"fmt"
	"os"

	"peyk/internal/bench/machine"
)

// Running is a world that was started.
type Running struct {
	World
	Door    Door
	flushes machine.Flushes
}

// Open starts a world with its letters going to the load's sink. Flushes are
// counted on the device dir lies on.
func (l *Load) Open(ctx context.Context, w World, dir string) (*Running, error) {
	flushes, err := machine.FlushesOf(dir)
	if err != nil {
		return nil, err
	}
	door, err := w.Start(ctx, l.sink.Port())
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", w.Name(), err)
	}
	return &Running{World: w, Door: door, flushes: flushes}, nil
}

// Costs are what a round took, for each journey, and the most memory so far.
type Costs struct {
	Flushes *float64           `json:"flushes_per_journey"` // of the device; null: not known
	CPU     map[string]float64 `json:"cpu_ms_per_journey"`  // by process
	MaxRSS  map[string]int64   `json:"max_rss_bytes"`
}

// loadName is this process: load and sink.
const loadName = "bench"

// meter remembers how things stood when a round began.
type meter struct {
	world   *Running
	flushes int64
	known   bool
	usage   map[string]machine.Usage
}

func (w *Running) meter() (*meter, error) {
	m := &meter{world: w}
	m.flushes, m.known = w.flushes.Read()
	var err error
	m.usage, err = w.usage()
	return m, err
}

// usage sums up the world's processes by name, and this one as bench.
func (w *Running) usage() (map[string]machine.Usage, error) {
	processes, err := w.Processes()
	if err != nil {
		return nil, err
	}
	out := map[string]machine.Usage{}
	for _, p := range append(processes, machine.Process{Name: loadName, PID: os.Getpid()}) {
		u, err := machine.UsageOf(p.PID)
		if err != nil {
			return nil, err
		}
		sum := out[p.Name]
		out[p.Name] = machine.Usage{CPU: sum.CPU + u.CPU, RSS: sum.RSS + u.RSS, MaxRSS: sum.MaxRSS + u.MaxRSS}
	}
	return out, nil
}

func (m *meter) costs(journeys int) (Costs, error) {
	now, err := m.world.usage()
	if err != nil {
		return Costs{}, err
	}
	c := Costs{CPU: map[string]float64{}, MaxRSS: map[string]int64{}}
	for name, u := range now {
		c.CPU[name] = millis(u.CPU-m.usage[name].CPU) / float64(journeys)
		c.MaxRSS[name] = u.MaxRSS
	}
	if n, ok := m.world.flushes.Read(); ok && m.known && n > m.flushes {
		each := float64(n-m.flushes) / float64(journeys)
		c.Flushes = &each
	}
	return c, nil
}
