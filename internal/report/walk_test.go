package report_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"peyk/internal/report"

	"pgregory.net/rapid"
)

const (
	requester = "güneş"
	approver  = "çiğdem"
	guid      = "0198f2a4-5b1c-7def-8a01-23456789abcd"
	promise   = 15 * time.Minute
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func asked(approval string) report.Asked {
	return report.Asked{
		Type: "top-games.v1", TypeVersion: "5f3a", Parameters: []byte(`{"count":50}`), Formats: []string{"pdf"},
		Locale: "tr", TimeZone: "Europe/Istanbul", Owner: requester, Approval: approval, Retention: time.Hour,
	}
}

var files = report.Manifest{Files: []report.File{{Name: "rapor.pdf", Rows: 7}}}

// TestWalk makes random moves, legal and not, and judges each by an account of
// the rules that knows nothing of the code: see judge.
func TestWalk(t *testing.T) {
	t.Parallel()
	runs, table, seen := 0, design(), map[edge]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWalker("finance", table, seen)
		for i, s := range rapid.SliceOfN(drawStep(), 60, 160).Draw(t, "steps") {
			s.Verb = w.choose(s)
			if s.Verb == "" { // nothing can happen to this one any more
				w = newWalker([]string{"finance", report.NoApproval}[i%2], table, seen)
				continue
			}
			before := w.r.State
			if err := w.step(s); err != nil {
				t.Fatalf("step %d, %+v, in %s: %v", i, s, before, err)
			}
		}
		runs++
	})
	for e := range table {
		if runs >= 100 && seen[e] == 0 {
			t.Errorf("in %d walks nobody ever went from %s to %s", runs, e.from, e.to)
		}
	}
}

// walker is a request and what the rules need to know of its past.
type walker struct {
	r         *report.Request
	at        time.Time
	table     map[edge]report.Role
	seen      map[edge]int
	changed   bool // what was asked is not what was approved
	announced bool // since the last entry to the current state
	stored    bool // since the last redrive
	buried    bool
	attempts  int // since the last entry to ACCEPTED
	damages   int
	attempt   int // all of them
}

func newWalker(approval string, table map[edge]report.Role, seen map[edge]int) *walker {
	r, m, err := report.New(guid, asked(approval), promise, noon)
	if err != nil {
		panic(err)
	}
	seen[edge{"", m.To}]++
	return &walker{r: r, at: noon, table: table, seen: seen, attempt: 1}
}

// step tries one thing and holds what came of it against the rules.
func (w *walker) step(s step) error {
	w.at = w.at.Add(s.After)
	before := clone(w.r)
	want, may := w.judge(s)
	m, err := w.try(s)
	switch {
	case s.Verb == "announced", s.Verb == "change", s.Verb == "purge":
		return w.noMove(before)
	case !may:
		return refused(err, before, w.r)
	case err != nil:
		return fmt.Errorf("the rules allow it, but: %w", err)
	}
	w.seen[edge{before.State, want}]++
	if err := w.moved(m, before, want); err != nil {
		return err
	}
	w.remember(s, want)
	return w.consequences(before)
}

// clone copies a request as deep as anything in it is ever changed.
func clone(r *report.Request) *report.Request {
	c := *r
	if r.Failure != nil {
		f := *r.Failure
		c.Failure = &f
	}
	c.Manifest.Files = slices.Clone(r.Manifest.Files)
	return &c
}

func (w *walker) noMove(before *report.Request) error {
	if w.r.Version != before.Version || w.r.State != before.State {
		return fmt.Errorf("it is no move, but went from %s v%d to %s v%d", before.State, before.Version, w.r.State, w.r.Version)
	}
	return nil
}

func refused(err error, before, after *report.Request) error {
	refusal := new(report.Refusal)
	switch {
	case err == nil:
		return fmt.Errorf("the rules forbid it, but it went to %s", after.State)
	case !errors.As(err, &refusal):
		return fmt.Errorf("it is refused by %T: %w", err, err)
	case refusal.Why == "" || refusal.GUID != guid || refusal.From != before.State:
		return fmt.Errorf("the refusal does not say what was refused: %+v", refusal)
	case !reflect.DeepEqual(before, after):
		return fmt.Errorf("it is refused, but changed the request from\n%+v to\n%+v", before, after)
	}
	return nil
}

// moved checks what every move does and does not do.
func (w *walker) moved(m report.Move, before *report.Request, want report.State) error {
	r, role := w.r, w.table[edge{before.State, want}]
	switch {
	case r.State != want:
		return fmt.Errorf("it went to %s, not to %s", r.State, want)
	case r.Version != before.Version+1:
		return fmt.Errorf("version %d after %d", r.Version, before.Version)
	case m.From != before.State || m.To != want || m.Role != role || !m.At.Equal(w.at):
		return fmt.Errorf("the move is %+v, want %s to %s by %q at %s", m, before.State, want, role, w.at)
	case !r.UpdatedAt.Equal(w.at):
		return fmt.Errorf("it says it was changed at %s, not %s", r.UpdatedAt, w.at)
	case r.GUID != before.GUID || !r.CreatedAt.Equal(before.CreatedAt) || !reflect.DeepEqual(r.Asked, before.Asked):
		return errors.New("a move changed what never changes")
	}
	return nil
}

func TestEveryMoveIsInTheDesign(t *testing.T) {
	t.Parallel()
	table := design()
	for _, from := range append(report.States(), "") {
		for _, to := range append(report.States(), "") {
			want, legal := table[edge{from, to}]
			if role, ok := report.CanMove(from, to); ok != legal || role != want {
				t.Errorf("from %q to %q: %q, %t; want %q, %t", from, to, role, ok, want, legal)
			}
		}
	}
}
