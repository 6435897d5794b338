package bugs

import "slices"

// The packages and tests that find the bugs.
const (
	sim      = "./internal/sim"
	power    = "./internal/sim/power"
	gateway  = "./internal/backoffice/gateway"
	sqlite   = "./internal/backoffice/ledger/sqlite"
	postgres = "./internal/backoffice/ledger/postgres"
	store    = "./internal/provider/store"

	bySeeds  = "^TestSeeds$"
	byCrash  = "^TestCrashSweep$"
	byTimers = "^TestNothingWaitsForATimer$"
	byPower  = "^TestNothingAcknowledgedIsLost$"
)

// All is the whole list.
func All() []Bug {
	return slices.Concat(journey(), letters(), ledgers(), provider(), rules(), disk(), services(), saves(), examples())
}

// journey are mistakes in carrying a request from service to service.
func journey() []Bug {
	return []Bug{
		{
			Name: "ack before commit", Why: "202 is answered though nothing was kept", In: sim, By: bySeeds,
			File: "internal/backoffice/trigger/submit.go",
			Old:  "	r, fresh, err := s.record(c, in)\n",
			New: "	r, fresh, err := s.record(c, in)\n	if told := (*protocol.Problem)(nil); $bug && err != nil && !errors.As(err, &told) {\n" +
				"		return answer{status: http.StatusAccepted, body: taken{GUID: in.GUID}}, nil\n	}\n",
		},
		{
			Name: "no DELETE on cancel", Why: "the provider keeps what is not fetched any more", In: sim, By: byCrash,
			File: "internal/backoffice/ledger/move.go",
			Old:  "	if r.Submitted {\n",
			New:  "	if r.Submitted && !($bug && m.To == report.Cancelled) {\n",
		},
		{
			Name: "inbox not read at PREPARING", Why: "a webhook quicker than the 202 waits for the first poll", In: sim, By: byTimers,
			File: "internal/backoffice/gateway/submit.go",
			Old:  "		if len(hooks) == 0 && !a.Operation.State.Ended() {",
			New:  "		if $bug {\n			hooks = nil\n		}\n		if len(hooks) == 0 && !a.Operation.State.Ended() {",
		},
		{
			Name: "digest ignored", Why: "wrong bytes are stored as the report", In: sim, By: bySeeds,
			File: "internal/backoffice/gateway/fetch.go",
			Old:  "got.SHA256 != f.SHA256 {",
			New:  "got.SHA256 != f.SHA256 && !$bug {",
		},
		{
			Name: "DELETE before the bytes are here", Why: "READY already owes the cleaning", In: sim, By: byCrash,
			File: "internal/backoffice/ledger/move.go",
			Old:  "		return []Task{t(Track, now.Add(FirstPoll))}\n",
			New:  "		return []Task{t(Track, now.Add(FirstPoll))}\n	case report.Ready:\n		if $bug {\n			return []Task{t(ProviderDelete, now)}\n		}\n",
		},
		{
			Name: "orphan hunt without second look at home", Why: "bytes a row names are removed", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/purge.go",
			Old:  "	if err != nil || known {",
			New:  "	if err != nil || known && !$bug {",
		},
		{
			Name: "orphan hunt without second look at the provider", Why: "a living report is deleted there", In: gateway, By: "^TestOrphansAtTheProviderAreDeleted$",
			File: "internal/backoffice/gateway/clean.go",
			Old:  "		if !r.State.Terminal() && o.Generation >= r.Generation {\n			return nil\n		}\n		upTo := o.Generation\n		if !r.State.Terminal() {\n",
			New:  "		if !$bug && !r.State.Terminal() && o.Generation >= r.Generation {\n			return nil\n		}\n		upTo := o.Generation\n		if !$bug && !r.State.Terminal() {\n",
		},
		{
			Name: "deadlines not swept", Why: "a request that hangs never ends", In: sim, By: bySeeds,
			File: "internal/backoffice/gateway/sweep.go",
			Old:  "	for _, guid := range due {\n		if err := s.overdue(",
			New:  "	if $bug {\n		due = nil\n	}\n	for _, guid := range due {\n		if err := s.overdue(",
		},
	}
}

// letters are mistakes in sending email.
func letters() []Bug {
	return []Bug{
		{
			Name: "effect before intent", Why: "SENDING is not committed before DATA", In: sim, By: byCrash,
			File: "internal/backoffice/trace/email.go",
			Old:  "	sending := func(ctx context.Context) error { return s.sending(ctx, l, d) }\n",
			New:  "	sending := func(ctx context.Context) error {\n		if $bug {\n			return nil\n		}\n		return s.sending(ctx, l, d)\n	}\n",
		},
		{
			Name: "SENDING without a lease", Why: "a worker that lost its lease still sends", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/email.go",
			Old:  "		if err := tx.Guard(l.Lease); err != nil {",
			New:  "		if err := tx.Guard(l.Lease); err != nil && !$bug {",
		},
		{
			Name: "UNKNOWN treated as failed", Why: "an email that may have arrived is sent again as if it had not", In: sim, By: byCrash,
			File: "internal/backoffice/trace/outcome.go",
			Old:  "	switch report.ClassOf(err) {\n	case report.Permanent, report.Poison:",
			New:  "	if $bug && report.ClassOf(err) == report.Unknown {\n		return s.later(d, said, err)\n	}\n	switch report.ClassOf(err) {\n	case report.Permanent, report.Poison:",
		},
		{
			Name: "UNKNOWN treated as sent", Why: "an email that never arrived counts as sent", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/outcome.go",
			Old:  "		return s.unknown(d, said, relayUnknowns)\n",
			New:  "		if $bug {\n			return task.Done(s.closed(d, ledger.MailSent, said))\n		}\n		return s.unknown(d, said, relayUnknowns)\n",
		},
		{
			Name: "letters not looked at before DATA", Why: "an email goes out that is no longer true", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/email.go",
			Old:  "		if !fresh {\n			return errUntrue\n",
			New:  "		if !fresh && !$bug {\n			return errUntrue\n",
		},
	}
}

// provider are mistakes of the other company.
func provider() []Bug {
	return []Bug{
		{
			Name: "no tombstone", Why: "a late POST after the DELETE makes the report again", In: store, By: "^TestATombstoneRefusesItsGenerationsAndNoOther$",
			File: "internal/provider/store/delete.go",
			Old:  "	_, err = tx.Exec(\"update reports set tombstone = max",
			New:  "	if $bug {\n		return keys, nil\n	}\n	_, err = tx.Exec(\"update reports set tombstone = max",
		},
		{
			Name: "tombstone ignores generation", Why: "a DELETE of generation 1 buries the next ones too", In: store, By: "^TestATombstoneRefusesItsGenerationsAndNoOther$",
			File: "internal/provider/store/delete.go",
			Old:  "	var old int\n",
			New:  "	if $bug {\n		generation = 1000\n	}\n	var old int\n",
		},
	}
}

// rules are mistakes in what may happen when.
func rules() []Bug {
	return []Bug{
		{
			Name: "cancel after STORED accepted", Why: "a report that is here, and told, is cancelled", In: sim, By: bySeeds,
			File: "internal/report/moves.go",
			Old:  "	if r.WasStored {\n		return Move{}, r.refuse(Cancelled",
			New:  "	if r.WasStored && !$bug {\n		return Move{}, r.refuse(Cancelled",
		},
		{
			Name: "no scope", Why: "a request is shown to everybody", In: sim, By: bySeeds,
			File: "internal/backoffice/access/policy.go",
			Old:  "All: MayOperate(a)}",
			New:  "All: $bug || MayOperate(a)}",
		},
		{
			Name: "redrive of declined", Why: "a decision is not final", In: sim, By: bySeeds,
			File: "internal/report/moves.go",
			Old:  "	if r.State != Failed && r.State != Rejected {\n		return Move{}, r.refuse(Accepted, \"only",
			New: "	if $bug && r.State == Declined {\n		r.State = Failed\n		r.ApprovedHash, _ = r.Asked.Hash()\n	}\n" +
				"	if r.State != Failed && r.State != Rejected {\n		return Move{}, r.refuse(Accepted, \"only",
		},
	}
}

// disk are mistakes that only the loss of power shows.
func disk() []Bug {
	return []Bug{
		{
			Name: "synchronous NORMAL", Why: "a commit is answered before it is on the disk", In: power, By: byPower,
			File: "internal/backoffice/ledger/sqlite/sqlite.go",
			Old:  "\"synchronous(FULL)\"",
			New:  "map[bool]string{false: \"synchronous(FULL)\", true: \"synchronous(NORMAL)\"}[$bug]",
		},
		{
			Name: "no directory fsync", Why: "the file is durable and its name is not", In: power, By: byPower,
			File: "internal/blob/dir.go",
			Old:  "		if err := disk.SyncDir(name); err != nil {",
			New:  "		if $bug {\n		} else if err := disk.SyncDir(name); err != nil {",
		},
	}
}
