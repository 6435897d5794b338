package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// Lab is what worlds share, made once: nothing in it ever changes.
type Lab struct {
	composer *mail.Composer
	key      protocol.SigningKey // the provider's
	forger   protocol.SigningKey // nobody's
	catalog  json.RawMessage
}

// NewLab makes a lab.
func NewLab() (*Lab, error) {
	composer, err := mail.NewComposer()
	if err != nil {
		return nil, fmt.Errorf("make a lab: %w", err)
	}
	l := &Lab{composer: composer}
	for i, k := range []*protocol.SigningKey{&l.key, &l.forger} {
		seed := bytes.Repeat([]byte{byte(i + 1)}, 32)
		if *k, err = protocol.GenerateSigningKey(fmt.Sprintf("key-%d", i+1), bytes.NewReader(seed)); err != nil {
			return nil, fmt.Errorf("make a lab: %w", err)
		}
	}
	free := protocol.ReportType{
		ID: freeType, Version: "1", Approval: report.NoApproval, Formats: []string{"pdf"},
		Title: report.Text{EN: "Sales", TR: "Satışlar"}, Sentence: report.Text{EN: "Sales", TR: "Satışlar"},
	}
	asked := free
	asked.ID, asked.Approval = askedType, access.Approver
	if l.catalog, err = json.Marshal(protocol.Catalog{Types: []protocol.ReportType{free, asked}}); err != nil {
		return nil, fmt.Errorf("make a lab: %w", err)
	}
	return l, nil
}

// script is what the provider and its webhooks do of their own accord.
type script interface {
	fate(w *World, guid string, generation int) fate
	takes(w *World) time.Duration        // to prepare a report
	keeps(w *World) time.Duration        // how long a copy is kept
	refuses(w *World) int                // the HTTP status a POST is refused with; 0: it is taken
	stubborn(w *World, guid string) bool // it never obeys a DELETE of this report
	twoFiles(w *World) bool              // a report of two documents
	webhooks(w *World) int               // how many are sent of one change
	early(w *World) bool                 // a webhook is sent before there is anything to tell
	hookDelay(w *World) time.Duration    // until the first attempt
}

// World is one history.
type World struct {
	lab       *Lab
	plan      plan
	script    script
	retention time.Duration

	clock    clock
	ledger   ledger.Ledger
	queue    *queue
	provider *provider
	storage  storage

	processes []*process
	people    []*person
	guids     []string

	threads  []*thread
	runnable []*thread
	current  *thread
	horizon  time.Time
	calm     bool            // nothing is made to fail any more
	round    int             // the hunt that is due
	excused  map[string]bool // GUIDs whose tombstones the provider forgot

	commits int
	broken  error // the real ledger failed by itself, which no world means to happen
	seen    *standing

	steps, faults, crashes int
	marks                  map[string]int
	log                    check.Logs
}

// config says what world to make.
type config struct {
	plan      plan
	script    script
	apart     bool // each role a process of its own, those that lease work twice
	retention time.Duration
	open      Opener
}

// newWorld makes a world at dawn, with everything up and nobody asking yet.
func newWorld(lab *Lab, c config) (*World, error) {
	w := &World{
		lab: lab, plan: c.plan, script: c.script, retention: c.retention, excused: map[string]bool{}, clock: clock{dawn()},
		storage: storage{files: map[string]stored{}}, people: staff(), marks: map[string]int{},
		horizon: dawn().AddDate(1, 0, 0),
	}
	var err error
	if w.ledger, err = c.open(w.clock.now); err != nil {
		return nil, fmt.Errorf("open the ledger of a world: %w", err)
	}
	w.log.Written = map[string]string{}
	w.queue = &queue{w: w}
	w.provider = &provider{w: w, dossiers: map[string]*dossier{}}
	w.enrol()
	w.spawn(nil, "queue", w.queue.run)
	w.spawn(nil, "provider", w.provider.run)
	w.spawn(nil, "provider webhooks", w.provider.runHooks)
	w.spawn(nil, "late calls", w.provider.runLate)
	w.found(c.apart)
	return w, nil
}

// mark counts that something happened that a run should have seen.
func (w *World) mark(what string) { w.marks[what]++ }

// dice is chance from a seed.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))} }

func (d dice) int(n int) int {
	if n <= 1 {
		return 0
	}
	return d.IntN(n)
}

func (d dice) chance(p float64) bool { return d.Float64() < p }

func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.Int64N(int64(most-least)+1))
}
