package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// day and a bit: after so long an orphan is old enough to be removed.
const untilOrphan = 25 * time.Hour

// mostSteps bounds the liveness phase: a world that needs more does not rest.
const mostSteps = 200_000

// rest is the liveness phase: nothing fails any more, everything that is down
// comes up, and the world runs until nothing is left to do. Hunts for orphans
// run after a day and at the end: what they find must not be what the ordinary
// way forgot, and they must leave alone what is somebody's.
func (w *World) rest(p plan) (broken []check.Violation) {
	w.plan, w.calm = p, true
	w.log.Calm = w.clock.tick()
	for _, p := range w.processes {
		p.stalled = time.Time{}
		if !p.alive {
			p.boot()
		}
	}
	for _, t := range w.threads {
		if t.proc != nil && t.from.After(w.clock.now()) {
			t.from = w.clock.now() // nobody dawdles any more
		}
	}
	broken = w.hunt() // while reports are still kept
	broken = append(broken, w.span(365*24*time.Hour)...)
	broken = append(broken, w.forgotten(0)...)
	return append(broken, w.hunt()...)
}

// span lets the world run for so long, or until nothing is left to do.
func (w *World) span(d time.Duration) []check.Violation {
	w.horizon = w.clock.now().Add(d)
	if w.settle(mostSteps) {
		return nil
	}
	return []check.Violation{{Invariant: 1, Detail: "the world does not come to rest: " + w.busy()}}
}

// hunt lets a day pass and then everybody hunt for orphans.
func (w *World) hunt() []check.Violation {
	broken := w.span(untilOrphan)
	w.clock.until(w.horizon)
	broken = append(broken, w.forgotten(2*time.Hour)...)
	w.round++
	broken = append(broken, w.span(time.Minute)...)
	return append(broken, w.robbed()...)
}

// forgotten lists the copies that still lie at the provider although their
// requests have been over for a while: the ordinary way should have removed
// them. A provider that forgot its tombstones may have taken a late POST, and one
// that does not obey is shown: those alone are left to hunts.
func (w *World) forgotten(while time.Duration) (broken []check.Violation) {
	for _, r := range w.look().requests {
		o := w.provider.held(r.GUID)
		if !r.State.Terminal() || o == nil || w.excused[r.GUID] || w.clock.now().Sub(r.EndedAt) < while {
			continue
		}
		broken = append(broken, check.Violation{
			Invariant: 5, GUID: r.GUID, Detail: fmt.Sprintf("generation %d lies at the provider until somebody hunts for orphans", o.Generation),
		})
	}
	return broken
}

// robbed lists the reports whose bytes are gone from storage though nobody
// asked for that: a hunt took them for orphans.
func (w *World) robbed() (broken []check.Violation) {
	err := w.ledger.View(context.Background(), func(v ledger.View) error {
		for _, r := range w.look().requests {
			files, err := v.Files(r.GUID)
			if err != nil {
				return err
			}
			for _, f := range files {
				if _, there := w.storage.files[f.BlobKey]; f.BlobKey != "" && !there && r.State == report.Delivered {
					broken = append(broken, check.Violation{Invariant: 10, GUID: r.GUID, Detail: "a hunt took " + f.BlobKey})
				}
			}
		}
		return nil
	})
	if err != nil {
		panic(err) // the world's own reading is no point
	}
	return broken
}

// collect reads what the world has left behind.
func (w *World) collect() error {
	err := w.ledger.View(context.Background(), func(v ledger.View) error {
		for _, guid := range w.guids {
			rows, err := v.Journal(guid)
			if err != nil {
				return err
			}
			for _, e := range rows {
				w.log.Journal = append(w.log.Journal, entry(e))
			}
		}
		return w.bells(v)
	})
	if err != nil {
		return fmt.Errorf("collect the logs: %w", err)
	}
	for _, p := range w.people {
		w.log.People = append(w.log.People, check.Person{Name: p.name, Email: p.email(), Roles: p.roles, GoneAt: p.gone})
	}
	w.log.Storage = w.keys()
	w.log.End = w.clock.tick()
	return nil
}

// bells writes down what everybody finds in the bell.
func (w *World) bells(v ledger.View) error {
	for _, p := range w.people {
		notices, err := v.Notices(p.name, 0, 10_000)
		if err != nil {
			return err
		}
		for _, n := range notices {
			w.log.Clients = append(w.log.Clients, check.Client{
				At: w.clock.tick(), Who: p.name, Op: check.Bell, GUID: n.GUID, Status: 200, Generation: n.Generation, Subject: string(n.Subject),
			})
		}
	}
	return nil
}

func entry(e report.Entry) check.Entry {
	return check.Entry{
		GUID: e.GUID, Seq: e.Seq, At: e.At, Role: string(e.Role), Kind: string(e.Kind), Name: e.Name, From: string(e.From), To: string(e.To),
		Step: int(e.Step), Version: e.Version, Generation: e.Generation, Evidence: e.Evidence,
	}
}

// Hash is the digest of the whole journal: two runs of a seed must agree. The
// fence at the end of a blob's key is left out, for each kind of ledger counts
// its own.
func (r Result) Hash() string {
	h, fence := sha256.New(), regexp.MustCompile(`(\.pdf)\.\d+`)
	for _, e := range r.Logs.Journal {
		h.Write(fence.ReplaceAll(fmt.Appendln(nil, e), []byte("$1")))
	}
	return hex.EncodeToString(h.Sum(nil))
}
