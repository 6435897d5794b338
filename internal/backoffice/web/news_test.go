package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Many pages of several people hear of notices, some told by an event and some
// by none, while connections break and resume: each page has each of its
// person's notices once, in order, and nobody else's.
func TestNobodyMissesANotice(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's dice
	t.Logf("seed %d", seed)
	w := newWorld(t)
	w.station.LookEvery(20 * time.Millisecond)
	names := strings.Fields("derya murat selin emre ali")
	var pages []*openPage
	browsers := map[string]*browser{}
	for _, name := range names {
		browsers[name] = w.as(name)
	}
	for i := range 100 {
		b := browsers[names[i%len(names)]]
		pages = append(pages, &openPage{b: b, who: names[i%len(names)], feed: b.listen(t, "/events?after=0")})
	}
	want := map[string][]string{} // person → GUIDs, in order
	for range 60 {
		who := names[r.IntN(len(names))]
		guid := w.asked(who, "none").GUID
		w.notice(who, guid, ledger.SubjectReady)
		want[who] = append(want[who], guid)
		if r.IntN(3) > 0 {
			w.publish(guid)
		}
		if r.IntN(2) == 0 {
			pages[r.IntN(len(pages))].breaks(t)
		}
	}
	for i, p := range pages {
		for len(p.had) < len(want[p.who]) {
			p.take(p.feed.next())
		}
		if got := fmt.Sprint(p.had); got != fmt.Sprint(want[p.who]) {
			t.Errorf("seed %d: page %d, of %s, had\n%s, want\n%s", seed, i, p.who, got, want[p.who])
		}
	}
}

// openPage is a page and the notices it had.
type openPage struct {
	b    *browser
	who  string
	feed *feed
	last string
	had  []string
}

func (p *openPage) take(e sse) {
	if e.kind == "notice" {
		_, rest, _ := strings.Cut(e.data, `data-popup="`)
		guid, _, _ := strings.Cut(rest, `"`)
		p.had, p.last = append(p.had, guid), e.id
	}
}

// breaks loses the connection and comes again, behind what the page had.
func (p *openPage) breaks(t *testing.T) {
	t.Helper()
	p.feed.stop()
	for e := range p.feed.events {
		p.take(e)
	}
	p.feed = p.b.listen(t, "/events?after=0", "Last-Event-ID", p.last)
}

// What was seen elsewhere while the connection was broken is known from the
// first words of the next one.
func TestAStreamBeginsWithWhatMayStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, open := w.asked("derya", "none").GUID, w.asked("derya", "none").GUID
	w.notice("derya", old, ledger.SubjectReady)
	w.notice("derya", open, ledger.SubjectReady)
	w.update(func(tx ledger.Tx) error { return tx.MarkSeen("derya", old) })
	f := w.as("derya").listen(t, "/events?after=2")
	if f.still != open {
		t.Errorf("what may stay: %q, want %s", f.still, open)
	}
}

// A page older than what the station remembers looks at everything again.
func TestAnOldPageLooksAtEverythingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	drawn := w.clock.Now().Add(-time.Minute).UnixMilli()
	if e := w.as("derya").listen(t, "/events?after=0&drawn="+strconv.FormatInt(drawn, 10)).next(); e.kind != "again" {
		t.Errorf("an old page is told %+v", e)
	}
}

// What changed between the drawing of a page and its stream is told.
func TestNothingFallsBetweenPageAndStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	drawn := w.clock.Now().UnixMilli()
	w.clock.Add(5 * time.Second)
	r := w.asked("derya", "none")
	e := w.as("derya").listen(t, "/events?after=0&drawn="+strconv.FormatInt(drawn, 10)).next()
	if e.kind != "changed" || e.data != r.GUID {
		t.Errorf("the page is told %+v", e)
	}
}

func TestStreamEndsWhenSomebodyLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.as("emre").listen(t, "/events?after=0")
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account("emre")
		if err != nil {
			return err
		}
		a.Gone = true
		return tx.PutAccount(a)
	})
	w.station.LookEvery(20 * time.Millisecond)
	select {
	case e, open := <-f.events:
		if open {
			t.Errorf("after leaving came %+v", e)
		}
	case <-time.After(8 * time.Second):
		t.Error("the stream outlives the account")
	}
}

// The bell shows fifty at a time, and all up to the newest shown are marked as
// seen: what came since stays new.
func TestTheBellByPagesAndAllSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 53 {
		w.notice("derya", w.asked("derya", "none").GUID, ledger.SubjectReady)
	}
	b := w.as("derya")
	page := b.get("/bell").page()
	if got := text(one(t, page, el("title"))); got != "(53) Bildirimler · Peyk" {
		t.Errorf("the title says %q", got)
	}
	if n := len(all(page, el("li", "class", "notice"))); n != 50 {
		t.Errorf("%d notices on the first page", n)
	}
	older := b.get(value(one(t, page, el("a", "class", "older")), "href")).page()
	if n := len(all(older, el("li", "class", "notice"))); n != 3 {
		t.Errorf("%d older notices", n)
	}
	upTo := value(one(t, page, el("input", "name", "up_to")), "value")
	f := b.listen(t, "/events?after=53")
	w.notice("derya", w.asked("derya", "none").GUID, ledger.SubjectReady)
	if res := b.post("/bell/seen", url.Values{"up_to": {upTo}}); res.header.Get("Location") != "/bell" {
		t.Errorf("%d to %q", res.status, res.header.Get("Location"))
	}
	gone := 0
	for gone < 53 {
		if f.next().kind == "seen" {
			gone++
		}
	}
	if n := len(all(b.get("/bell").page(), el("li", "class", "unseen"))); n != 1 {
		t.Errorf("%d notices are new, want the one that came since", n)
	}
}

// A popup offers the document, to whom may have it.
func TestAPopupOffersTheDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "approver", append([]func(*report.Request, time.Time) (report.Move, error){
		func(r *report.Request, at time.Time) (report.Move, error) { return r.Approve("murat", time.Minute, at) },
	}, delivered()...)...)
	for who, offers := range map[string]int{"derya": 1, "murat": 0} {
		w.notice(who, r.GUID, ledger.SubjectReady)
		popup := one(t, w.as(who).get("/reports").page(), el("section", "data-popup", r.GUID))
		links := all(popup, el("a", "href", "/r/"+r.GUID+"/files/top-games.pdf"))
		if len(links) != offers || offers == 1 && strings.Join(strings.Fields(text(links[0])), " ") != "PDF 412 KB" {
			t.Errorf("%s is offered %d documents in %q", who, len(links), text(popup))
		}
	}
}

// The bell that comes with the news counts as the bell of a page drawn now.
func TestTheBellCountsBeyondAHundred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 104 {
		w.notice("derya", w.asked("derya", "none").GUID, ledger.SubjectLate)
	}
	guid := w.asked("derya", "none").GUID
	b := w.as("derya")
	f := b.listen(t, "/events?after=104")
	w.notice("derya", guid, ledger.SubjectReady)
	w.publish(guid)
	f.next() // the report has changed
	f.next() // the notice
	bell := <-f.bells
	if drawn := one(t, b.get("/profile").page(), el("a", "id", "bell")); value(drawn, "data-unseen") != "105" || !strings.Contains(bell, `data-unseen="105"`) {
		t.Errorf("drawn with %s, and brought as %s", value(drawn, "data-unseen"), bell)
	}
}

// What somebody wants no popups of stands in nobody's way: the newest that are
// wanted are shown.
func TestUnwantedNewsHidesNoPopup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.person("derya")
	a.NoPopup = []ledger.News{ledger.NewsLate}
	w.update(func(tx ledger.Tx) error { return tx.PutAccount(a) })
	wanted := w.asked("derya", "none").GUID
	w.notice("derya", wanted, ledger.SubjectReady)
	for range 5 {
		w.notice("derya", w.asked("derya", "none").GUID, ledger.SubjectLate)
	}
	one(t, w.as("derya").get("/reports").page(), el("section", "class", "popup", "data-popup", wanted))
}
