package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
)

const (
	writeWithin = 10 * time.Second
	behindMost  = 32 // turns a browser may be behind
)

// stream is one browser's feed (HTML Living Standard, 9.2):
//
//	notice   a popup; its id is where to resume
//	seen     a popup that goes: it was seen elsewhere
//	still    at the beginning: the GUIDs whose popups may stay
//	bell     the bell as it is now
//	changed  a request to look at again
//	again    everything is to be looked at again
//	lost     no news can be had for now
//	beat     it lives; the time, as the person reads it
type stream struct {
	who     ledger.Account
	session string        // of the cookie
	came    *http.Request // without a session in its context
	after   int64         // the last notice the browser had
	drawn   time.Time     // the page

	out  chan []byte
	over chan struct{} // closed: the stream ends
	once sync.Once

	greeted, gone bool           // the turns' own
	eyes          ledger.Account // the guard's own: what who was at its last round
}

func (s *Station) events(v *visit) (answer, error) {
	st := &stream{
		who: v.who, eyes: v.who, came: v.came, session: s.sessions.Token(v.Context()), after: resumeAt(v.Request), drawn: pageDrawn(v.Request),
		out: make(chan []byte, behindMost), over: make(chan struct{}),
	}
	leave, ok := s.live.join(st)
	if !ok {
		return answer{status: http.StatusServiceUnavailable}, nil
	}
	return answer{stream: func(w http.ResponseWriter) error {
		defer leave()
		err := st.run(v, w, s.live.ctx.Done())
		if v.Context().Err() != nil {
			return nil // the browser has gone
		}
		return err
	}}, nil
}

// resumeAt is the notice the browser has had last: of the broken connection,
// else of the page.
func resumeAt(r *http.Request) int64 {
	for _, text := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")} {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return 0
}

// pageDrawn is when the page that asks was drawn. One that does not say is taken
// for old: it looks at everything again.
func pageDrawn(r *http.Request) time.Time {
	if n, err := strconv.ParseInt(r.URL.Query().Get("drawn"), 10, 64); err == nil && n > 0 {
		return time.UnixMilli(n)
	}
	return time.Time{}
}

// send hands on what is to be written. A browser that is too far behind is cut
// off: it comes again and resumes behind the last notice it had.
func (st *stream) send(text []byte) {
	select {
	case st.out <- text:
	default:
		st.end()
	}
}

func (st *stream) end() { st.once.Do(func() { close(st.over) }) }

func (st *stream) run(v *visit, w http.ResponseWriter, closing <-chan struct{}) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not hold it back
	rc := http.NewResponseController(w)
	text := []byte("retry: 2000\n\n")
	for {
		if err := write(w, rc, text); err != nil {
			return err
		}
		select {
		case <-v.Context().Done():
			return nil
		case <-closing:
			return nil
		case <-st.over:
			return nil
		case text = <-st.out:
		}
	}
}

// write sends text at once. The limit is taken back afterwards: over HTTP/2 it
// would end the stream while there is nothing to say.
func write(w http.ResponseWriter, rc *http.ResponseController, text []byte) error {
	if err := rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("limit the stream: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("write to the stream: %w", err)
	}
	if err := rc.Flush(); err != nil {
		return fmt.Errorf("flush the stream: %w", err)
	}
	if err := rc.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("free the stream: %w", err)
	}
	return nil
}
