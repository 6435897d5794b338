package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/frame"
	"peyk/internal/report"
)

const (
	lookEvery   = 5 * time.Second // the rest for what no event told
	writeWithin = 10 * time.Second
	noticeBatch = 50
	followMost  = 100 // newest requests a stream compares at each look
)

// errOver ends a stream whose person is signed out.
var errOver = errors.New("the sign-in is over")

// stream is one browser's feed (HTML Living Standard, 9.2): notice brings a
// popup, seen takes it away, changed says to look at a request again.
type stream struct {
	s      *Station
	v      *visit
	w      http.ResponseWriter
	rc     *http.ResponseController
	after  int64             // the last notice sent
	drawn  time.Time         // when the page may have been drawn; zero: unknown
	stands map[string]string // how each request stood at the last look
	unseen map[string]bool   // GUIDs with unseen notices at the last look
}

func (s *Station) events(v *visit) (answer, error) {
	guids, leave, ok := s.live.join()
	if !ok {
		return answer{status: http.StatusServiceUnavailable}, nil
	}
	return answer{stream: func(w http.ResponseWriter) error {
		defer leave()
		st := &stream{s: s, v: v, w: w, rc: http.NewResponseController(w), after: resumeAt(v.Request), drawn: paintedAt(v)}
		err := st.run(guids)
		if errors.Is(err, errOver) || v.Context().Err() != nil {
			return nil
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

// oldest is how far back the first look goes for what a page has missed.
const oldest = time.Minute

// paintedAt is when the page asked for its drawing, by our clock: the browser says
// how many milliseconds ago that was. What moved between then and the first look
// reached the page by no event.
func paintedAt(v *visit) time.Time {
	ms, err := strconv.ParseInt(v.URL.Query().Get("age"), 10, 64)
	if err != nil || ms < 0 {
		return time.Time{}
	}
	return v.now.Add(-min(time.Duration(ms)*time.Millisecond, oldest))
}

func (st *stream) run(guids <-chan string) error {
	h := st.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not hold it back
	if err := st.write("retry: 2000\n\n"); err != nil {
		return err
	}
	if err := st.look(); err != nil {
		return err
	}
	tick := time.NewTicker(st.s.lookEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-st.v.Context().Done():
			return nil
		case <-st.s.live.ctx.Done():
			return nil
		case guid := <-guids:
			err = st.glance(guid)
		case <-tick.C:
			err = st.look()
		}
		if err != nil {
			return err
		}
	}
}

// glance follows one event: the request it is about, notices that came and
// notices that were seen. Whoever may not see the request is told nothing.
func (st *stream) glance(guid string) error {
	var out bytes.Buffer
	err := st.s.cfg.Ledger.View(st.v.Context(), func(view ledger.View) error {
		out.Reset()
		r, err := view.Visible(access.SeeScope(st.v.who), guid)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		p, err := progressOf(view, r)
		if err != nil {
			return err
		}
		st.stands[guid] = fingerprint(r, p)
		say(&out, "changed", guid)
		if err := st.notices(view, &out); err != nil {
			return err
		}
		return st.taken(view, &out)
	})
	return st.flush(err, &out)
}

// look compares everything with the last look: the rest for what an event
// missed, and what keeps the connection from falling silent.
func (st *stream) look() error {
	if err := st.stillSignedIn(); err != nil {
		return err
	}
	var out bytes.Buffer
	err := st.s.cfg.Ledger.View(st.v.Context(), func(view ledger.View) error {
		out.Reset()
		if err := st.requests(view, &out); err != nil {
			return err
		}
		if err := st.notices(view, &out); err != nil {
			return err
		}
		return st.taken(view, &out)
	})
	if out.Len() == 0 {
		out.WriteString(":\n\n")
	}
	return st.flush(err, &out)
}

// stillSignedIn ends the stream with the session, or with the person's leaving.
func (st *stream) stillSignedIn() error {
	_, who, err := st.s.recall(st.v.came)
	if err != nil {
		return err
	}
	if who.Name != st.v.who.Name {
		return errOver
	}
	st.v.who = who
	return nil
}

// requests tells of every request that stands otherwise than at the last look.
func (st *stream) requests(view ledger.View, out *bytes.Buffer) error {
	now := map[string]string{}
	rows, err := view.Requests(ledger.Filter{Scope: access.SeeScope(st.v.who), Limit: followMost})
	if err != nil {
		return err
	}
	progress, err := progressBy(view, rows)
	for _, r := range rows {
		now[r.GUID] = fingerprint(r, progress[r.GUID])
		if st.missed(r, progress[r.GUID]) || st.stands != nil && st.stands[r.GUID] != now[r.GUID] {
			say(out, "changed", r.GUID)
		}
	}
	if err == nil {
		st.stands = now
	}
	return err
}

// missed reports, at the first look, what moved while the page was on its way.
func (st *stream) missed(r *report.Request, p ledger.Progress) bool {
	if st.stands != nil || st.drawn.IsZero() {
		return false
	}
	for _, at := range []time.Time{r.UpdatedAt, p.At, r.AnnouncedAt, r.LateAt, r.CollectedAt, r.PurgedAt} {
		if at.After(st.drawn) {
			return true
		}
	}
	return false
}

// fingerprint changes with everything a page shows of the request's row, and of
// how far the provider is with it.
func fingerprint(r *report.Request, p ledger.Progress) string {
	return fmt.Sprint(p.At.UnixMicro(), r.Version, r.UpdatedAt.UnixMicro(), r.AnnouncedAt.UnixMicro(), r.LateAt.UnixMicro(), r.CollectedAt.UnixMicro(), r.PurgedAt.UnixMicro())
}

// notices sends the popups that came after the last one sent.
func (st *stream) notices(view ledger.View, out *bytes.Buffer) error {
	for {
		batch, err := view.Notices(st.v.who.Name, st.after, noticeBatch)
		if err != nil {
			return err
		}
		for _, n := range batch {
			st.after = n.Seq
			if !n.SeenAt.IsZero() {
				continue
			}
			v := *st.v
			v.w = st.s.book.For(v.who.Locale, v.who.TimeZone, st.s.cfg.Now())
			var html bytes.Buffer
			if err := frame.PopupView(v.w, popup(&v, n)).Render(st.v.Context(), &html); err != nil {
				return fmt.Errorf("draw notice %d: %w", n.Seq, err)
			}
			fmt.Fprintf(out, "id: %d\nevent: notice\ndata: %s\n\n", n.Seq, strings.ReplaceAll(html.String(), "\n", "\ndata: "))
		}
		if len(batch) < noticeBatch {
			return nil
		}
	}
}

// taken tells of popups that were closed elsewhere.
func (st *stream) taken(view ledger.View, out *bytes.Buffer) error {
	unseen, err := view.Unseen(st.v.who.Name, maxUnseen)
	if err != nil {
		return err
	}
	now := map[string]bool{}
	for _, n := range unseen {
		now[n.GUID] = true
	}
	for guid := range st.unseen {
		if !now[guid] {
			say(out, "seen", guid)
		}
	}
	st.unseen = now
	return nil
}

// say writes an event about a request.
func say(out *bytes.Buffer, kind, guid string) {
	fmt.Fprintf(out, "event: %s\ndata: %s\n\n", kind, guid)
}

func (st *stream) flush(err error, out *bytes.Buffer) error {
	if err != nil {
		return fmt.Errorf("follow for %s: %w", st.v.who.Name, err)
	}
	if out.Len() == 0 {
		return nil
	}
	return st.write(out.String())
}

func (st *stream) write(text string) error {
	if err := st.rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("limit the stream: %w", err)
	}
	if _, err := st.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to the stream: %w", err)
	}
	if err := st.rc.Flush(); err != nil {
		return fmt.Errorf("flush the stream: %w", err)
	}
	return nil
}
