package power_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/blob"
	"peyk/internal/sim/power"
)

const (
	dbPath   = "/data/ledger.db"
	walPath  = dbPath + "-wal"
	blobPath = "/data/blobs"
)

// epoch is when every case begins.
func epoch() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

// world is one company's storage on one disk, through all the cuts of a case.
type world struct {
	rng  *rand.Rand // of what happens
	fate *rand.Rand // of what the cuts keep
	time time.Time
	flaw flaw

	disk   *power.Disk
	engine *power.Engine
	ledger *sqlite.Ledger
	blobs  *blob.Dir

	said  promises
	phase string // of the life under way
	last  string // what the power went in
	tally tally
}

// begin gives the world of a seed, on a copy of a disk with an empty ledger or,
// now and then, on a disk with nothing at all.
func begin(seed uint64, template *power.Disk, f flaw) *world {
	w := &world{
		rng: rand.New(rand.NewPCG(seed, 1)), fate: rand.New(rand.NewPCG(seed, 2)),
		time: epoch(), flaw: f, said: newPromises(), tally: tally{},
	}
	w.disk = template.Copy()
	if w.rng.IntN(12) == 0 {
		w.disk = power.New(epoch)
	}
	return w
}

// now moves on by itself, so that no two things happen at one time.
func (w *world) now() time.Time {
	w.time = w.time.Add(time.Millisecond)
	return w.time
}

// run lives through one to three cuts and sees what is left after the last.
func (w *world) run(ctx context.Context) error {
	for range 1 + w.rng.IntN(3) {
		if err := w.live(ctx); err != nil && (isLoss(err) || !w.disk.Off()) {
			return errors.Join(err, w.close(true))
		}
		left := w.disk.Cut(w.fate)
		if err := w.close(true); err != nil {
			return err
		}
		w.disk = left
		w.tally.add("cuts")
		w.tally.add("cut " + w.last)
	}
	w.disk.CutWhen(nil)
	err := w.open(ctx)
	if err == nil {
		err = w.check(ctx)
	}
	return errors.Join(err, w.close(err != nil))
}

// live opens what the last cut left, checks it, and works until the power goes
// or the day is over.
func (w *world) live(ctx context.Context) error {
	w.last = "at rest"
	w.disk.Ignore(w.flaw.ignore)
	arm := w.aim()
	if w.rng.IntN(4) == 0 {
		w.disk.CutWhen(w.watch(1+w.rng.IntN(30), func(power.Op) bool { return true }))
		arm = func() {}
	}
	w.phase = "in open"
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := w.check(ctx); err != nil {
		return err
	}
	w.phase = "in work"
	arm()
	for range 5 + w.rng.IntN(30) {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	if w.rng.IntN(3) > 0 {
		return nil
	}
	w.phase = "in close"
	w.disk.CutWhen(w.watch(1+w.rng.IntN(20), func(power.Op) bool { return true }))
	return w.close(false)
}

// aim chooses what the power will go in the middle of.
func (w *world) aim() (arm func()) {
	n, which := 0, func(power.Op) bool { return true }
	switch w.rng.IntN(6) {
	case 0:
		return func() { w.disk.CutWhen(nil) }
	case 1:
		n = 1 + w.rng.IntN(600)
	case 2: // the WAL is being folded in
		n, which = 1+w.rng.IntN(30), func(op power.Op) bool { return op.Path == dbPath }
	case 3:
		n, which = 1+w.rng.IntN(20), func(op power.Op) bool { return op.Path == walPath && op.Kind == power.Sync }
	case 4:
		n, which = 1+w.rng.IntN(400), func(op power.Op) bool { return op.Path == walPath }
	case 5:
		n, which = 1+w.rng.IntN(80), func(op power.Op) bool { return strings.HasPrefix(op.Path, blobPath) }
	}
	return func() { w.disk.CutWhen(w.watch(n, which)) }
}

// watch cuts at the n-th operation that counts, and notes where that was.
func (w *world) watch(n int, which func(power.Op) bool) func(power.Op) bool {
	return func(op power.Op) bool {
		if which(op) {
			n--
		}
		if n > 0 {
			return false
		}
		place := "the blobs"
		switch op.Path {
		case dbPath:
			place = "a fold"
		case walPath:
			place = "the WAL"
		}
		w.last = fmt.Sprintf("%s, %s of %s", w.phase, op.Kind, place)
		return true
	}
}

// open opens ledger and blobs. With the power on, that must succeed.
func (w *world) open(ctx context.Context) error {
	if err := w.mount(ctx); err != nil {
		return w.unlessOff("open", err)
	}
	return nil
}

// mount opens as the product does, but folds the WAL in sooner.
func (w *world) mount(ctx context.Context) error {
	pragmas := map[string]string{"wal_autocheckpoint": []string{"5", "40", "1000"}[w.rng.IntN(3)]}
	for name, value := range w.flaw.pragmas {
		pragmas[name] = value
	}
	scale := int64(1)
	if w.rng.IntN(4) == 0 {
		scale = 1 << 10 // 64 KiB of WAL count as too much
	}
	var err error
	if w.engine, err = power.Mount(w.disk, power.Options{Pragmas: pragmas, Scale: scale}); err != nil {
		return err
	}
	w.ledger, err = sqlite.Open(ctx, sqlite.Config{Path: dbPath, Now: w.now, Readers: 2, Engine: w.engine})
	if err != nil {
		return err
	}
	open := power.Blobs(w.disk, blobPath)
	if w.flaw.blobs != nil {
		open = w.flaw.blobs(open)
	}
	w.blobs, err = blob.OpenOn(ctx, blobPath, open, w.now)
	return err
}

// close closes what is open, and forgives what a dead disk has to say to it.
func (w *world) close(forgive bool) error {
	var errs []error
	if w.blobs != nil {
		errs = append(errs, w.blobs.Close())
	}
	if w.ledger != nil {
		errs = append(errs, w.ledger.Close())
	}
	if w.engine != nil {
		errs = append(errs, w.engine.Unmount())
	}
	w.blobs, w.ledger, w.engine = nil, nil, nil
	if forgive || w.disk.Off() {
		return nil
	}
	return errors.Join(errs...)
}
