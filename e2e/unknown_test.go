package e2e

import (
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// sampleOf is how often a test does its thing: the whole with PEYK_TORTURE.
func sampleOf(usual, whole int) int {
	switch {
	case os.Getenv("PEYK_TORTURE") != "":
		return whole
	case testing.Short():
		return max(usual/3, 3)
	}
	return usual
}

// unknownWait is what launch gives the company as --mail-unknown-wait.
const unknownWait = time.Second

// TestLettersOfUnknownFate loses the relay's reply after the final dot, never,
// once or twice for each letter. The identical message comes once more; when
// that is lost as well, the letter stays unconfirmed and people are told.
func TestLettersOfUnknownFate(t *testing.T) {
	inOneColumn(t, inEmbedded, "no process ends, and each ledger has its suite", lettersOfUnknownFate)
}

func lettersOfUnknownFate(t *testing.T, c column) {
	chance := seed(t)
	lost := map[string]int{} // how many replies, by request
	how := map[string]reaction{}
	var guids []string
	for n := range sampleOf(9, 150) {
		guids = append(guids, newGUID(t))
		lost[guids[n]], how[guids[n]] = n%3, []reaction{cut, reset}[chance.IntN(2)]
	}
	r := startRelay(t, func(d dot, nth int) reaction {
		if nth <= lost[d.guid] {
			return how[d.guid]
		}
		return sayYes
	})
	i := startIn(t, c, r.flags()...)
	people := []*browser{i.signedIn("derya"), i.signedIn(operator)}
	for some := range slices.Chunk(guids, 15) { // a bell lists the newest only
		for _, guid := range some {
			i.submit(t.Context(), guid, "tiny.v1", nil)
		}
		for _, guid := range some {
			i.checkFate(t, r, guid, lost[guid])
			for _, b := range people {
				if b.told("E-posta ulaşmadı", guid) != (lost[guid] == 2) {
					t.Errorf("%s: %d replies were lost; the notice of a letter in doubt is not as it should be", guid, lost[guid])
				}
			}
		}
		for _, guid := range some {
			i.call(t.Context(), http.MethodPost, "/requests/"+guid+"/seen", "", struct{}{}, nil)
		}
	}
}

// checkFate waits for the end of a request and its letter, of which so many
// replies were lost.
func (i *instance) checkFate(t *testing.T, r *relay, guid string, lost int) {
	t.Helper()
	st := i.delivered(guid)
	checkLegal(t, st)
	checkSent(t, r.of(guid), min(lost+1, 2))
	end, unknowns := "sent", lost
	if lost == 2 { // the second UNKNOWN is the end
		end, unknowns = "unconfirmed", 1
	}
	if to := st.Recipients[0]; to.Mail != end || to.Flagged != (lost > 0) ||
		st.count("mail_unknown") != unknowns || st.count("mail_"+end) != 1 || st.count("mail_sending") != min(lost+1, 2) {
		t.Errorf("%s: %d replies were lost, and the letter is %+v\n%s", guid, lost, to, journal(st))
	}
}

// checkSent holds what the relay got against what may go out: the identical
// message, again only after the wait.
func checkSent(t *testing.T, dots []dot, want int) {
	t.Helper()
	if len(dots) != want {
		t.Errorf("the relay got %d messages, want %d", len(dots), want)
	}
	for k := 1; k < len(dots); k++ {
		first, again := dots[0], dots[k]
		if again.message != first.message || again.messageID != first.messageID || first.messageID == "" {
			t.Errorf("%s: message %d is another one: %s, and the first %s", first.guid, k+1, again.messageID, first.messageID)
		}
		if wait := again.at.Sub(dots[k-1].at); wait < unknownWait {
			t.Errorf("%s: message %d came after %s, want at least %s", first.guid, k+1, wait, unknownWait)
		}
	}
}

// signedIn is one of the sample company's people at the pages.
func (i *instance) signedIn(name string) *browser {
	i.t.Helper()
	b, err := i.browser(name, i.password(name))
	if err != nil {
		i.t.Fatal(err)
	}
	return b
}

// TestKilledBetweenDotAndCommit ends the company's process while the relay has
// the message and the ledger does not know it yet: once, and then as often as a
// letter can bear.
func TestKilledBetweenDotAndCommit(t *testing.T) { inBothColumns(t, killedBetweenDotAndCommit) }

func killedBetweenDotAndCommit(t *testing.T, c column) {
	const most = 4 // after so many the letter stays unconfirmed
	var toHold atomic.Int64
	r := startRelay(t, func(_ dot, nth int) reaction {
		if nth <= int(toHold.Load()) {
			return hold
		}
		return sayYes
	})
	i := startIn(t, c, r.flags()...)
	defer close(r.free)
	for _, kills := range []int{1, most} {
		toHold.Store(int64(kills))
		guid := i.request(t.Context(), "tiny.v1", nil)
		for n := 1; n <= kills; n++ {
			i.eventually("message "+strconv.Itoa(n)+" at its dot", func() bool { return len(r.of(guid)) == n })
			i.kill()
			i.up()
		}
		st := i.delivered(guid)
		checkLegal(t, st)
		checkSent(t, r.of(guid), min(kills+1, most))
		end := "sent"
		if kills == most {
			end = "unconfirmed"
			if !i.signedIn("derya").told("E-posta ulaşmadı", guid) || !i.signedIn(operator).told("E-posta ulaşmadı", guid) {
				t.Errorf("%s: nobody was told that the letter is unconfirmed", guid)
			}
		}
		if to := st.Recipients[0]; to.Mail != end || !to.Flagged || st.count("mail_unknown") != min(kills, most-1) {
			t.Errorf("%s: killed %d times, and the letter is %+v\n%s", guid, kills, to, journal(st))
		}
	}
}
