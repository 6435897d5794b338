package ledgertest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/mem"
)

// breakEnv names the flaw a child process of this test gives its ledger.
const breakEnv = "LEDGERTEST_FLAW"

// TestSeesEachFlaw runs the suite, in a process of its own, on ledgers that
// break one sentence each: that sentence must turn red.
func TestSeesEachFlaw(t *testing.T) {
	t.Parallel()
	if os.Getenv(breakEnv) != "" {
		t.Skip("this process shows one flaw")
	}
	for _, f := range flaws() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOnFlawedLedger$", "-rapid.nofailfile", "-rapid.shrinktime=0s")
			child.Env = append(os.Environ(), breakEnv+"="+f.name)
			out, err := child.CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) {
				t.Fatalf("the suite is green (%v) on a ledger that is flawed: %s\n%s", err, f.name, out)
			}
			red := "--- FAIL: TestOnFlawedLedger/" + strings.ReplaceAll(f.breaks, " ", "_") + " ("
			if !strings.Contains(string(out), red) {
				t.Errorf("the suite is red, but not in %q:\n%s", f.breaks, out)
			}
		})
	}
}

// TestOnFlawedLedger is the child's part.
func TestOnFlawedLedger(t *testing.T) {
	t.Parallel()
	name := os.Getenv(breakEnv)
	for _, f := range flaws() {
		if f.name == name {
			ledgertest.Run(t, func(_ *testing.T, now func() time.Time) ledger.Ledger {
				return f.on(mem.New(now))
			})
		}
	}
}

// flaw is a way to break the contract and the sentence it breaks.
type flaw struct {
	name   string
	breaks string
	on     func(ledger.Ledger) ledger.Ledger
}

// model is the sentence that is shown at random.
const model = "tasks behave as the plain model does, whatever happens"

func flaws() []flaw {
	return []flaw{
		{"settle ignores wakes", "woken while leased it is due at once, even settled as done", tx(func(t ledger.Tx) ledger.Tx { return deafSettle{t} })},
		{"settle ignores wakes, at random", model, tx(func(t ledger.Tx) ledger.Tx { return deafSettle{t} })},
		{"no fence", "a lease run out and taken by another is lost to the first", tx(func(t ledger.Tx) ledger.Tx { return noFence{t} })},
		{"no fence, at random", model, tx(func(t ledger.Tx) ledger.Tx { return noFence{t} })},
		{"no compare-and-set", "of many that save over the same version one wins", tx(func(t ledger.Tx) ledger.Tx { return noCompare{t} })},
		{"wakes of leased tasks are lost", model, tx(func(t ledger.Tx) ledger.Tx { return deafWhileLeased{t} })},
		{"a leased task is not closed", "closing settles the open tasks of the kinds, leased or not", tx(func(t ledger.Tx) ledger.Tx { return closesIdle{t} })},
		{"owing an open task again does nothing", "owing an open task again raises its generation and wakes it", tx(func(t ledger.Tx) ledger.Tx { return owesOnce{t} })},
		{"webhooks are always new", "a webhook is taken in once, by its id, whoever it is about", tx(func(t ledger.Tx) ledger.Tx { return newHooks{t} })},
		{"a failed change is kept", "an error of fn is returned and keeps nothing of what fn did", func(l ledger.Ledger) ledger.Ledger { return keeper{l} }},
		{"a panicking change is kept", "a panic of fn reaches the caller and keeps nothing of what fn did", func(l ledger.Ledger) ledger.Ledger { return panicKeeper{l} }},
		{"everyone sees everything", "each sees what is in scope, and a foreign GUID is as unknown as one nobody has", view(func(v ledger.View) ledger.View { return glass{v} })},
		{"time runs within a view", "time stands still within a transaction and within a view", func(l ledger.Ledger) ledger.Ledger { return &restless{Ledger: l} }},
		{"tasks come in the wrong order", "a request's tasks are listed by kind and subject, done ones too", view(func(v ledger.View) ledger.View { return unordered{v} })},
		{"forgetting forgets nothing", "forgetting removes files and letters of that request and nothing else", tx(func(t ledger.Tx) ledger.Tx { return remembers{t} })},
	}
}

// tx and view give ledgers whose transactions or views are flawed.
func tx(spoil func(ledger.Tx) ledger.Tx) func(ledger.Ledger) ledger.Ledger {
	return func(l ledger.Ledger) ledger.Ledger { return flawedTx{l, spoil} }
}

func view(spoil func(ledger.View) ledger.View) func(ledger.Ledger) ledger.Ledger {
	return func(l ledger.Ledger) ledger.Ledger { return flawedView{l, spoil} }
}

type flawedTx struct {
	ledger.Ledger
	spoil func(ledger.Tx) ledger.Tx
}

func (f flawedTx) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	return f.Ledger.Update(ctx, func(t ledger.Tx) error { return fn(f.spoil(t)) })
}

type flawedView struct {
	ledger.Ledger
	spoil func(ledger.View) ledger.View
}

func (f flawedView) View(ctx context.Context, fn func(ledger.View) error) error {
	return f.Ledger.View(ctx, func(v ledger.View) error { return fn(f.spoil(v)) })
}
