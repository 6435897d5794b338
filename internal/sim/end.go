package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
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
// comes up, and the world runs until nothing is left to do. The hunts for
// orphans run twice, a day apart. It reports whether the world came to rest.
func (w *World) rest(calm plan) bool {
	w.plan, w.calm = calm, true
	w.log.Calm = w.clock.tick()
	for _, p := range w.processes {
		p.stalled = time.Time{}
	}
	if !w.settle(mostSteps) {
		return false
	}
	for range 2 {
		w.clock.until(w.clock.now().Add(untilOrphan))
		w.round++
		if !w.settle(mostSteps) {
			return false
		}
	}
	return true
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
	w.log.Storage = slices.Sorted(maps.Keys(w.storage.files))
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

// hash is the digest of the whole journal: two runs of a seed must agree.
func (w *World) hash() string {
	h := sha256.New()
	for _, e := range w.log.Journal {
		fmt.Fprintln(h, e)
	}
	return hex.EncodeToString(h.Sum(nil))
}
