package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// Path is one journey that is walked again and again, each time with something
// else going wrong on it.
type Path struct {
	Name string
	Ends report.State // where it ends, whatever goes wrong once
	Or   report.State // or where, if two race on it; "": nowhere else

	kind   string              // of report
	fates  []fate              // by generation; the last one stays
	also   []string            // who receives it besides
	broken []Hit               // what goes wrong on it anyway
	then   func(*World, *walk) // what people do besides asking; nil: nothing
}

// Paths are the journeys of the crash and error sweeps.
func Paths() []Path {
	return []Path{
		{Name: "ready", Ends: report.Delivered, kind: freeType, fates: []fate{becomesReady}},
		{Name: "rejected", Ends: report.Rejected, kind: freeType, fates: []fate{becomesRejected}},
		{Name: "failed, redriven", Ends: report.Delivered, kind: freeType, fates: []fate{becomesFailed, becomesReady}, then: redrive},
		{Name: "cancel", Ends: report.Cancelled, kind: freeType, fates: []fate{becomesNothing}, then: cancel},
		{Name: "expiry", Ends: report.Expired, kind: askedType, fates: []fate{becomesReady}},
		{
			Name: "resume", Ends: report.Delivered, kind: freeType, fates: []fate{becomesReady},
			broken: []Hit{{At: "gateway FETCH: body #2", How: "ECONNRESET, with effect"}},
		},
		{
			// Both letters are deferred; when they are tried again the first finds
			// the bytes damaged, and the report is fetched once more.
			Name: "damaged", Ends: report.Delivered, kind: freeType, fates: []fate{becomesReady}, also: []string{"bora"},
			broken: []Hit{
				{At: "trace EMAIL: address #1", How: "450 at RCPT"}, {At: "trace EMAIL: address #2", How: "450 at RCPT"},
				{At: "trace EMAIL: open #3", How: "rot"},
			},
		},
		{
			Name: "redriven while it is purged", Ends: report.Failed, Or: report.Delivered,
			kind: freeType, fates: []fate{becomesFailed, becomesReady}, then: redriveLate,
		},
		{
			Name: "unknown", Ends: report.Delivered, kind: freeType, fates: []fate{becomesReady},
			broken: []Hit{{At: "trace EMAIL: deliver #1", How: "lost after the dot, with effect"}},
		},
	}
}

// Hit is what goes wrong at one boundary: a crash, or a fault of its kind.
type Hit struct {
	At  string // a Boundary's Name
	How string // CrashBefore, CrashAfter, or a fault as Errors lists it
}

// How a process dies at a boundary.
const (
	CrashBefore = "crash before"
	CrashAfter  = "crash after"
	Pauses      = "pauses" // the thread stays away for as long as its lease allows
	Stalls      = "stalls" // its process does, and its lease runs out
	withEffect  = ", with effect"
)

// Boundary is one operation on a path: who does what, and the how-manieth.
type Boundary struct {
	Name string
	kind kind
}

// Errors lists the faults that are legal there.
func (b Boundary) Errors() (all []string) {
	plain, uncertain := legal(b.kind)
	for _, f := range plain {
		all = append(all, string(f))
	}
	for _, f := range uncertain {
		all = append(all, string(f)+withEffect)
	}
	return all
}

// Crashes lists how a process can go wrong there: die before the operation or
// after it, come late to it, or live and be told that it failed though it had
// its effect.
func (b Boundary) Crashes() []string {
	all := []string{CrashBefore, CrashAfter, Pauses, Stalls}
	if f, ok := map[kind]string{
		commit: "EIO", publish: "ETIMEDOUT", ack: "ETIMEDOUT", call: "ECONNRESET", put: "EIO", remove: "EIO",
		deliver: "lost after the dot", answer: "ECONNRESET",
	}[b.kind]; ok {
		all = append(all, f+withEffect)
	}
	return all
}

func (h Hit) verdict() verdict {
	switch h.How {
	case CrashBefore:
		return verdict{crash: true}
	case CrashAfter:
		return verdict{crash: true, effect: true}
	case Pauses:
		return verdict{rest: 20 * time.Second, effect: true}
	case Stalls:
		return verdict{stall: true, effect: true}
	}
	f, took := strings.CutSuffix(h.How, withEffect)
	return verdict{fault: fault(f), effect: took}
}

// walk is the plan and the script of a path: first come, first served, and
// nothing goes wrong but what was asked for.
type walk struct {
	path  Path
	hits  map[string]verdict
	count map[string]int
	all   []Boundary
	met   int
}

func (k *walk) pick(int) int        { return 0 }
func (k *walk) int(n int) int       { return n * 9 / 10 } // what is left to chance takes long
func (k *walk) chance(float64) bool { return false }

func (k *walk) at(p point) verdict {
	k.count[p.name]++
	b := Boundary{ordinal(p.name, k.count[p.name]), p.kind}
	k.all = append(k.all, b)
	if v, ok := k.hits[b.Name]; ok {
		k.met++
		return v
	}
	return fine()
}

func (k *walk) fate(_ *World, _ string, generation int) fate {
	return k.path.fates[min(generation, len(k.path.fates))-1]
}

func (k *walk) takes(*World) time.Duration     { return 2 * time.Second }
func (k *walk) keeps(*World) time.Duration     { return keptByProvider }
func (k *walk) refuses(*World) int             { return 0 }
func (k *walk) stubborn(*World, string) bool   { return false }
func (k *walk) twoFiles(*World) bool           { return false }
func (k *walk) webhooks(*World) int            { return 1 }
func (k *walk) early(*World) bool              { return false }
func (k *walk) hookDelay(*World) time.Duration { return 0 }

// Walked is how a path ended.
type Walked struct {
	Result
	Boundaries []Boundary // every operation on the way, in order
	Met        int        // how many of the hits were met
	State      report.State
}

// Walk goes along a path while the hits go wrong.
func (l *Lab) Walk(p Path, hits ...Hit) (Walked, error) {
	k := &walk{path: p, hits: map[string]verdict{}, count: map[string]int{}}
	for _, h := range append(p.broken, hits...) {
		k.hits[h.At] = h.verdict()
	}
	w, err := newWorld(l, config{plan: k, script: k, apart: true, retention: time.Hour, open: Memory})
	if err != nil {
		return Walked{}, err
	}
	defer w.close()
	who := w.people[0]
	f := form{GUID: w.newGUID(), Type: p.kind, Parameters: map[string]any{}, Recipients: p.also}
	w.guids = append(w.guids, f.GUID)
	w.spawn(nil, "asker", func(t *thread) { w.submits(t, who, f) })
	if p.then != nil {
		p.then(w, k)
	}
	r, err := w.judge(k)
	if err != nil {
		return Walked{}, fmt.Errorf("walk %s with %v: %w", p.Name, hits, err)
	}
	out := Walked{Result: r, Boundaries: k.all, Met: k.met}
	if last := w.request(f.GUID); last != nil {
		out.State = last.State
	}
	return out, nil
}

// insists makes a call until it is answered for good.
func (w *World) insists(t *thread, who *person, op, guid, path string, content func(*report.Request) any) {
	for range 20 {
		r := w.asks(t, who, op, http.MethodPost, guid, "/requests/"+guid+path, content(w.request(guid)))
		if r.heard && r.status < http.StatusInternalServerError {
			return
		}
		w.sleep(t, 3*time.Second)
	}
}

func cancel(w *World, _ *walk) {
	w.spawn(nil, "canceller", func(t *thread) {
		guid := w.guids[0]
		if w.until(t, guid, time.Hour, func(r *report.Request) bool { return r.State == report.Preparing }) {
			w.insists(t, w.people[0], check.Cancel, guid, "/cancel", func(*report.Request) any { return struct{}{} })
		}
	})
}

func redrive(w *World, _ *walk) {
	w.redrivesWhen(func(r *report.Request) bool { return r.State == report.Failed })
}

// redriveLate presses as soon as somebody begins to purge.
func redriveLate(w *World, _ *walk) {
	w.redrivesWhen(func(r *report.Request) bool {
		return r.State == report.Failed && slices.ContainsFunc(w.threads, func(t *thread) bool { return !t.ended && t.name == "trace PURGE" })
	})
}

func (w *World) redrivesWhen(fits func(*report.Request) bool) {
	w.spawn(nil, "operator", func(t *thread) {
		guid := w.guids[0]
		for _, p := range w.people {
			if p.is("operator") && w.until(t, guid, 3*time.Hour, fits) {
				w.insists(t, p, check.Redrive, guid, "/redrive", func(r *report.Request) any { return map[string]int64{"version": r.Version} })
			}
		}
	})
}
