package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"peyk/internal/report"
)

// illegal says what no journal may hold: a wrong order, or a move that the
// state table lacks or gives to another role.
func illegal(st status) string {
	if fault := misordered(st); fault != "" {
		return fault
	}
	var at report.State
	for _, e := range st.Journal {
		if e.Kind != report.KindMove {
			continue
		}
		if role, ok := report.CanMove(e.From, e.To); !ok || role != e.Role || e.From != at {
			return fmt.Sprintf("row %d moves from %q to %q by %s, and it was %q", e.Seq, e.From, e.To, e.Role, at)
		}
		at = e.To
	}
	if at != st.State {
		return fmt.Sprintf("the journal ends %s, the request is %s", at, st.State)
	}
	return ""
}

// checkLegal holds a journal against the state table.
func checkLegal(t *testing.T, st status) {
	t.Helper()
	if fault := illegal(st); fault != "" {
		t.Errorf("%s: %s\n%s", st.GUID, fault, journal(st))
	}
}

// count says how many rows of a journal have a name.
func (st status) count(name string) (n int) {
	for _, e := range st.Journal {
		if e.Name == name {
			n++
		}
	}
	return n
}

// row is the first row of a name; the zero Entry if there is none.
func (st status) row(name string) report.Entry {
	at := slices.IndexFunc(st.Journal, func(e report.Entry) bool { return e.Name == name })
	if at < 0 {
		return report.Entry{}
	}
	return st.Journal[at]
}

// until waits for a row of the journal.
func (i *instance) until(guid, name string) (st status) {
	i.t.Helper()
	if !i.within(patience, func() bool { st = i.status(guid); return st.count(name) > 0 }) {
		i.t.Fatalf("waited %s in vain for %s of %s\n%s", patience, name, guid, i.journalOf(guid))
	}
	return st
}

// seenBy is the status as somebody else sees it: operators see what is owed.
func (i *instance) seenBy(who, guid string) (st status) {
	i.t.Helper()
	i.call(i.t.Context(), http.MethodGet, "/requests/"+guid, who, nil, &st)
	return st
}

// owedError is why work of a kind is still owed; "" if there is no reason.
func (i *instance) owedError(guid, kind string) string {
	i.t.Helper()
	for _, task := range i.seenBy(operator, guid).Tasks {
		if task.Kind == kind {
			return task.Error
		}
	}
	return ""
}

// told reports whether the bell of a person says a word about a request.
func (b *browser) told(word, guid string) bool {
	b.i.t.Helper()
	_, page := b.get("/bell")
	for notice := range strings.SplitSeq(string(page), `data-guid="`) {
		if strings.HasPrefix(notice, guid) && strings.Contains(notice, word) {
			return true
		}
	}
	return false
}
