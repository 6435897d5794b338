package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"peyk/internal/report"
)

// load keeps a number of tiny requests in flight until it is told to stop, and
// remembers those that were answered 202.
type load struct {
	i     *instance
	mu    sync.Mutex
	guids []string
	stop  context.CancelFunc
	done  sync.WaitGroup
}

func startLoad(i *instance, inFlight int) *load {
	ctx, stop := context.WithCancel(context.Background())
	l := &load{i: i, stop: stop}
	i.t.Cleanup(func() { l.end() }) // before the instance ends, whatever happens
	for range inFlight {
		l.done.Go(func() {
			for ctx.Err() == nil {
				l.one(ctx)
			}
		})
	}
	return l
}

func (l *load) one(ctx context.Context) {
	i := l.i
	guid := newGUID(i.t)
	if !i.submit(ctx, guid, "tiny.v1", nil) {
		return
	}
	l.mu.Lock()
	l.guids = append(l.guids, guid)
	l.mu.Unlock()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !i.status(guid).State.Terminal() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// more waits until so many more were answered 202.
func (l *load) more(n int) {
	l.i.t.Helper()
	before := l.count()
	l.i.eventually("more answers 202", func() bool { return l.count() >= before+n })
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.guids)
}

// end stops asking and gives all that was answered 202.
func (l *load) end() []string {
	l.stop()
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.guids
}

// seed is printed by a failing test and repeats its choices.
func seed(t *testing.T) *rand.Rand {
	t.Helper()
	s := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("PEYK_SEED"), 10, 64); err == nil {
		s = given
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with: PEYK_SEED=%d go test ./e2e -run '^%s$'", s, t.Name())
		}
	})
	return rand.New(rand.NewPCG(s, 0))
}

// killsWanted is how often processes are killed: 10 times, or as often as
// PEYK_TORTURE says.
func killsWanted(t *testing.T) int {
	t.Helper()
	given := os.Getenv("PEYK_TORTURE")
	switch n, err := strconv.Atoi(given); {
	case given != "" && (err != nil || n < 1):
		t.Fatalf("PEYK_TORTURE=%s is no number of kills", given)
	case given != "":
		return n
	case testing.Short():
		return 5
	}
	return 10
}

// TestKillsAtRandomMoments ends the company's process, the provider's, or both,
// again and again under load. Whatever was answered 202 arrives, its letter
// once, or flagged after a recorded UNKNOWN.
func TestKillsAtRandomMoments(t *testing.T) {
	t.Parallel()
	kills := killsWanted(t)
	chance := seed(t)
	i := start(t)
	l := startLoad(i, 16)
	began := time.Now()
	for range kills {
		l.more(3)                                                      // however slow the machine is, there is work to be hit
		time.Sleep(time.Duration(chance.IntN(600)) * time.Millisecond) //nolint:forbidigo // the moment is the fault
		switch chance.IntN(3) {
		case 0:
			i.kill()
			i.up()
		case 1:
			i.killProvider()
		case 2:
			i.killProvider()
			i.kill()
			i.up()
		}
	}
	guids := l.end()
	t.Logf("%d requests, %d kills in %s", len(guids), kills, time.Since(began).Round(time.Second))
	for _, guid := range guids {
		checkOnce(t, i, i.delivered(guid))
	}
}

// checkOnce holds the mailbox against the journal.
func checkOnce(t *testing.T, i *instance, st status) {
	t.Helper()
	mails := i.mails(st.GUID)
	unknown := slices.ContainsFunc(st.Journal, func(e report.Entry) bool { return e.Name == "mail_unknown" })
	switch {
	case len(mails) == 0:
		t.Errorf("%s: no letter arrived\n%s", st.GUID, journal(st))
	case len(mails) > 1 && !(unknown && st.Recipients[0].Flagged):
		t.Errorf("%s: %d letters without a recorded UNKNOWN\n%s", st.GUID, len(mails), journal(st))
	}
	if late := len(i.allMails(st.GUID)) - len(mails); late > 1 && !unknown {
		t.Errorf("%s: %d letters that it is late\n%s", st.GUID, late, journal(st))
	}
	for _, m := range mails {
		if m.MessageID != mails[0].MessageID {
			t.Errorf("%s: letters %q and %q are not the same message", st.GUID, m.MessageID, mails[0].MessageID)
		}
	}
}

// TestQueueDeletedUnderLoad removes the queue's directory while it is in use.
// Everything arrives, and the queue heals without a restart of the process.
func TestQueueDeletedUnderLoad(t *testing.T) {
	t.Parallel()
	i := start(t)
	pid := i.now().PIDs.Company
	l := startLoad(i, 16)
	l.more(30)
	if err := os.RemoveAll(filepath.Join(i.dir, "company", "queue")); err != nil {
		t.Logf("remove the queue while it writes: %v", err)
	}
	l.more(60)
	for _, guid := range l.end() {
		checkOnce(t, i, i.delivered(guid))
	}
	// Back to normal is seen by the cause of step 4: a message, not the sweep,
	// which may come first now and then where the machine is busy.
	i.eventually("a journey that is carried by the queue", func() bool { return i.carried(1) == 1 })
	const journeys = 20
	if n := i.carried(journeys); n < journeys/2 {
		t.Errorf("the queue carried %d of %d journeys after it healed", n, journeys)
	}
	if got := i.now().PIDs.Company; got != pid {
		t.Errorf("the process was restarted: %d, then %d", pid, got)
	}
}

// carried has reports made one after another, and counts those whose message
// came by the queue.
func (i *instance) carried(journeys int) (n int) {
	i.t.Helper()
	for range journeys {
		st := i.delivered(i.request(i.t.Context(), "tiny.v1", nil))
		if slices.ContainsFunc(st.Journal, func(e report.Entry) bool {
			_, ok := e.Evidence["stream_sequence"]
			return ok && e.Step == report.StepHeard
		}) {
			n++
		}
	}
	return n
}

// latency is from ACCEPTED to DELIVERED by the ledger's own clock.
func latency(st status) time.Duration {
	var from, to time.Time
	for _, e := range st.Journal {
		switch e.Name {
		case string(report.Accepted):
			from = e.At
		case string(report.Delivered):
			to = e.At
		}
	}
	return to.Sub(from)
}
