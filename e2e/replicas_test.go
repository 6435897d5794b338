package e2e

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"peyk/internal/pgtest"
	"peyk/internal/provider/engine/constant"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// TestTwoOfEachRole has two processes of every role, three servers of the queue
// and a PostgreSQL at work, and kills: a process of a random role every so
// often, one server of the queue, and the database once. Whatever was answered
// 202 arrives once, and the checker that judges the simulation finds nothing.
func TestTwoOfEachRole(t *testing.T) {
	t.Parallel()
	chance := seed(t)
	db, err := pgtest.Start(t.Context(), pgtest.Options{}) // its own: it is killed
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := newCrowd(t, db)
	c.i.up()
	c.border.watch(c.fleet.fronts["app"], c.fleet.fronts["files"])
	began := time.Now()
	c.ask(sampleOf(16, 32))
	c.misfortunes(chance, pauseOf())
	c.wait(sampleOf(150, 5000))
	c.stop()
	calm := time.Now().UTC()
	c.unanswered()
	t.Logf("%d requests in %s, %d processes killed", len(c.guids), time.Since(began).Round(time.Second), c.killed)
	for _, guid := range c.guids {
		if st := c.i.delivered(guid); st.State == report.Delivered {
			checkOnce(t, c.i, st)
		}
	}
	c.cleaned()
	for _, v := range c.judge(calm) {
		t.Errorf("%s\n%s", v, c.i.journalOf(v.GUID))
	}
	t.Logf("everything arrived and was judged after %s", time.Since(began).Round(time.Second))
}

// pauseOf is how long nothing is killed between two times.
func pauseOf() time.Duration {
	if os.Getenv("PEYK_TORTURE") != "" {
		return 3 * time.Second
	}
	return time.Second
}

// crowd is a fleet of two each, the load on it, and what was seen of it.
type crowd struct {
	t      *testing.T
	i      *instance
	fleet  *fleet
	db     *pgtest.Server
	url    string // of the ledger
	border border

	ctx    context.Context
	cancel context.CancelFunc
	busy   sync.WaitGroup
	over   chan struct{} // the misfortunes are over
	killed int

	mu    sync.Mutex
	guids []string
	calls []check.Client
}

func newCrowd(t *testing.T, db *pgtest.Server) *crowd {
	t.Helper()
	url, err := db.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, db: db, url: url, over: make(chan struct{})}
	c.i = newInstance(t, func(i *instance) world {
		c.fleet = newFleet(i, 2)
		c.fleet.database, c.fleet.extra = url, "nothing: true"
		return c.fleet
	}, t.TempDir())
	c.ctx, c.cancel = context.WithCancel(context.Background())
	t.Cleanup(c.i.end)
	t.Cleanup(c.stop)
	return c
}

// ask keeps so many requests in flight.
func (c *crowd) ask(inFlight int) {
	for range inFlight {
		c.busy.Go(func() {
			for c.ctx.Err() == nil {
				c.one()
			}
		})
	}
}

// one asks and waits until the request is stored, whatever becomes of it then.
func (c *crowd) one() {
	guid := newGUID(c.t)
	call := check.Client{At: time.Now().UTC(), Who: "derya", Op: check.Submit, GUID: guid, Type: constant.Type}
	if c.i.submit(c.ctx, guid, constant.Type, nil) {
		call.Status = http.StatusAccepted
	}
	c.mu.Lock()
	c.calls = append(c.calls, call)
	if call.Status != 0 {
		c.guids = append(c.guids, guid)
	}
	c.mu.Unlock()
	c.i.within(10*time.Second, func() bool { return c.ctx.Err() != nil || c.i.status(guid).State.Terminal() })
}

// misfortunes kills processes until ten were, or the load ends; among them, once
// each, a server of the queue and the database.
func (c *crowd) misfortunes(chance *rand.Rand, pause time.Duration) {
	targets := c.fleet.allOf(slices.Concat(companyRoles, providerRoles))
	c.busy.Go(func() {
		defer close(c.over)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for n := 0; n < 10 || os.Getenv("PEYK_TORTURE") != ""; n++ {
			select {
			case <-tick.C:
			case <-c.ctx.Done():
				return
			}
			// However slow the machine is, something is done between two of them.
			before := c.asked()
			c.i.within(patience, func() bool { return c.ctx.Err() != nil || c.asked() >= before+3 })
			switch n {
			case 3:
				c.kill(c.fleet.names("queue")[chance.IntN(3)])
			case 6:
				c.restartDatabase()
			default:
				c.kill(targets[chance.IntN(len(targets))])
			}
		}
	})
}

func (c *crowd) kill(name string) {
	if pid := c.fleet.pid(name); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may be dead already
		c.killed++
	}
}

// restartDatabase has it crash and recover.
func (c *crowd) restartDatabase() {
	ctx := context.WithoutCancel(c.ctx)
	if err := c.db.Stop(ctx, true); err != nil {
		c.t.Error(err)
	}
	if err := c.db.Start(ctx); err != nil {
		c.t.Error(err)
	}
}

// wait waits until so many were asked for and enough was killed.
func (c *crowd) wait(most int) {
	c.t.Helper()
	if !c.i.within(20*time.Minute, func() bool { return c.asked() >= most }) {
		c.t.Errorf("only %d requests of %d were accepted", c.asked(), most)
	}
	if os.Getenv("PEYK_TORTURE") == "" {
		<-c.over
	}
}

// asked counts the requests that were answered 202.
func (c *crowd) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.guids)
}

// stop ends load and misfortunes.
func (c *crowd) stop() {
	c.cancel()
	c.busy.Wait()
}

// unanswered finds the requests that were recorded although nobody was told.
func (c *crowd) unanswered() {
	for _, call := range c.calls {
		if call.Status == 0 && c.i.status(call.GUID).State != "" {
			c.guids = append(c.guids, call.GUID)
		}
	}
}

// cleaned waits until nothing is owed any more but what lies in the future.
func (c *crowd) cleaned() {
	c.t.Helper()
	for _, guid := range c.guids {
		c.i.eventually("the provider's copy of "+guid+" to go", func() bool {
			return slices.ContainsFunc(c.i.status(guid).Journal, func(e report.Entry) bool { return e.Name == "cleaned_at_provider" })
		})
	}
}
