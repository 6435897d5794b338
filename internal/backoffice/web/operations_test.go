package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/pulse"
	"peyk/internal/backoffice/web"
	"peyk/internal/report"
)

// beat lets a process say how a part of it is.
func (w *world) beat(process, part string, ok bool, at time.Time, f pulse.Figures) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		return tx.PutBeat(ledger.Beat{Process: process, Part: part, OK: ok, Since: at.Add(-2 * time.Hour), At: at, Figures: f.JSON()})
	})
}

// A role is as its processes say: counted while they beat, missed for a while when
// they fall silent, down when none is left.
func TestPartsAreAsProcessesSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := w.clock.Now()
	w.beat("a-1", "web", true, now, pulse.Figures{P95: 18 * time.Millisecond})
	w.beat("b-1", "web", true, now, pulse.Figures{P95: 9 * time.Millisecond})
	w.beat("a-1", "gateway", true, now, pulse.Figures{})
	w.beat("b-1", "gateway", true, now.Add(-time.Minute), pulse.Figures{})
	w.beat("c-1", "gateway", true, now.Add(-time.Minute), pulse.Figures{Left: true})
	w.beat("a-1", "trace", true, now.Add(-time.Minute), pulse.Figures{})
	w.beat("a-1", "relay", true, now, pulse.Figures{Slow: true, P95: 8400 * time.Millisecond})
	w.beat("a-1", "storage", true, now, pulse.Figures{Used: 0.38})
	w.beat("a-1", "provider app", true, now, pulse.Figures{LastOK: now, Hours: []pulse.Hour{{Hour: now.Unix() / 3600, Calls: 200, Failures: 1}}})
	page := w.as("cagri").get("/operations").page()
	for id, want := range map[string]string{
		"part-web":          "web Çalışıyor 2 sa 2/2 18 ms",
		"part-gateway":      "gateway 1 tanesi sustu 2 sa 1/2 –",
		"part-storage":      "Yerel depo Çalışıyor 2 sa %38 dolu –",
		"part-provider-app": "Rapor uygulaması Çalışıyor",
	} {
		if got := text(one(t, page, el("tr", "id", id))); !strings.HasPrefix(got, want) {
			t.Errorf("%s reads %q, want %q", id, got, want)
		}
	}
	if got := text(one(t, page, el("tr", "id", "part-trace"))); !strings.Contains(got, "Çalışmıyor") || !strings.Contains(got, "0/1") {
		t.Errorf("trace reads %q", got)
	}
	if got := text(one(t, page, el("tr", "id", "part-relay"))); !strings.Contains(got, "Yavaş") || !strings.Contains(got, "8,4 sn") {
		t.Errorf("the relay reads %q", got)
	}
	if got := text(one(t, page, el("tr", "id", "part-provider-app"))); !strings.Contains(got, "%0,5") {
		t.Errorf("the provider reads %q", got)
	}
	if got := text(one(t, page, el("p", "id", "verdict"))); got != "Raporlar akmıyor: trace çalışmıyor. 3 konu göz istiyor." {
		t.Errorf("the verdict is %q", got)
	}
}

// The bars and figures are what counting the deliveries finds.
func TestThroughputIsWhatWasDelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := w.clock.Now()
	for i := range 5 {
		w.asked("derya", "none", delivered()...)
		w.clock.Add(time.Duration(i) * time.Minute)
	}
	page := w.as("cagri").get("/operations").page()
	svg := all(page, el("figure", "class", "chart"))
	if len(svg) != 1 || !strings.Contains(text(svg[0]), "Saatte teslim edilen rapor") {
		t.Fatalf("%d charts", len(svg))
	}
	bars, sum := all(svg[0], el("td")), 0
	for _, td := range bars {
		sum += len(text(td)) * int(text(td)[0]-'0') // fewer than ten in an hour
	}
	if len(bars) != 24 || sum != 5 {
		t.Errorf("%d bars for %d deliveries since %s", len(bars), sum, begin)
	}
}

// Each thing that wants an eye has a line with its cause and leads there.
func TestEyesLeadToTheThing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	w.update(func(tx ledger.Tx) error {
		return tx.PutMail(ledger.Mail{GUID: r.GUID, Generation: 1, Subject: ledger.SubjectReady, Account: "derya", State: ledger.MailBounced, Reply: "550 mailbox unavailable", At: tx.Now()})
	})
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: report.Trace, Subject: "peyk.v1.report.x", Raw: []byte("\x00<b>"), Cause: "no event", At: tx.Now()})
	})
	b := w.as("cagri")
	list := one(t, b.get("/operations").page(), el("ul", "class", "eyes"))
	if got := text(list); !strings.Contains(got, "Bir e-posta gidemedi. derya@kule.example: “550 mailbox unavailable”") || !strings.Contains(got, "no event") {
		t.Errorf("the lines read %q", got)
	}
	one(t, list, el("a", "href", "/r/"+r.GUID))
	one(t, list, el("a", "href", "/operations/parked/1"))
	if got := text(b.get("/operations/parked/1").page()); !strings.Contains(got, `\x00<b>`) {
		t.Errorf("the payload reads %q", got)
	}
	if res := b.post("/operations/parked/1", url.Values{"reason": {" "}}); res.status != http.StatusUnprocessableEntity {
		t.Errorf("settled without a reason: %d", res.status)
	}
	if res := b.post("/operations/parked/1", url.Values{"reason": {"eski sürüm"}}); res.status != http.StatusSeeOther {
		t.Errorf("settled: %d", res.status)
	}
	if got := text(b.get("/operations/parked/1").page()); !strings.Contains(got, "cagri kapattı") || !strings.Contains(got, "eski sürüm") {
		t.Errorf("settled, the payload reads %q", got)
	}
	for path, want := range map[string]int{"/operations/parked/2": 404, "/operations/parked/x": 404} {
		if res := b.get(path); res.status != want {
			t.Errorf("%s: %d, want %d", path, res.status, want)
		}
	}
	if res := w.as("derya").get("/operations/parked/1"); res.status != http.StatusForbidden {
		t.Errorf("derya reads a payload: %d", res.status)
	}
}

// What other processes say of a part stays with its time and its cause while this
// one finds it well; one that never said since when is told of without a year 1.
func TestWhatThisProcessSeesAddsToTheBeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) {
		c.Health = func(context.Context) []web.Check {
			return []web.Check{{Name: "queue", OK: true}, {Name: "scanner", Detail: "no socket"}}
		}
	})
	now := w.clock.Now()
	w.beat("a-1", "queue", true, now, pulse.Figures{})
	w.beat("b-1", "queue", false, now, pulse.Figures{Detail: "no quorum"})
	page := w.as("cagri").get("/operations").page()
	since := now.Add(-2 * time.Hour).In(time.FixedZone("Istanbul", 3*60*60)).Format("15:04")
	if got := text(one(t, page, el("tr", "id", "part-queue"))); !strings.HasPrefix(got, "Kuyruk Çalışmıyor no quorum "+since) {
		t.Errorf("the queue reads %q", got)
	}
	if got := text(one(t, page, el("ul", "class", "eyes"))); strings.Contains(got, " 1 0") || !strings.Contains(got, "scanner çalışmıyor, başlangıç bugün") {
		t.Errorf("the lines read %q", got)
	}
}

// Checks may write to the ledger: they are asked before it is read.
func TestChecksMayUseTheLedger(t *testing.T) {
	t.Parallel()
	var w *world
	w = newWorld(t, func(c *web.Config) {
		c.Health = func(ctx context.Context) []web.Check {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return []web.Check{{Name: "ledger", OK: w.ledger.Update(ctx, func(ledger.Tx) error { return nil }) == nil}}
		}
	})
	b := w.as("cagri")
	done := make(chan string, 1)
	go func() { done <- text(one(t, b.get("/operations").page(), el("tr", "id", "part-ledger"))) }()
	select {
	case got := <-done:
		if !strings.HasPrefix(got, "Defter Çalışıyor") {
			t.Errorf("the ledger reads %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the page waits for its own check")
	}
}

// A payload of text is shown as text, wherever it is cut.
func TestALongPayloadIsShownAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: report.Trace, Subject: "x", Raw: []byte("x" + strings.Repeat("ş", 4000)), Cause: "no event", At: tx.Now()})
	})
	got := text(one(t, w.as("cagri").get("/operations/parked/1").page(), el("pre", "class", "raw")))
	if !strings.HasPrefix(got, "xşşş") || !strings.HasSuffix(got, "ş…") {
		t.Errorf("it is shown as %.40q…%q", got, got[max(0, len(got)-20):])
	}
}
