package web_test

import (
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// progressing records what the provider said of a request.
func (w *world) progressing(r *report.Request, p ledger.Progress) {
	w.t.Helper()
	p.GUID, p.At = r.GUID, w.clock.Now()
	if p.Generation == 0 {
		p.Generation = r.Generation
	}
	w.update(func(tx ledger.Tx) error { return tx.PutProgress(p) })
}

// TestProgressIsShown has a report at every stage, in both languages: what is
// known has a bar and percent, what is not is said in words and has none.
func TestProgressIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	soon := w.clock.Now().Add(40 * time.Second)
	for _, c := range []struct {
		p              ledger.Progress
		tr, en         string
		done, of, much string // of the bar; "": none
	}{
		{ledger.Progress{Stage: ledger.StageGathering, Done: 31, Total: 50, ReadyAt: soon}, "veriler toplanıyor, 40 sn kaldı", "data is being gathered, 40 s left", "31", "50", "%62"},
		{ledger.Progress{Stage: ledger.StageCombining, Done: 2, Total: 3}, "veriler birleştiriliyor", "data is being combined", "2", "3", "%66"},
		{ledger.Progress{Stage: ledger.StageRendering, Done: 3, Total: 3, ReadyAt: w.clock.Now().Add(-time.Second)}, "belge yazılıyor", "the document is being written", "3", "3", "%100"},
		{ledger.Progress{Stage: ledger.StageWaiting, Position: 3, ReadyAt: soon}, "3. sırada bekliyor, 40 sn kaldı", "waiting, place 3 in line, 40 s left", "", "", ""},
		{ledger.Progress{Stage: ledger.StageWaiting, Position: 1001}, "sırada bekliyor", "waiting in line", "", "", ""},
		{ledger.Progress{Stage: ledger.StageReview}, "rapor servisi denetliyor", "being checked by the reporting service", "", "", ""},
		{ledger.Progress{}, "sürüyor", "under way", "", "", ""},
	} {
		for person, want := range map[string]string{"derya": c.tr, "emre": c.en} {
			r := w.asked(person, "none", delivered()[:2]...)
			w.progressing(r, c.p)
			b := w.as(person)
			row := one(t, b.get("/reports").page(), el("li", "data-guid", r.GUID))
			if got := text(one(t, row, el("small", "title", want))); got != want {
				t.Errorf("the list says %q, want %q", got, want)
			}
			page := b.get("/r/" + r.GUID).page()
			if got := text(one(t, page, el("div", "class", "under-way"))); !strings.HasSuffix(got, want) {
				t.Errorf("the page says %q, want %q", got, want)
			}
			if c.done == "" {
				if bars := append(all(row, el("progress")), all(page, el("progress"))...); len(bars) != 0 {
					t.Errorf("%q has a bar", want)
				}
				continue
			}
			one(t, row, el("progress", "value", c.done, "max", c.of))
			one(t, page, el("progress", "value", c.done, "max", c.of))
			much := c.much
			if person == "emre" {
				much = strings.TrimPrefix(much, "%") + "%"
			}
			if got := text(one(t, row, el("span", "class", "percent"))); got != much {
				t.Errorf("%q is %s, want %s", want, got, much)
			}
		}
	}
}

// What was said of another generation, or before the report was ready, is not
// shown.
func TestOldProgressIsNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.asked("derya", "none", delivered()[:2]...)
	w.progressing(other, ledger.Progress{Generation: 7, Stage: ledger.StageGathering, Done: 1, Total: 2})
	ready := w.asked("derya", "none", delivered()[:4]...)
	w.progressing(ready, ledger.Progress{Stage: ledger.StageGathering, Done: 1, Total: 2})
	b := w.as("derya")
	if bars := all(b.get("/reports").page(), el("progress")); len(bars) != 0 {
		t.Errorf("the list has %d bars", len(bars))
	}
	for _, r := range []*report.Request{other, ready} {
		if page := b.get("/r/" + r.GUID).page(); len(all(page, el("progress")))+len(all(page, el("div", "class", "under-way"))) != 0 {
			t.Errorf("%s shows a progress that is not its own", r.State)
		}
	}
}

// An open page hears of progress, which no event tells and no version shows.
func TestProgressReachesAnOpenPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()[:2]...)
	f, stranger := w.as("derya").listen(t, "/events?after=0"), w.as("emre").listen(t, "/events?after=0")
	w.clock.Add(time.Second)
	w.progressing(r, ledger.Progress{Stage: ledger.StageGathering, Done: 1, Total: 2})
	if e := f.next(); e.kind != "changed" || e.data != r.GUID {
		t.Errorf("came %+v", e)
	}
	mine := w.asked("emre", "none")
	w.publish(mine.GUID)
	if e := stranger.next(); e.data != mine.GUID {
		t.Errorf("a stranger was told %+v", e)
	}
}

// What the provider says when it will not prepare a report is read by who asked
// for it, and nothing of it is markup.
func TestTheProvidersRefusalIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("emre", "none", append(delivered()[:2:2], func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Reject(report.Failure{Code: "too-expensive", Detail: "About 7 rows;\nat most <b>6</b>.", Stage: "audit"}, at, nil)
	})...)
	want := "It would read too much data; ask for less: “About 7 rows; at most <b>6</b>.”"
	b := w.as("emre")
	if got := text(one(t, b.get("/reports").page(), el("div", "class", "row-state"))); !strings.Contains(got, want) {
		t.Errorf("the list says %q", got)
	}
	if got := text(one(t, b.get("/r/"+r.GUID).page(), el("p", "id", "why"))); got != want {
		t.Errorf("the page says %q", got)
	}
}
