package power_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/ledger"
)

// step does one thing, or a few at once.
func (w *world) step(ctx context.Context) error {
	switch w.rng.IntN(20) {
	case 0, 1, 2:
		return w.atOnce(ctx)
	case 3:
		return w.whileReading(ctx)
	case 4:
		return w.restart(ctx)
	case 5, 6, 7:
		return w.putLoose(ctx)
	case 8:
		return w.dropLoose(ctx)
	default:
		return w.one(ctx, w.someGUID())
	}
}

func (w *world) someGUID() string {
	return fmt.Sprintf("019a0000-0000-7000-8000-%012x", w.rng.IntN(8))
}

// one makes a change and waits for its answer.
func (w *world) one(ctx context.Context, guid string) error {
	ch, err := w.change(ctx, guid)
	if err != nil {
		return err
	}
	w.make(ctx, ch)
	return w.answered(ch)
}

// make does what a station does: bytes first, then the commit that names them.
func (w *world) make(ctx context.Context, ch *change) {
	if ch.before != nil {
		if ch.err = ch.before(ctx); ch.err != nil {
			return
		}
	}
	ch.err = w.ledger.Update(ctx, ch.apply)
}

// answered takes the answer as a promise.
func (w *world) answered(ch *change) error {
	r := w.said.rows[ch.guid]
	switch {
	case ch.err == nil:
		r.kept = ch.after
		w.tally.add("commits acknowledged")
		return w.granted(ch.guid, ch.leases)
	case errors.Is(ch.err, errNo):
		w.tally.add("changes refused")
		return nil
	case w.disk.Off():
		r.maybe = ch.after
		return ch.err
	}
	return lost("a change of %s failed with the power on: %v", ch.guid, ch.err)
}

// atOnce makes several changes share a commit: they wait while another holds
// the committer. They come in a fixed order, so that a seed repeats.
func (w *world) atOnce(ctx context.Context) error {
	var batch []*change
	for _, i := range w.rng.Perm(8)[:2+w.rng.IntN(4)] {
		ch, err := w.change(ctx, fmt.Sprintf("019a0000-0000-7000-8000-%012x", i))
		if err != nil {
			return err
		}
		batch = append(batch, ch)
	}
	free := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { _ = w.ledger.Update(ctx, func(ledger.Tx) error { <-free; return nil }) })
	synctest.Wait()
	for _, ch := range batch {
		all.Go(func() { w.make(ctx, ch) })
		synctest.Wait()
	}
	close(free)
	all.Wait()
	var errs []error
	for _, ch := range batch {
		errs = append(errs, w.answered(ch))
	}
	w.tally.add("batches")
	return errors.Join(errs...)
}

// whileReading makes changes under the eyes of a reading, which keeps the WAL
// from beginning anew and must not see them.
func (w *world) whileReading(ctx context.Context) error {
	guid := w.someGUID()
	w.row(guid)
	return w.ledger.View(ctx, func(v ledger.View) error {
		before, err := dump(v, guid, 100)
		if err != nil {
			return err
		}
		for range 1 + w.rng.IntN(4) {
			if err := w.one(ctx, guid); err != nil {
				return err
			}
		}
		after, err := dump(v, guid, 100)
		if err == nil && after != before {
			err = lost("a reading of %s saw\n  %s\nand then\n  %s", guid, before, after)
		}
		return err
	})
}

// restart closes and opens everything in good order.
func (w *world) restart(ctx context.Context) error {
	phase := w.phase
	w.phase = "in restart"
	if err := w.close(false); err != nil {
		return err
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	w.phase = phase
	return w.check(ctx)
}

// put stores bytes and takes the answer as a promise.
func (w *world) put(ctx context.Context, key string, content []byte) error {
	b := w.blob(key)
	_, err := w.blobs.Put(ctx, key, bytes.NewReader(content), int64(len(content)))
	switch {
	case err == nil:
		b.kept = content
		w.tally.add("blobs acknowledged")
	case w.disk.Off():
		b.maybe, b.underway = content, true
	default:
		err = lost("blob %s was refused with the power on: %v", key, err)
	}
	return err
}

// drop deletes bytes, or sets them aside, and takes the answer as a promise.
func (w *world) drop(ctx context.Context, key string, how func(context.Context, string) error) error {
	b := w.blob(key)
	err := how(ctx, key)
	switch {
	case err == nil:
		b.kept = nil
		w.tally.add("blobs dropped")
	case w.disk.Off():
		b.maybe, b.underway = nil, true
	default:
		err = lost("blob %s was not dropped with the power on: %v", key, err)
	}
	return err
}

// Loose blobs are named by no row; they are replaced and dropped at will.
func (w *world) loose() string { return fmt.Sprintf("loose/%d/x.%d", w.rng.IntN(2), w.rng.IntN(3)) }

func (w *world) putLoose(ctx context.Context) error {
	return w.put(ctx, w.loose(), w.content(w.rng))
}

func (w *world) dropLoose(ctx context.Context) error {
	key := w.loose()
	if w.blob(key).kept == nil {
		return nil
	}
	if w.rng.IntN(2) == 0 {
		return w.drop(ctx, key, w.blobs.SetAside)
	}
	return w.drop(ctx, key, w.blobs.Delete)
}

// content is what a file holds: mostly little, sometimes nothing.
func (w *world) content(rng *rand.Rand) []byte {
	b := make([]byte, []int{0, 300, 5_000, 40_000}[rng.IntN(4)])
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func (w *world) row(guid string) *rows {
	if w.said.rows[guid] == nil {
		w.said.rows[guid] = &rows{}
	}
	return w.said.rows[guid]
}

func (w *world) blob(key string) *bytesOf {
	if w.said.blobs[key] == nil {
		w.said.blobs[key] = &bytesOf{}
	}
	return w.said.blobs[key]
}

// never is when a mark runs out.
func never() time.Time { return epoch().AddDate(100, 0, 0) }
