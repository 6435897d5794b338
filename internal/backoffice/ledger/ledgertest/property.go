package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"

	"pgregory.net/rapid"
)

// act is one random call. All that chance decides is drawn beforehand, for fn
// may run on any goroutine.
type act struct {
	Verb    string
	Key     ledger.Key
	Kinds   []ledger.Kind
	Lease   int // which of the leases ever taken, counted from the last
	Limit   int
	By      time.Duration
	Done    bool
	Unclean bool
}

// attempt is one random transaction.
type attempt struct {
	After time.Duration // the clock is moved first
	Acts  []act
	Fails bool
}

// What comes first is drawn more often.
var (
	someKinds = []ledger.Kind{ledger.Fetch, ledger.Track}
	verbs     = []string{"crash", "lease key", "owe", "settle", "lease kinds", "wake", "guard", "extend", "close"}
	spans     = []time.Duration{ledger.ParkedRest(ledger.ParkAfter), time.Hour, 0, leaseTime, time.Second}
)

func drawAct(guids []string) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return act{
			Verb: rapid.SampledFrom(verbs).Draw(t, "verb"),
			Key: ledger.Key{
				GUID:    rapid.SampledFrom(guids).Draw(t, "guid"),
				Kind:    rapid.SampledFrom(someKinds).Draw(t, "kind"),
				Subject: rapid.SampledFrom([]string{"", "ş.pdf"}).Draw(t, "subject"),
			},
			Kinds:   rapid.SliceOfNDistinct(rapid.SampledFrom(someKinds), 0, len(someKinds), rapid.ID).Draw(t, "kinds"),
			Lease:   rapid.IntRange(0, 4).Draw(t, "lease"),
			Limit:   rapid.IntRange(0, 3).Draw(t, "limit"),
			By:      rapid.SampledFrom(spans).Draw(t, "by"),
			Done:    rapid.Bool().Draw(t, "done"),
			Unclean: rapid.Bool().Draw(t, "unclean"),
		}
	})
}

func drawAttempts(guids []string) *rapid.Generator[[]attempt] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) attempt {
		return attempt{
			After: rapid.SampledFrom(spans).Draw(t, "after"),
			Acts:  rapid.SliceOfN(drawAct(guids), 3, 12).Draw(t, "acts"),
			Fails: rapid.IntRange(0, 4).Draw(t, "fails") == 0,
		}
	}), 5, 12)
}

// behaveAsModel lets ledger and model do the same and compares all they say.
// All runs share one ledger, each with requests of its own, whose tasks are
// closed at its end.
func behaveAsModel(w *world) {
	run, seen := 0, map[string]int{}
	rapid.Check(w.T, func(t *rapid.T) {
		run += 2
		guids := []string{guid(run), guid(run + 1)}
		attempts := drawAttempts([]string{"first", "second"}).Draw(t, "attempts")
		p := &pair{world: w, guids: guids, model: &model{}, seen: seen}
		if err := p.begin(); err != nil {
			t.Fatal(err)
		}
		defer p.end()
		for i, a := range attempts {
			if err := p.attempt(a); err != nil {
				t.Fatalf("transaction %d: %v", i, err)
			}
		}
	})
	for _, r := range rarities {
		if runs := run / 2; runs >= enoughRuns && seen[r] == 0 {
			w.Errorf("in %d runs it never came about: %s", runs, r)
		}
	}
}

// rarities must all have come about, or the runs have shown little.
var rarities = []string{"alone", "lost", "lost to another", "late but ours", "woken while leased", "undone"}

// enoughRuns is how many runs bring about every rarity, some dozen times.
const enoughRuns = 100
