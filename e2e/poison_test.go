package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"peyk/internal/report"
)

// TestPoisonedReport ends the provider's process whenever it prepares one
// report, as an input would that it dies of. That report is given up after the
// third time, and says why; the others, one of them at work each time it
// happened, arrive.
func TestPoisonedReport(t *testing.T) {
	inOneColumn(t, inEmbedded, "apart, the test itself would start the provider again, as TestTwoOfEachRole does", poisonedReport)
}

func poisonedReport(t *testing.T, c column) {
	const deaths = 3
	flags, _ := ownReports(t)
	i := startIn(t, c, flags...)
	poison := i.request(t.Context(), "slow.v1", map[string]any{"steps": 2_000_000_000})
	beside := i.request(t.Context(), "slow.v1", map[string]any{"steps": 5_000_000})
	l := startLoad(i, 2)
	at := map[string]int64{} // revs: a process that died leaves the state as it was
	for n := 1; n <= deaths; n++ {
		i.begun(poison, at)
		if n < deaths { // the last try is made alone
			i.begun(beside, at)
		}
		i.dies(at, poison, beside)
	}
	pid := i.providerPID()
	st := i.until(poison, string(report.Failed))
	checkLegal(t, st)
	if f := st.Failure; f == nil || f.Code != "poison" || f.Retriable || st.Generation != 1 {
		t.Errorf("it ended with %+v in generation %d\n%s", f, st.Generation, journal(st))
	}
	i.checkExplained(t, poison)
	i.checkCleaned(t, poison)
	l.more(20)
	for _, guid := range append(l.end(), beside) {
		st := i.delivered(guid)
		checkLegal(t, st)
		checkOnce(t, i, st)
	}
	if now := i.providerPID(); now != pid {
		t.Errorf("the provider died again: process %d, then %d", pid, now)
	}
}

// begun waits until a process of the provider prepares a report, since a rev
// after the one given.
func (i *instance) begun(guid string, at map[string]int64) {
	i.t.Helper()
	i.eventually("work on "+guid, func() bool {
		rev, yes := i.atWork(guid)
		return yes && rev > at[guid]
	})
}

// dies kills the provider's process, notes the revs it leaves and waits for the
// next one. It stands still before, so that it raises none meanwhile.
func (i *instance) dies(at map[string]int64, guids ...string) {
	i.t.Helper()
	pid := i.providerPID()
	i.world.holdProvider(true)
	for _, guid := range guids {
		at[guid], _ = i.atWork(guid)
	}
	i.world.killProvider()
	i.nextProvider(pid)
}

// checkExplained looks for why, where operator and requester look.
func (i *instance) checkExplained(t *testing.T, guid string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), os.Getenv("PEYK_BIN"), "status", guid, "--data", i.dir, "--as", operator).CombinedOutput()
	if why := "(poison) preparing it ended the service 3 times"; err != nil || !strings.Contains(string(out), why) {
		t.Errorf("peyk status does not say %q: %v\n%s", why, err, out)
	}
	for _, name := range []string{operator, "derya"} {
		const why = "Hazırlanırken rapor servisi tekrar tekrar durdu"
		if _, page := i.signedIn(name).get("/r/" + guid); !strings.Contains(string(page), why) {
			t.Errorf("the page of the report does not tell %s why\n%s", name, page)
		}
	}
	i.eventually("a letter that says why", func() bool {
		mails := i.mails(guid)
		return len(mails) == 1 && strings.Contains(string(i.get("/api/messages/"+mails[0].ID)), "sağlayıcının hizmeti tekrar tekrar durdu")
	})
}
