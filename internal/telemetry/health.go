package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Check tells why a part is not well, or nil. It is called with a deadline, from
// several goroutines.
type Check func(ctx context.Context) error

// Result is what a check said.
type Result struct {
	Name  string        `json:"name"`
	OK    bool          `json:"ok"`
	Since time.Time     `json:"since"` // of being so, as far as anybody asked
	Error string        `json:"error,omitempty"`
	Took  time.Duration `json:"-"` // to answer; the limit where there was no answer
}

// Health is the named checks of a process.
type Health struct {
	now   func() time.Time
	limit time.Duration

	mu     sync.Mutex
	probes map[string]*probe
}

// probe is one check and what it said last.
type probe struct {
	check   Check
	running *answer // shared by all who ask meanwhile; nil: none
	last    Result
	asked   bool
}

// answer is what a running check will have said.
type answer struct {
	done chan struct{}
	err  error // read after done
	took time.Duration
}

// NewHealth makes an empty registry whose checks have the limit to answer.
func NewHealth(now func() time.Time, limit time.Duration) *Health {
	return &Health{now: now, limit: limit, probes: make(map[string]*probe)}
}

// Add registers a check; a former one of the name is replaced.
func (h *Health) Add(name string, c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probes[name] = &probe{check: c}
}

// errSlow stands for the answer of a check that did not give one.
var errSlow = errors.New("no answer in time")

// Ask runs all checks at once and gives their results by name. A check that
// ignores its deadline is not waited for, and not run again before it returned.
func (h *Health) Ask(ctx context.Context) []Result {
	ctx, cancel := context.WithTimeout(ctx, h.limit)
	defer cancel()
	results := make([]Result, 0)
	for name, a := range h.start(ctx) {
		took, err := a.await(ctx)
		r := h.note(name, err)
		if r.Took = took; took == 0 {
			r.Took = h.limit
		}
		results = append(results, r)
	}
	slices.SortFunc(results, func(a, b Result) int { return strings.Compare(a.Name, b.Name) })
	return results
}

// start runs the checks that are not running yet. They have their own deadline,
// for others may wait for them longer than the caller.
func (h *Health) start(ctx context.Context) map[string]*answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	answers := make(map[string]*answer, len(h.probes))
	for name, p := range h.probes {
		if p.running == nil {
			p.running = &answer{done: make(chan struct{})}
			go h.run(context.WithoutCancel(ctx), p, p.running)
		}
		answers[name] = p.running
	}
	return answers
}

func (h *Health) run(ctx context.Context, p *probe, a *answer) {
	ctx, cancel := context.WithTimeout(ctx, h.limit)
	defer cancel()
	begin := time.Now()
	a.err = p.check(ctx)
	a.took = time.Since(begin)
	h.mu.Lock()
	p.running = nil
	h.mu.Unlock()
	close(a.done)
}

// await gives what the check said and how long that took; 0: it said nothing.
func (a *answer) await(ctx context.Context) (took time.Duration, err error) {
	select {
	case <-a.done:
		return max(a.took, 1), a.err
	case <-ctx.Done():
		return 0, errSlow
	}
}

// note remembers since when the part is as it is.
func (h *Health) note(name string, err error) Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := Result{Name: name, OK: err == nil, Since: h.now().UTC()}
	if err != nil {
		r.Error = err.Error()
	}
	if p := h.probes[name]; p != nil {
		if p.asked && p.last.OK == r.OK {
			r.Since = p.last.Since
		}
		p.last, p.asked = r, true
	}
	return r
}

// Handler answers GET /healthz with 200 as long as the process can answer, and
// GET /readyz with 200 if every check is well, else 503, and the results as
// JSON. Errors may name hosts and paths: keep it from the public.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, struct {
			OK bool `json:"ok"`
		}{true})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		results := h.Ask(r.Context())
		ok := !slices.ContainsFunc(results, func(r Result) bool { return !r.OK })
		status := http.StatusOK
		if !ok {
			status = http.StatusServiceUnavailable
		}
		reply(w, status, struct {
			OK     bool     `json:"ok"`
			Checks []Result `json:"checks"`
		}{ok, results})
	})
	return mux
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked has gone
}
