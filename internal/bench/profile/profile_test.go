package profile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/pprof/profile"
)

// stack makes a sample; the innermost frame comes first.
func stack(ns int64, frames ...string) *profile.Sample {
	s := &profile.Sample{Value: []int64{1, ns}}
	for _, f := range frames {
		s.Location = append(s.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: f}}}})
	}
	return s
}

func TestTheInnermostPartThatIsNamedDecides(t *testing.T) {
	t.Parallel()
	p := &profile.Profile{Sample: []*profile.Sample{
		stack(50, "runtime.memmove", "modernc.org/sqlite/lib._sqlite3VdbeExec", "database/sql.(*Stmt).ExecContext", "peyk/internal/backoffice/ledger/sqlite.(*session).exec"),
		stack(20, "runtime.mallocgc", "database/sql.convertAssign", "peyk/internal/backoffice/ledger/sqlite.one"),
		stack(20, "encoding/json.Marshal", "peyk/internal/backoffice/ledger/sqlite.document.Value"),
		stack(10, "somebody.else"),
	}}
	got := sortOut(p)
	want := []Share{{"SQL statements", 50, 0.5}, {"JSON", 20, 0.2}, {"SQL, around the statements", 20, 0.2}, {"the rest", 10, 0.1}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d is %v, want %v", i+1, got[i], want[i])
		}
	}
}

func TestWhatIsNoProfileIsAnError(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.pprof")
	if _, err := Classify(path); err == nil {
		t.Error("a file that is not there is read")
	}
	if err := os.WriteFile(path, []byte("no profile"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Classify(path); err == nil {
		t.Error("a text is read as a profile")
	}
}
