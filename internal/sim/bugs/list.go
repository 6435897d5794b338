package bugs

// The proofs by which bugs are found.
const (
	sim     = "./internal/sim"
	power   = "./internal/sim/power"
	gateway = "./internal/backoffice/gateway"

	bySeeds  = "^TestSeeds$"
	byCrash  = "^TestCrashSweep$"
	byTimers = "^TestNothingWaitsForATimer$"
)

// All is the whole list. The first six are tried with every test run.
func All() []Bug {
	return append(first(), rest()...)
}

// Sample is the part of the list that every test run tries.
func Sample() []Bug { return first() }

func first() []Bug {
	return []Bug{
		{
			Name: "lease without fence", Why: "a worker that lost its lease still settles", In: sim, By: bySeeds,
			File: "internal/backoffice/ledger/mem/lease.go",
			Old:  "row.LeasedTill.IsZero() || row.Fence != l.Fence {",
			New:  "row.LeasedTill.IsZero() {",
		},
		{
			Name: "effect before intent", Why: "SENDING is not committed before DATA", In: sim, By: byCrash,
			File: "internal/backoffice/trace/email.go",
			Old:  "sending := func(ctx context.Context) error { return s.sending(ctx, l, d) }",
			New:  "sending := func(context.Context) error { return nil }",
		},
		{
			Name: "ack before commit", Why: "202 is answered though nothing was kept", In: sim, By: bySeeds,
			File: "internal/backoffice/trigger/submit.go",
			Old:  "	r, fresh, err := s.record(c, in)\n	if err != nil {\n		return answer{}, err\n	}",
			New: "	r, fresh, err := s.record(c, in)\n	var told *protocol.Problem\n	if errors.As(err, &told) {\n		return answer{}, err\n	}\n" +
				"	if err != nil {\n		return answer{status: http.StatusAccepted, body: taken{GUID: in.GUID}}, nil\n	}",
		},
		{
			Name: "no DELETE on cancel", Why: "the provider keeps what nobody will fetch", In: sim, By: byCrash,
			File: "internal/backoffice/ledger/move.go",
			Old:  "	if r.Submitted {\n",
			New:  "	if r.Submitted && m.To != report.Cancelled {\n",
		},
		{
			Name: "inbox not read at PREPARING", Why: "a webhook quicker than the 202 waits for the first poll", In: sim, By: byTimers,
			File: "internal/backoffice/gateway/submit.go",
			Old:  "		if len(hooks) == 0 && !a.Operation.State.Ended() {",
			New:  "		if hooks = nil; len(hooks) == 0 && !a.Operation.State.Ended() {",
		},
		{
			Name: "UNKNOWN treated as failed", Why: "a letter that may have arrived is sent again as if it had not", In: sim, By: byCrash,
			File: "internal/backoffice/trace/outcome.go",
			Old:  "	case report.Unknown:\n		return s.unknown(d, said, relayUnknowns)\n",
			New:  "",
		},
	}
}

func rest() []Bug {
	return append(provider(), append(rules(), disk()...)...)
}

// provider are mistakes of the other company, and of ours about it.
func provider() []Bug {
	return []Bug{
		{
			Name: "no tombstone", Why: "a late POST after the DELETE makes the report again", In: sim, By: bySeeds,
			File: "internal/sim/provider.go",
			Old:  "	d.buried = max(d.buried, upTo)\n	for g",
			New:  "	for g",
		},
		{
			Name: "tombstone ignores generation", Why: "a DELETE of generation 1 buries the next ones too", In: sim, By: byCrash,
			File: "internal/sim/provider.go",
			Old:  "	d.buried = max(d.buried, upTo)\n	for g",
			New:  "	d.buried = 1000\n	for g",
		},
		{
			Name: "orphan hunt without second look at the provider", Why: "a living report is deleted there", In: gateway, By: "^TestOrphansAtTheProviderAreDeleted$",
			File: "internal/backoffice/gateway/clean.go",
			Old:  "		if !r.State.Terminal() && o.Generation >= r.Generation {\n			return nil\n		}\n		upTo := o.Generation\n		if !r.State.Terminal() {\n			upTo = min(upTo, r.Generation-1)\n		}\n",
			New:  "		upTo := o.Generation\n",
		},
		{
			Name: "orphan hunt without second look at home", Why: "bytes a row names are removed", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/purge.go",
			Old:  "	if err != nil || known {",
			New:  "	if err != nil || known && key == \"\" {",
		},
		{
			Name: "digest ignored", Why: "wrong bytes are stored as the report", In: sim, By: bySeeds,
			File: "internal/backoffice/gateway/fetch.go",
			Old:  "	if got.Size != f.Size || got.SHA256 != f.SHA256 {",
			New:  "	if got.Size != f.Size {",
		},
		{
			Name: "DELETE before the bytes are here", Why: "READY already owes the cleaning", In: sim, By: byCrash,
			File: "internal/backoffice/ledger/move.go",
			Old:  "	case report.Preparing:\n		return []Task{t(Track, now.Add(FirstPoll))}\n",
			New:  "	case report.Preparing:\n		return []Task{t(Track, now.Add(FirstPoll))}\n	case report.Ready:\n		return []Task{t(ProviderDelete, now)}\n",
		},
	}
}

// rules are mistakes in what may happen when.
func rules() []Bug {
	return []Bug{
		{
			Name: "settle ignores wakes", Why: "what was woken while it ran waits for its next poll", In: sim, By: byTimers,
			File: "internal/backoffice/ledger/mem/lease.go",
			Old:  "	woken := row.Wakes != l.Wakes\n",
			New:  "	woken := false\n",
		},
		{
			Name: "cancel after STORED accepted", Why: "a report that is here, and told, is cancelled", In: sim, By: bySeeds,
			File: "internal/report/moves.go",
			Old:  "	if r.WasStored {\n		return Move{}, r.refuse(Cancelled, \"the report is already here\")\n	}\n",
			New:  "",
		},
		{
			Name: "redrive of declined", Why: "a decision is not final", In: sim, By: bySeeds,
			File: "internal/report/moves.go",
			Old:  "	if r.State != Failed && r.State != Rejected {\n		return Move{}, r.refuse(Accepted, \"only",
			New:  "	if r.State == Declined {\n		r.State = Failed\n		r.ApprovedHash, _ = r.Asked.Hash()\n	}\n	if r.State != Failed && r.State != Rejected {\n		return Move{}, r.refuse(Accepted, \"only",
		},
		{
			Name: "UNKNOWN treated as sent", Why: "a letter that never arrived counts as sent", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/outcome.go",
			Old:  "		return s.unknown(d, said, relayUnknowns)\n",
			New:  "		return task.Done(s.closed(d, ledger.MailSent, said))\n",
		},
		{
			Name: "letters not looked at before DATA", Why: "a letter goes out that is no longer true", In: sim, By: bySeeds,
			File: "internal/backoffice/trace/email.go",
			Old:  "		if !fresh {\n			return errUntrue\n		}\n",
			New:  "		_ = fresh\n",
		},
		{
			Name: "reads without scope", Why: "anybody reads anybody's request", In: sim, By: bySeeds,
			File: "internal/backoffice/ledger/mem/requests.go",
			Old:  "	if d.request == nil || !inScope(s, d) {\n",
			New:  "	if d.request == nil {\n",
		},
		{
			Name: "deadlines not swept", Why: "a request that hangs never ends", In: sim, By: bySeeds,
			File: "internal/backoffice/gateway/sweep.go",
			Old:  "	for _, guid := range due {\n		if err := s.overdue(",
			New:  "	for _, guid := range due[:0] {\n		if err := s.overdue(",
		},
	}
}

// disk are mistakes that only the loss of power shows.
func disk() []Bug {
	return []Bug{
		{
			Name: "synchronous NORMAL", Why: "a commit is answered before it is on the disk", In: power, By: "^TestNothingAcknowledgedIsLost$",
			File: "internal/backoffice/ledger/sqlite/sqlite.go",
			Old:  "synchronous(FULL)",
			New:  "synchronous(NORMAL)",
		},
		{
			Name: "no directory fsync", Why: "the file is durable and its name is not", In: power, By: "^TestNothingAcknowledgedIsLost$",
			File: "internal/blob/dir.go",
			Old:  "		if err := disk.SyncDir(name); err != nil {\n			return err\n		}\n		if name",
			New:  "		if name",
		},
	}
}
