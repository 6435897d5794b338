package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/report"
)

// race is one cancel against the report it would stop.
type race struct {
	guid   string
	answer int // status of the cancel
	said   report.State
}

// TestCancelRacesTheReport cancels requests at random moments around STORED.
// Whoever commits first wins, and everything that follows agrees with it.
func TestCancelRacesTheReport(t *testing.T) { inBothColumns(t, cancelRacesTheReport) }

func cancelRacesTheReport(t *testing.T, c column) {
	i := startIn(t, c)
	i.delivered(i.request(t.Context(), "tiny.v1", nil)) // warm
	began := time.Now()
	races := runRaces(i, newAim(seed(t)), sampleOf(60, 1000))
	took := time.Since(began)
	from, cancelled, delivered := map[report.State]int{}, 0, 0
	for _, r := range races {
		st := i.checkRace(t, r)
		switch st.State {
		case report.Cancelled:
			cancelled++
			from[st.row(string(report.Cancelled)).From]++
		case report.Delivered:
			delivered++
		}
	}
	t.Logf("%d races in %s: %d cancelled (from %v), %d delivered", len(races), took.Round(time.Second), cancelled, from, delivered)
	if least := len(races) / 20; cancelled < least || delivered < least {
		t.Errorf("%d cancelled and %d delivered: this was no race", cancelled, delivered)
	}
}

// aim keeps the cancels near the moment at which they begin to be too late.
type aim struct {
	mu     sync.Mutex
	chance *rand.Rand
	centre time.Duration // from the 202 on
	step   float64       // by how much the centre moves next
	late   bool          // the last cancel was
}

func newAim(chance *rand.Rand) *aim {
	return &aim{chance: chance, centre: 40 * time.Millisecond, step: 1}
}

// wait is how long to wait for the next cancel.
func (a *aim) wait() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Duration((0.6 + 0.8*a.chance.Float64()) * float64(a.centre))
}

// learn moves the centre by how a cancel ended: in large steps until it has
// found where the outcome changes, which depends on how busy the machine is.
func (a *aim) learn(answer int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	late := answer != http.StatusOK
	if late != a.late {
		a.step = max(a.step/2, 0.05)
	}
	a.late = late
	if late {
		a.centre = time.Duration(float64(a.centre) / (1 + a.step))
	} else {
		a.centre = time.Duration(float64(a.centre) * (1 + a.step))
	}
}

// runRaces has some of them under way at any time.
func runRaces(i *instance, a *aim, n int) []race {
	races := make([]race, n)
	slots := make(chan struct{}, 4)
	var all sync.WaitGroup
	for k := range races {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			races[k] = i.race(a)
		})
	}
	all.Wait()
	return races
}

func (i *instance) race(a *aim) (r race) {
	r.guid = i.request(i.t.Context(), "tiny.v1", nil)
	time.Sleep(a.wait()) //nolint:forbidigo // the moment is the fault
	var st status
	r.answer = i.call(i.t.Context(), http.MethodPost, "/requests/"+r.guid+"/cancel", "", map[string]string{"reason": "race"}, &st)
	r.said = st.State
	a.learn(r.answer)
	return r
}

// checkRace waits for the end and holds it against what the cancel was told.
func (i *instance) checkRace(t *testing.T, r race) (st status) {
	t.Helper()
	if !i.within(patience, func() bool { st = i.status(r.guid); return st.State.Terminal() }) {
		t.Fatalf("%s is still %s\n%s", r.guid, st.State, i.journalOf(r.guid))
	}
	checkLegal(t, st)
	fault := ""
	switch {
	case r.answer == http.StatusOK:
		fault = notCancelled(st, r)
	case r.answer == http.StatusConflict && st.State != report.Delivered:
		fault = "the cancel was refused, and no report came"
	case r.answer != http.StatusConflict:
		fault = fmt.Sprintf("the cancel was answered %d", r.answer)
	}
	if fault != "" {
		t.Errorf("%s: %s\n%s", r.guid, fault, journal(st))
	}
	i.eventually("a letter about "+r.guid, func() bool { return len(i.mails(r.guid)) > 0 })
	checkOnce(t, i, st)
	if st.row(string(report.Submitting)).Seq > 0 {
		i.checkCleaned(t, r.guid)
	}
	return st
}

// notCancelled says in what a request that was told to be cancelled is not.
func notCancelled(st status, r race) string {
	switch {
	case r.said != report.Cancelled || st.State != report.Cancelled:
		return "the cancel was answered 200 with " + string(r.said) + ", and the request is " + string(st.State)
	case st.count(string(report.Stored)) > 0:
		return "it was cancelled, and stored"
	}
	for _, e := range st.Journal {
		if e.Name == "mail_sending" && strings.Contains(fmt.Sprint(e.Evidence["subject"]), "ready") {
			return "it was cancelled, and a letter says that it is ready"
		}
	}
	return ""
}
