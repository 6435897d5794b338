package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/report"
)

const (
	guid      = "0198f2a4-5b1c-7def-8a01-23456789abcd"
	retention = 30 * 24 * time.Hour
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// owedIn is the design's table: what each state owes and how long after its
// entry. A request that was never submitted owes no PROVIDER_DELETE. FETCH is
// owed by whoever knows the files.
const owedIn = `
AWAITING_APPROVAL ANNOUNCE:0s
ACCEPTED          SUBMIT:0s
SUBMITTING        SUBMIT:0s
PREPARING         TRACK:1m
READY             
STORED            ANNOUNCE:0s
DELIVERED         PROVIDER_DELETE:0s PURGE:720h
REJECTED          ANNOUNCE:0s PROVIDER_DELETE:0s PURGE:720h
FAILED            ANNOUNCE:0s PROVIDER_DELETE:0s PURGE:720h
DECLINED          ANNOUNCE:0s PROVIDER_DELETE:0s PURGE:720h
EXPIRED           ANNOUNCE:0s PROVIDER_DELETE:0s PURGE:720h
CANCELLED         ANNOUNCE:0s PROVIDER_DELETE:0s PURGE:720h
`

// owed reads the row of a state.
func owed(t *testing.T, s report.State) map[ledger.Kind]time.Duration {
	t.Helper()
	out := map[ledger.Kind]time.Duration{}
	for line := range strings.Lines(owedIn) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != string(s) {
			continue
		}
		for _, w := range words[1:] {
			kind, after, _ := strings.Cut(w, ":")
			d, err := time.ParseDuration(after)
			if err != nil {
				t.Fatal(err)
			}
			out[ledger.Kind(kind)] = d
		}
	}
	return out
}

// bench is a ledger with one request in some state, with what that state owes
// and a letter to be sent.
type bench struct {
	*testing.T
	ledger ledger.Ledger
	r      *report.Request
}

func newBench(t *testing.T, s report.State, submitted bool) *bench {
	t.Helper()
	b := &bench{T: t, ledger: mem.New(func() time.Time { return noon })}
	b.r = &report.Request{
		GUID: guid, Version: 7, Generation: 2, State: s, Submitted: submitted,
		Asked: report.Asked{Parameters: []byte(`{}`), Retention: retention},
	}
	b.update(func(tx ledger.Tx) error {
		err := tx.Insert(b.r)
		for _, k := range standing(b.T, s, submitted) {
			task := ledger.Task{Key: ledger.Key{GUID: guid, Kind: k}, Generation: 2, DueAt: noon.Add(-time.Hour)}
			err = errors.Join(err, tx.Owe(task))
		}
		return err
	})
	return b
}

// standing lists what may be open in a state: what it owes, a letter, and the
// deletion of an attempt that was given up.
func standing(t *testing.T, s report.State, submitted bool) []ledger.Kind {
	t.Helper()
	kinds := owed(t, s)
	if s == report.Ready {
		kinds[ledger.Fetch] = 0
	}
	kinds[ledger.Email] = 0
	if delete(kinds, ledger.ProviderDelete); submitted {
		kinds[ledger.ProviderDelete] = 0
	}
	return slices.Sorted(maps.Keys(kinds))
}

func (b *bench) update(fn func(ledger.Tx) error) {
	b.Helper()
	if err := b.ledger.Update(context.Background(), fn); err != nil {
		b.Fatal(err)
	}
}

// enter commits a move to a state, as report would make it.
func (b *bench) enter(to report.State, owe ...ledger.Task) {
	b.Helper()
	m := report.Move{From: b.r.State, To: to, Role: report.Gateway, At: noon}
	b.r.State = to
	b.r.Version++
	if to == report.Submitting && m.From != report.Accepted {
		b.r.Generation++
	}
	b.update(func(tx ledger.Tx) error { return ledger.Move(tx, b.r, m, owe...) })
}

// open gives the open tasks by kind.
func (b *bench) open() map[ledger.Kind]ledger.Task {
	b.Helper()
	out := map[ledger.Kind]ledger.Task{}
	err := b.ledger.View(context.Background(), func(v ledger.View) error {
		tasks, err := v.Tasks(guid)
		for _, t := range tasks {
			if !t.Done {
				out[t.Kind] = t
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func TestAMoveClosesWhatItLeavesAndOwesWhatItEnters(t *testing.T) {
	t.Parallel()
	for _, from := range report.States() {
		for _, to := range report.States() {
			if _, legal := report.CanMove(from, to); !legal {
				continue
			}
			for _, submitted := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s to %s, submitted %t", from, to, submitted), func(t *testing.T) {
					t.Parallel()
					b := newBench(t, from, submitted)
					b.enter(to)
					b.opens(b.expected(from, to, submitted))
				})
			}
		}
	}
}

// expected gives what is open after a move, and how long after noon it is due;
// what merely stays was due an hour before.
func (b *bench) expected(from, to report.State, submitted bool) map[ledger.Kind]time.Duration {
	b.Helper()
	const stays = -time.Hour
	want := owed(b.T, to)
	want[ledger.Email] = stays // a letter that is no longer true turns void when it is looked at
	if to.Terminal() && to != report.Delivered && !submitted {
		delete(want, ledger.ProviderDelete) // nobody was ever asked
	}
	if submitted {
		want[ledger.ProviderDelete] = stays // cleaning outlives every move
	}
	switch {
	case from == report.Accepted && to == report.Submitting:
		want[ledger.Submit] = stays // it is leased in this very commit
	case from == report.Submitting && to == report.Submitting:
		want[ledger.Submit] = stays // woken, and due already
	}
	if to == report.Submitting && from != report.Accepted && !submitted {
		want[ledger.ProviderDelete] = 0 // of the generations before
	}
	return want
}

func (b *bench) opens(want map[ledger.Kind]time.Duration) {
	b.Helper()
	got := b.open()
	if kinds, wanted := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(kinds, wanted) {
		b.Fatalf("open are %v, want %v", kinds, wanted)
	}
	for k, after := range want {
		if !got[k].DueAt.Equal(noon.Add(after)) {
			b.Errorf("%s is due %s after the move, want %s", k, got[k].DueAt.Sub(noon), after)
		}
	}
}

func TestWhatIsOwedIsOfTheRequestsGeneration(t *testing.T) {
	t.Parallel()
	b := newBench(t, report.Submitting, false)
	b.enter(report.Preparing)
	if got := b.open()[ledger.Track].Generation; got != 2 {
		t.Errorf("TRACK is of generation %d, want 2", got)
	}
	b.enter(report.Submitting)
	open := b.open()
	if got := open[ledger.Submit].Generation; got != 3 {
		t.Errorf("SUBMIT is of generation %d, want the next, 3", got)
	}
	if got := open[ledger.ProviderDelete].Generation; got != 2 {
		t.Errorf("PROVIDER_DELETE is of generations up to %d, want those before, 2", got)
	}
}

func TestTheLeaseUnderWhichSubmittingIsEnteredStaysOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t, report.Accepted, false)
	b.leaseOf(ledger.Submit, report.Submitting, nil)
	b = newBench(t, report.Preparing, true)
	b.leaseOf(ledger.Track, report.Ready, ledger.ErrLost)
}

// leaseOf leases a task, makes a move and expects what the lease has become.
func (b *bench) leaseOf(k ledger.Kind, to report.State, want error) {
	b.Helper()
	var leases []ledger.Lease
	b.update(func(tx ledger.Tx) (err error) {
		leases, err = tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{k}, For: time.Minute})
		return err
	})
	b.enter(to)
	err := b.ledger.Update(context.Background(), func(tx ledger.Tx) error { return tx.Guard(leases[0]) })
	if !errors.Is(err, want) {
		b.Errorf("after the move to %s the lease of %s: %v, want %v", to, k, err, want)
	}
}

func TestTheMoverMayKnowBetterWhatIsOwed(t *testing.T) {
	t.Parallel()
	b := newBench(t, report.Submitting, false)
	b.enter(report.Preparing, ledger.Task{Key: ledger.Key{Kind: ledger.Track}, DueAt: noon.Add(time.Hour)})
	b.opens(map[ledger.Kind]time.Duration{ledger.Email: -time.Hour, ledger.Track: time.Hour})
	b.enter(report.Ready, ledger.Task{Key: ledger.Key{Kind: ledger.Fetch, Subject: "rapor.pdf"}, DueAt: noon})
	fetch := b.open()[ledger.Fetch]
	if fetch.GUID != guid || fetch.Subject != "rapor.pdf" || fetch.Generation != 2 {
		t.Errorf("FETCH is owed as %+v", fetch)
	}
}

func TestAMoveIsJournaled(t *testing.T) {
	t.Parallel()
	b := newBench(t, report.Submitting, true)
	m := report.Move{From: report.Submitting, To: report.Preparing, Role: report.Gateway, Step: report.StepPosted, Evidence: report.Evidence{"status": "202"}}
	b.r.State, b.r.Version = report.Preparing, 8
	var journal []report.Entry
	b.update(func(tx ledger.Tx) error {
		err := errors.Join(
			ledger.Move(tx, b.r, m),
			tx.Append(ledger.Fact(b.r, report.Reader, report.StepReader, "webhook", report.Evidence{"id": "msg_1"})))
		if err == nil {
			journal, err = tx.Journal(guid)
		}
		return err
	})
	want := []string{
		"1 move PREPARING SUBMITTING>PREPARING by gateway, step 5, v8 g2 map[status:202]",
		"2 fact webhook > by reader, step 7, v8 g2 map[id:msg_1]",
	}
	for i, e := range journal {
		got := fmt.Sprintf("%d %s %s %s>%s by %s, step %d, v%d g%d %v", e.Seq, e.Kind, e.Name, e.From, e.To, e.Role, e.Step, e.Version, e.Generation, e.Evidence)
		if i >= len(want) || got != want[i] {
			t.Errorf("row %d is %s, want %v", i+1, got, want)
		}
	}
}

func TestAMoveThatLostSaysWhichAndWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t, report.Ready, true)
	m := report.Move{From: report.Ready, To: report.Stored}
	b.r.State, b.r.Version = report.Stored, 9 // as if 8 had been seen
	err := b.ledger.Update(context.Background(), func(tx ledger.Tx) error { return ledger.Move(tx, b.r, m) })
	if !errors.Is(err, ledger.ErrConflict) || !strings.Contains(err.Error(), "move request "+guid+" from READY to STORED") {
		t.Errorf("%v", err)
	}
	b.opens(map[ledger.Kind]time.Duration{ledger.Email: -time.Hour, ledger.Fetch: -time.Hour, ledger.ProviderDelete: -time.Hour})

	born := report.Move{To: report.Accepted}
	err = b.ledger.Update(context.Background(), func(tx ledger.Tx) error { return ledger.Move(tx, b.r, born) })
	if !errors.Is(err, ledger.ErrExists) {
		t.Errorf("born twice: %v", err)
	}
}
