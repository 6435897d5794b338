package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

const (
	lookEvery = 2 * time.Second  // the rest for what no event told
	beatEvery = 10 * time.Second // what keeps a connection from falling silent
	guardEach = 3                // so many looks: who is signed in still
	readsFor  = 10 * time.Second // a turn's reading, at most
	openMost  = 64               // streams of one person: more is no browser
)

// live is the one place of a process that looks for news: it reads once for all
// open pages whom an event concerns, and wakes only their streams.
//
//	queue ─► spread ─┐           ┌─► stream ─► browser
//	streams ─► join ─┼─► turns ──┼─► stream ─► browser
//	clock ─► look ───┘           └─► …
//	        guard: who is signed in still?
//
// What follows under mu is handed in by anybody; all else is the turns' own, so
// that nothing is told twice and nothing falls between.
type live struct {
	s       *Station
	ctx     context.Context
	stop    context.CancelFunc
	nudge   chan struct{}      // something was handed in
	pace    chan time.Duration // looks at another pace from now on
	running sync.WaitGroup     // the turns, the guard and the streams

	mu       sync.Mutex
	handed   handed
	streams  map[*stream]struct{}
	open     map[string]int // streams of each person
	guarding bool           // the guard is on its round

	people  map[string]*follower
	known   map[string]ledger.Change // what the looks found lately; nil: nothing yet
	newest  time.Time                // of the known changes
	failing bool                     // the last turn could not read
}

// handed is what came in since the last turn.
type handed struct {
	guids        map[string]struct{} // requests an event was about
	accounts     map[string]struct{} // people whose inbox changed here
	coming, left []*stream
	changed      []ledger.Account // people with another role, language or time zone
	look         bool             // at everything
}

func newHanded() handed {
	return handed{guids: map[string]struct{}{}, accounts: map[string]struct{}{}}
}

func newLive(s *Station) (*live, error) {
	ctx, stop := context.WithCancel(telemetry.WithRole(context.Background(), string(report.Web)))
	l := &live{
		s: s, ctx: ctx, stop: stop, nudge: make(chan struct{}, 1), pace: make(chan time.Duration),
		handed: newHanded(), streams: map[*stream]struct{}{}, open: map[string]int{}, people: map[string]*follower{},
	}
	if s.cfg.Live != nil {
		if err := s.cfg.Live.Tap(ctx, func(e event.Event) { l.spread(e.GUID) }); err != nil {
			stop()
			return nil, fmt.Errorf("tap the queue: %w", err)
		}
	}
	l.running.Go(l.turns)
	return l, nil
}

// hand takes something in for the next turn.
func (l *live) hand(in func(*handed)) {
	l.mu.Lock()
	in(&l.handed)
	l.mu.Unlock()
	select {
	case l.nudge <- struct{}{}:
	default: // a turn is coming anyway
	}
}

// spread has the next turn look at a request.
func (l *live) spread(guid string) {
	l.hand(func(h *handed) { h.guids[guid] = struct{}{} })
}

// inbox has the next turn look into somebody's inbox.
func (l *live) inbox(account string) {
	l.hand(func(h *handed) { h.accounts[account] = struct{}{} })
}

// join lets a stream hear the news; it is refused once the station closes, and
// where one person holds far more open than their browsers would.
func (l *live) join(st *stream) (leave func(), ok bool) {
	l.mu.Lock()
	if l.ctx.Err() != nil || l.open[st.who.Name] >= openMost {
		l.mu.Unlock()
		return nil, false
	}
	l.streams[st] = struct{}{}
	l.open[st.who.Name]++
	l.running.Add(1)
	l.mu.Unlock()
	l.hand(func(h *handed) { h.coming = append(h.coming, st) })
	return func() {
		defer l.running.Done()
		l.hand(func(h *handed) {
			delete(l.streams, st)
			if l.open[st.who.Name]--; l.open[st.who.Name] == 0 {
				delete(l.open, st.who.Name)
			}
			h.left = append(h.left, st)
		})
	}, true
}

// turns is the loop. While nobody has a page open it reads nothing.
func (l *live) turns() {
	every := lookEvery
	look, beat := time.NewTicker(every), time.NewTicker(beatEvery)
	defer look.Stop()
	defer beat.Stop()
	for looks := 1; ; {
		select {
		case <-l.ctx.Done():
			return
		case <-l.nudge:
			l.turn(false)
		case <-look.C:
			l.turn(true)
			if looks++; looks%guardEach == 0 {
				l.guard()
			}
		case <-beat.C:
			l.beat()
		case every = <-l.pace:
			look.Reset(every)
		}
	}
}

// take gives what was handed in since the last turn.
func (l *live) take() handed {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.handed
	l.handed = newHanded()
	return h
}

func (l *live) close(ctx context.Context) error {
	l.mu.Lock()
	l.stop()
	l.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		l.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close web: live pages still open: %w", ctx.Err())
	}
}
