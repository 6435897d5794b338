package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"peyk/internal/report"
)

// presses is how many operators press the button at once.
const presses = 24

// TestDoubleRedrive has a failed request redriven by many at once, who all saw
// the same version: one of them does it. It fails anew as long as its cause is
// there, and ends well once that is repaired.
func TestDoubleRedrive(t *testing.T) {
	inOneColumn(t, inApart, "SQLite has one writer, so that the presses come one after another", doubleRedrive)
}

func doubleRedrive(t *testing.T, c column) {
	flags, folder := ownReports(t)
	i := startIn(t, c, flags...)
	sheet := filepath.Join(folder, "sheet.csv")
	const ragged = "name,amount\nAda\n"
	write(t, sheet, ragged)
	for range sampleOf(3, 50) {
		guid := i.request(t.Context(), "sheet.v1", nil)
		generation := 1
		for _, repaired := range []bool{false, true} {
			st := i.failed(t, guid, generation)
			if repaired {
				write(t, sheet, "name,amount\nAda,1\n")
			}
			checkOnePress(t, guid, i.redriveAtOnce(guid, st.Version))
			generation++
		}
		st := i.delivered(guid)
		checkLegal(t, st)
		if st.Generation != generation || st.count(string(report.Accepted)) != generation {
			t.Errorf("%s: generation %d, accepted %d times, want %d\n%s", guid, st.Generation, st.count(string(report.Accepted)), generation, journal(st))
		}
		checkNoLetterTwice(t, i.mails(guid), generation)
		i.checkCleaned(t, guid)
		write(t, sheet, ragged)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// failed waits until a generation has failed over its source.
func (i *instance) failed(t *testing.T, guid string, generation int) (st status) {
	t.Helper()
	if !i.within(patience, func() bool {
		st = i.status(guid)
		return st.State.Terminal() && st.Generation == generation
	}) {
		t.Fatalf("waited %s in vain for the end of generation %d of %s\n%s", patience, generation, guid, i.journalOf(guid))
	}
	if f := st.Failure; st.State != report.Failed || f == nil || f.Code != "source-malformed" {
		t.Fatalf("%s ended %s: %+v\n%s", guid, st.State, f, journal(st))
	}
	return st
}

// redriveAtOnce has all press the button together; the answers are counted.
func (i *instance) redriveAtOnce(guid string, version int64) map[int]int {
	i.t.Helper()
	answers := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	ready := make(chan struct{})
	for range presses {
		all.Go(func() {
			<-ready
			code := i.call(i.t.Context(), http.MethodPost, "/requests/"+guid+"/redrive", operator, map[string]int64{"version": version}, nil)
			mu.Lock()
			defer mu.Unlock()
			answers[code]++
		})
	}
	close(ready)
	all.Wait()
	return answers
}

func checkOnePress(t *testing.T, guid string, answers map[int]int) {
	t.Helper()
	if answers[http.StatusOK] != 1 || answers[http.StatusConflict] != presses-1 {
		t.Errorf("%s: %d presses at once were answered %v, want one 200 and 409 for the others", guid, presses, answers)
	}
}

// checkNoLetterTwice looks at the letters of several generations. One about a
// failure that was redriven may not go out any more.
func checkNoLetterTwice(t *testing.T, mails []message, most int) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range mails {
		if seen[m.MessageID] {
			t.Errorf("the letter %s came twice", m.MessageID)
		}
		seen[m.MessageID] = true
	}
	if len(mails) == 0 || len(mails) > most {
		t.Errorf("%d letters for %d generations", len(mails), most)
	}
}
