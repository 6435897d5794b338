package ledger

import (
	"fmt"
	"slices"
	"time"

	"peyk/internal/report"
)

// Fact is a journal row that is no move: what was seen on the way.
func Fact(r *report.Request, role report.Role, step report.Step, name string, ev report.Evidence) report.Entry {
	return report.Entry{
		GUID: r.GUID, Role: role, Kind: report.KindFact, Name: name, Step: step,
		Version: r.Version, Generation: r.Generation, Evidence: ev,
	}
}

// Move commits a move within tx: compare-and-set on the version, one journal
// row, the tasks of the state that was left closed, those of the entered owed.
// What approvers were asked is answered by whatever ends the waiting.
// Tasks given in owe take the place of the usual one of their kind; their GUID
// and generation are filled in.
func Move(tx Tx, r *report.Request, m report.Move, owe ...Task) error {
	if err := write(tx, r, m, owe); err != nil {
		return fmt.Errorf("move request %s from %s to %s: %w", r.GUID, m.From, m.To, err)
	}
	return nil
}

func write(tx Tx, r *report.Request, m report.Move, owe []Task) error {
	if m.From == "" {
		if err := tx.Insert(r); err != nil {
			return err
		}
	} else if err := tx.Save(r, r.Version-1); err != nil {
		return err
	}
	err := tx.Append(report.Entry{
		GUID: r.GUID, Role: m.Role, Kind: report.KindMove, Name: string(m.To), From: m.From, To: m.To,
		Step: m.Step, Version: r.Version, Generation: r.Generation, Evidence: m.Evidence,
	})
	if err != nil {
		return err
	}
	if err := tx.Close(r.GUID, left(m)...); err != nil {
		return err
	}
	if m.From == report.AwaitingApproval {
		// Nobody is asked any more, whoever decided.
		if err := tx.Answered(r.GUID); err != nil {
			return err
		}
	}
	for _, t := range override(owed(r, m, tx.Now()), owe, r) {
		if err := tx.Owe(t); err != nil {
			return err
		}
	}
	return nil
}

// override puts the tasks the mover knows better in the place of the usual.
func override(usual, owe []Task, r *report.Request) []Task {
	var out []Task
	for _, t := range usual {
		if !slices.ContainsFunc(owe, func(o Task) bool { return o.Kind == t.Kind }) {
			out = append(out, t)
		}
	}
	for _, t := range owe {
		t.GUID, t.Generation = r.GUID, r.Generation
		out = append(out, t)
	}
	return out
}

// kinds are the tasks a state owes while it lasts. Cleaning is no state:
// PROVIDER_DELETE and PURGE outlive every move.
func kinds(s report.State) []Kind {
	switch s {
	case report.Accepted, report.Submitting:
		return []Kind{Submit}
	case report.Preparing:
		return []Kind{Track}
	case report.Ready:
		return []Kind{Fetch}
	case report.AwaitingApproval, report.Stored:
		return []Kind{Announce, Email}
	}
	return nil
}

// left lists the kinds owed in the state that is left and not in the next.
// Announcing the end of one state never finishes the letters of another: a
// terminal state opens ANNOUNCE again, and letters that are no longer true
// turn void when they are looked at. Only DELIVERED keeps its EMAIL tasks:
// late recipients are still written to.
func left(m report.Move) []Kind {
	if m.To == report.Delivered {
		return []Kind{Announce}
	}
	var out []Kind
	for _, k := range kinds(m.From) {
		if k == Email {
			continue
		}
		if !slices.Contains(kinds(m.To), k) {
			out = append(out, k)
		}
	}
	if m.From.Terminal() {
		out = append(out, Announce, Purge)
	}
	return out
}

// owed lists the tasks that entering m.To owes. FETCH (one per file), TRACK's
// first due time may be set by who knows them better; see Move.
func owed(r *report.Request, m report.Move, now time.Time) []Task {
	t := func(k Kind, due time.Time) Task {
		return Task{Key: Key{GUID: r.GUID, Kind: k}, Generation: r.Generation, DueAt: due}
	}
	switch m.To {
	case report.AwaitingApproval, report.Stored:
		return []Task{t(Announce, now)}
	case report.Accepted:
		return []Task{t(Submit, now)}
	case report.Submitting:
		if m.From == report.Accepted {
			return nil // SUBMIT is leased in this very commit
		}
		before := t(ProviderDelete, now)
		before.Generation = r.Generation - 1
		return []Task{before, t(Submit, now)}
	case report.Preparing:
		return []Task{t(Track, now.Add(FirstPoll))}
	case report.Delivered:
		return []Task{t(ProviderDelete, now), t(Purge, now.Add(r.Asked.Retention))}
	}
	if !m.To.Terminal() {
		return nil
	}
	tasks := []Task{t(Announce, now), t(Purge, now.Add(r.Asked.Retention))}
	if r.Submitted {
		tasks = append(tasks, t(ProviderDelete, now))
	}
	return tasks
}

// FirstPoll is when TRACK looks for the first time if no webhook comes and the
// provider gave no estimate.
const FirstPoll = time.Minute
