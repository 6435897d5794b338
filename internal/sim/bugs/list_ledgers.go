package bugs

// Sentences of the ledger's contract, as tests of its suite.
const (
	lostLease  = "^TestContract$/^a_lease_run_out_and_taken_by_another_is_lost_to_the_first$"
	lateWaking = "^TestContract$/^woken_while_leased_it_is_due_at_once,_even_settled_as_done$"
	inScope    = "^TestContract$/^each_sees_what_is_in_scope,_and_a_foreign_GUID_is_as_unknown_as_one_nobody_has$"
)

// ledgers are mistakes of the company's database. What every dialect writes for
// itself is a bug of each.
func ledgers() []Bug {
	return []Bug{
		{
			Name: "lease without fence, SQLite", Why: "a worker that lost its lease still settles", In: sqlite, By: lostLease,
			File: "internal/backoffice/ledger/sqlite/lease.go",
			Old:  "t.LeasedTill.IsZero() || t.Fence != l.Fence) {",
			New:  "t.LeasedTill.IsZero() || !$bug && t.Fence != l.Fence) {",
		},
		{
			Name: "lease without fence, PostgreSQL", Why: "a worker that lost its lease still settles", In: postgres, By: lostLease,
			File: "internal/backoffice/ledger/postgres/lease.go",
			Old:  "t.Done || t.Fence != l.Fence || t.LeasedTill.IsZero()) {",
			New:  "t.Done || !$bug && t.Fence != l.Fence || t.LeasedTill.IsZero()) {",
		},
		{
			Name: "settle ignores wakes, SQLite", Why: "what was woken while it ran waits for its next poll", In: sqlite, By: lateWaking,
			File: "internal/backoffice/ledger/sqlite/lease.go",
			Old:  "	woken := t.Wakes != l.Wakes\n",
			New:  "	woken := t.Wakes != l.Wakes && !$bug\n",
		},
		{
			Name: "settle ignores wakes, PostgreSQL", Why: "what was woken while it ran waits for its next poll", In: postgres, By: lateWaking,
			File: "internal/backoffice/ledger/postgres/lease.go",
			Old:  "	woken := t.Wakes != l.Wakes\n",
			New:  "	woken := t.Wakes != l.Wakes && !$bug\n",
		},
		{
			Name: "reads without scope, SQLite", Why: "a request is shown to everybody", In: sqlite, By: inScope,
			File: "internal/backoffice/ledger/sqlite/requests.go",
			Old:  "	if !ok {\n		return nil, fmt.Errorf(\"read request",
			New:  "	if !ok && !$bug {\n		return nil, fmt.Errorf(\"read request",
		},
		{
			Name: "reads without scope, PostgreSQL", Why: "a request is shown to everybody", In: postgres, By: inScope,
			File: "internal/backoffice/ledger/postgres/requests.go",
			Old:  "	if !ok {\n		return nil, fmt.Errorf(\"read request",
			New:  "	if !ok && !$bug {\n		return nil, fmt.Errorf(\"read request",
		},
	}
}
