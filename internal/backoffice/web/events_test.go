package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// feed is an open stream of events.
type feed struct {
	bells  chan string // as drawn, the first ones
	t      *testing.T
	events chan sse
	stop   func()
	still  string // GUIDs whose popups may stay, from the first words
}

type sse struct{ kind, id, data string }

// listen opens the stream as a browser does and waits until it stands.
func (b *browser) listen(t *testing.T, path string, header ...string) *feed {
	t.Helper()
	if !strings.Contains(path, "drawn=") { // the page shows all there is
		path += "&drawn=" + strconv.FormatInt(b.w.clock.Now().Add(time.Hour).UnixMilli(), 10)
	}
	ctx, stop := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	must(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(req)
	must(t, err)
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("the stream: %d %s", res.StatusCode, kind)
	}
	f := &feed{t: t, events: make(chan sse, 1000), bells: make(chan string, 10)}
	ended := make(chan struct{})
	standing := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(f.events)
		defer res.Body.Close()
		f.read(bufio.NewScanner(res.Body), standing)
	}()
	f.stop = func() { stop(); <-ended }
	t.Cleanup(f.stop)
	<-standing
	return f
}

// read parses the stream (HTML Living Standard, 9.2.6). What it
// begins with ends with a beat; what tells no news is left out.
func (f *feed) read(lines *bufio.Scanner, standing chan struct{}) {
	var e sse
	stands := func() {
		select {
		case <-standing:
		default:
			close(standing)
		}
	}
	defer stands()
	for lines.Scan() {
		name, v, _ := strings.Cut(lines.Text(), ":")
		v = strings.TrimPrefix(v, " ")
		switch {
		case lines.Text() == "" && e.kind != "":
			switch e.kind {
			case "beat":
				stands()
			case "still":
				f.still = e.data
			case "bell":
				select {
				case f.bells <- e.data:
				default:
				}
			default:
				f.events <- e
			}
			e = sse{}
		case name == "event":
			e.kind = v
		case name == "id":
			e.id = v
		case name == "data":
			e.data += v
		}
	}
}

// next waits for the next event.
func (f *feed) next() sse {
	f.t.Helper()
	select {
	case e, ok := <-f.events:
		if !ok {
			f.t.Fatal("the stream has ended")
		}
		return e
	case <-time.After(8 * time.Second): // longer than any look
		f.t.Fatal("nothing came")
	}
	return sse{}
}

func (w *world) publish(guid string) {
	w.taps.publish(event.Event{Type: event.ReportReady, GUID: guid, Generation: 1, Version: 1})
}

func TestPopupComesWithTheEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none")
	f := w.as("derya").listen(t, "/events?after=0")
	w.notice("derya", r.GUID, ledger.SubjectReady)
	w.publish(r.GUID)
	if e := f.next(); e.kind != "changed" || e.data != r.GUID {
		t.Errorf("first comes %+v", e)
	}
	e := f.next()
	if e.kind != "notice" || e.id != "1" {
		t.Fatalf("then comes %+v", e)
	}
	popup, err := html.Parse(strings.NewReader(e.data))
	must(t, err)
	section := one(t, popup, el("section", "class", "popup", "data-popup", r.GUID))
	if got := text(section); !strings.Contains(got, "Raporunuz hazır") {
		t.Errorf("the popup says %q", got)
	}
	one(t, section, el("a", "href", "/r/"+r.GUID))
}

// What came while the connection was broken comes after it, once, in order.
func TestStreamResumesBehindTheLastNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var guids []string
	for range 4 {
		r := w.asked("derya", "none")
		w.notice("derya", r.GUID, ledger.SubjectReady)
		guids = append(guids, r.GUID)
	}
	w.update(func(tx ledger.Tx) error { return tx.MarkSeen("derya", guids[2]) })
	for path, header := range map[string][]string{
		"/events?after=2": nil,
		"/events?after=0": {"Last-Event-ID", "2"},
	} {
		f := w.as("derya").listen(t, path, header...)
		e := f.next()
		if e.kind != "notice" || e.id != "4" {
			t.Errorf("%s %v: first comes %+v, want notice 4: 1 and 2 were had, 3 was seen", path, header, e)
		}
		f.stop()
	}
}

// The page says where its stream begins, so that nothing falls between.
func TestPageHandsOverToItsStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none")
	w.notice("derya", r.GUID, ledger.SubjectReady)
	page := w.as("derya").get("/reports").page()
	if got := value(one(t, page, el("body")), "sse-connect"); !strings.HasPrefix(got, "/events?after=1&drawn=") {
		t.Errorf("the stream begins at %q", got)
	}
	one(t, page, el("section", "data-popup", r.GUID))
	if got := text(one(t, page, el("a", "id", "bell"))); got != "1" {
		t.Errorf("the bell says %q", got)
	}
}

func TestStreamTellsOnlyWhatOneMaySee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, own := w.asked("derya", "none"), w.asked("emre", "none")
	f := w.as("emre").listen(t, "/events?after=0")
	w.notice("derya", foreign.GUID, ledger.SubjectReady)
	w.publish(foreign.GUID)
	w.publish(own.GUID)
	if e := f.next(); e.data != own.GUID {
		t.Errorf("emre is told %+v", e)
	}
}

// Without any event the look every five seconds finds what has changed, and
// what was seen elsewhere.
func TestLookFindsWhatNoEventTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.station.LookEvery(20 * time.Millisecond)
	r := w.asked("derya", "none")
	w.notice("derya", r.GUID, ledger.SubjectLate)
	b := w.as("derya")
	f := b.listen(t, "/events?after=1")
	if res := b.post("/r/"+r.GUID+"/seen", nil, "HX-Request", "true"); res.status != http.StatusOK || res.body != "" {
		t.Errorf("closing a popup: %d %q", res.status, res.body)
	}
	w.update(func(tx ledger.Tx) error {
		m, err := r.Submit(tx.Now(), nil)
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	got := map[sse]bool{f.next(): true, f.next(): true} // of one look or of two
	for _, want := range []sse{{kind: "changed", data: r.GUID}, {kind: "seen", data: r.GUID}} {
		if !got[want] {
			t.Errorf("the looks found %v, want %v", got, want)
		}
	}
}

func TestStreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.station.LookEvery(20 * time.Millisecond)
	b := w.as("derya")
	f := b.listen(t, "/events?after=0")
	b.post("/signout", nil)
	select {
	case e, open := <-f.events:
		if open {
			t.Errorf("after the sign-out came %+v", e)
		}
	case <-time.After(8 * time.Second):
		t.Error("the stream outlives the session")
	}
}

// At most three popups are on the screen; the rest waits in the bell.
func TestBellKeepsWhatWasNotSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.notice("derya", w.asked("derya", "none").GUID, ledger.SubjectReady)
	}
	b := w.as("derya")
	if n := len(all(b.get("/reports").page(), el("section", "class", "popup"))); n != 3 {
		t.Errorf("%d popups", n)
	}
	w.clock.Add(20 * time.Minute)
	if n := len(all(b.get("/reports").page(), el("section", "class", "popup"))); n != 0 {
		t.Errorf("%d popups twenty minutes later", n)
	}
	page := b.get("/bell").page()
	notices := all(page, el("li", "class", "notice"))
	if len(notices) != 5 {
		t.Fatalf("%d notices in the bell", len(notices))
	}
	guid := value(notices[0], "data-guid")
	if res := b.post("/r/"+guid+"/seen", map[string][]string{"back": {"/bell"}}); res.header.Get("Location") != "/bell" {
		t.Errorf("%d to %q", res.status, res.header.Get("Location"))
	}
	page = b.get("/bell").page()
	if n := len(all(page, el("li", "class", "unseen"))); n != 4 {
		t.Errorf("%d notices are new after one was seen", n)
	}
	if n := len(all(page, el("li", "class", "notice"))); n != 5 {
		t.Errorf("%d notices are kept after one was seen", n)
	}
}

// What was asked of several is answered for all of them by whoever ends the
// waiting: nobody is left with a popup about what is no longer asked.
func TestAnsweredQuestionsLeaveEverybodysPages(t *testing.T) {
	t.Parallel()
	for what, act := range map[string]func(*report.Request, time.Time) (report.Move, error){
		"approved":  func(r *report.Request, at time.Time) (report.Move, error) { return r.Approve("murat", time.Minute, at) },
		"declined":  func(r *report.Request, at time.Time) (report.Move, error) { return r.Decline("murat", "…", at) },
		"cancelled": func(r *report.Request, at time.Time) (report.Move, error) { return r.Cancel("derya", "", at) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.asked("derya", access.Approver)
			w.notice("selin", r.GUID, ledger.SubjectAsking)
			b := w.as("selin")
			one(t, b.get("/approvals?at=nothing").page(), el("a", "id", "bell", "data-unseen", "1"))
			f := b.listen(t, "/events?after=1")
			w.update(func(tx ledger.Tx) error {
				m, err := act(r, tx.Now())
				if err != nil {
					return err
				}
				return ledger.Move(tx, r, m)
			})
			w.publish(r.GUID)
			told := f.next()
			for told.kind != "seen" {
				told = f.next()
			}
			if told.data != r.GUID {
				t.Errorf("selin's page is told that %s was seen, want %s", told.data, r.GUID)
			}
			page := b.get("/reports").page()
			one(t, page, el("a", "id", "bell", "data-unseen", "0"))
			if len(all(page, el("section", "data-popup", r.GUID))) > 0 {
				t.Error("a page drawn anew still asks selin")
			}
		})
	}
}
