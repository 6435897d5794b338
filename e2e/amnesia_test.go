package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"peyk/internal/report"
)

// forgetful is how long a request may take whose provider forgot it: a minute
// to the first poll, half a minute to the second, and what it takes then.
const forgetful = patience + 50*time.Second

// TestProviderForgetsEverything lets the provider lose its memory while requests
// stand in each of the states it has a part in. All arrive: those it had no part
// in any more as if nothing had happened, those it forgot in the next
// generation, with the evidence. PREPARING, which takes a minute and a half, is
// left to the whole sample.
func TestProviderForgetsEverything(t *testing.T) {
	inOneColumn(t, inEmbedded, "the gateway asks over HTTP in both, and each ledger has its suite", providerForgetsEverything)
}

func providerForgetsEverything(t *testing.T, c column) {
	r := startRelay(t, func(_ dot, nth int) reaction {
		if nth == 1 {
			return hold
		}
		return sayYes
	})
	flags, _ := ownReports(t)
	i := startIn(t, c, append(flags, r.flags()...)...)
	n := sampleOf(1, 5)
	stand := map[report.State][]string{}
	ask := func(state report.State, kind string, parameters map[string]any) {
		for range n {
			guid := i.request(t.Context(), kind, parameters)
			stand[state] = append(stand[state], guid)
			i.until(guid, string(state))
		}
	}
	ask(report.Stored, "tiny.v1", nil)
	i.eventually("the letters at their dots", func() bool {
		return !slices.ContainsFunc(stand[report.Stored], func(guid string) bool { return len(r.of(guid)) == 0 })
	})
	showBlobs := i.hideBlobs()
	ask(report.Ready, "tiny.v1", nil)
	i.eventually("downloads that cannot be kept", func() bool {
		return !slices.ContainsFunc(stand[report.Ready], func(guid string) bool { return i.owedError(guid, "FETCH") == "" })
	})
	if n > 1 { // its two misses lie 30 s apart, after a first poll that comes in a minute
		ask(report.Preparing, "slow.v1", map[string]any{"steps": 20_000_000})
		i.eventually("work at the provider", func() bool { _, yes := i.atWork(stand[report.Preparing][0]); return yes })
	}
	old := i.providerPID()
	i.world.holdProvider(true)
	ask(report.Submitting, "tiny.v1", nil)
	i.forgetAll()
	i.world.killProvider()
	i.nextProvider(old)
	showBlobs()
	close(r.free)
	for state, guids := range stand {
		for _, guid := range guids {
			i.checkRemembered(t, guid, state)
		}
	}
}

// forgetAll takes the provider's store away, but for the key it signs with. It
// is done while its process stands still, so that the next one finds it done.
func (i *instance) forgetAll() {
	i.t.Helper()
	dir, key := i.providerDir(), "webhook.key"
	old := dir + ".forgotten"
	if err := os.Rename(dir, old); err != nil {
		i.t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		i.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(old, key), filepath.Join(dir, key)); err != nil {
		i.t.Fatal(err)
	}
}

// hideBlobs takes the company's storage away: nothing can be kept until show.
func (i *instance) hideBlobs() (show func()) {
	i.t.Helper()
	dir := filepath.Join(i.dir, "company", "blobs")
	move := func(from, to string) {
		i.t.Helper()
		if err := os.Rename(from, to); err != nil {
			i.t.Fatal(err)
		}
	}
	move(dir, dir+".away")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // else it would be made anew
		i.t.Fatal(err)
	}
	return func() {
		i.t.Helper()
		if err := os.Remove(dir); err != nil {
			i.t.Fatal(err)
		}
		move(dir+".away", dir)
	}
}

// checkRemembered waits for the end of a request the provider forgot when it
// stood in a state.
func (i *instance) checkRemembered(t *testing.T, guid string, in report.State) {
	t.Helper()
	var st status
	if !i.within(forgetful, func() bool { st = i.status(guid); return st.State.Terminal() }) {
		t.Fatalf("%s was forgotten in %s, and is still %s\n%s", guid, in, st.State, i.journalOf(guid))
	}
	checkLegal(t, st)
	generation, missed := 1, 0
	if in == report.Preparing || in == report.Ready {
		generation, missed = 2, 1
	}
	if st.State != report.Delivered || st.Generation != generation || st.count("missed") != missed {
		t.Errorf("%s was forgotten in %s, and is %s in generation %d, missed %d times\n%s", guid, in, st.State, st.Generation, st.count("missed"), journal(st))
	}
	if to := st.Recipients[0]; to.Mail != "sent" || to.Flagged {
		t.Errorf("%s was forgotten in %s, and its letter is %+v\n%s", guid, in, to, journal(st))
	}
	t.Logf("forgotten in %s: %s after %s", in, st.State, latency(st).Round(time.Second))
	i.checkCleaned(t, guid)
}
