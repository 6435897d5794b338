package bugs

// More packages and tests that find bugs.
const (
	reports  = "./internal/report"
	trigger  = "./internal/backoffice/trigger"
	trace    = "./internal/backoffice/trace"
	sheet    = "./internal/provider/engine/sheet"
	tabulate = "./internal/provider/engine/tabulate"

	readThenSaved      = "^TestContract$/^a_request_that_was_read_is_saved_only_over_the_version_that_was_seen$"
	savedForRecipients = "^TestContract$/^recipients_find_a_request_in_the_state_of_its_last_save$"
	toTheLastDigit     = "^TestADigestIsComparedToItsLastDigit$"
)

// saves are mistakes in what a save compares and what it carries along.
func saves() []Bug {
	return []Bug{
		{
			Name: "save over any version once read, SQLite", Why: "of two moves over one version both are kept", In: sqlite, By: readThenSaved,
			File: "internal/backoffice/ledger/sqlite/requests.go",
			Old:  "	n, err := x.exec(query, append(row, was)...)\n",
			New:  "	if $bug && ok {\n		was = old.Version\n	}\n	n, err := x.exec(query, append(row, was)...)\n",
		},
		{
			Name: "save over any version once read, PostgreSQL", Why: "of two moves over one version both are kept", In: postgres, By: readThenSaved,
			File: "internal/backoffice/ledger/postgres/requests.go",
			Old:  "(!im.there || im.version != was) {",
			New:  "(!im.there || im.version != was && !($bug && im.row != nil)) {",
		},
		{
			Name: "state of recipients left behind, SQLite", Why: "a recipient finds a request in a state it has left", In: sqlite, By: savedForRecipients,
			File: "internal/backoffice/ledger/sqlite/requests.go",
			Old:  "(!ok || old.State != r.State) {",
			New:  "(!ok && !$bug || ok && old.State != r.State) {",
		},
		{
			Name: "state of recipients left behind, PostgreSQL", Why: "a second save in one transaction does not move it", In: postgres, By: savedForRecipients,
			File: "internal/backoffice/ledger/postgres/requests.go",
			Old:  "	if im.row == nil || im.row.r.State != r.State {",
			New:  "	if im.row == nil && !$bug || im.row != nil && im.row.r.State != r.State {",
		},
		{
			Name: "redrive keeps the refetches", Why: "a redriven report fails for the damage of its former life", In: reports, By: "^TestRedriveResetsEveryFieldThatIsNotKept$",
			File: "internal/report/moves.go",
			Old:  "	r.Resubmits, r.Refetches, r.Tombstoned, r.WasStored = 0, 0, false, false\n",
			New: "	refetches := r.Refetches\n	r.Resubmits, r.Refetches, r.Tombstoned, r.WasStored = 0, 0, false, false\n" +
				"	if $bug {\n		r.Refetches = refetches\n	}\n",
		},
	}
}

// examples are mistakes that a fixed example beside the code finds.
func examples() []Bug {
	return []Bug{
		{
			Name: "digest compared by a prefix, download", Why: "damaged bytes are served", In: trigger, By: toTheLastDigit,
			File: "internal/backoffice/trigger/download.go",
			Old:  "got != f.SHA256 {",
			New:  "got != f.SHA256 && !($bug && got[:48] == f.SHA256[:48]) {",
		},
		{
			Name: "digest compared by a prefix, fetch", Why: "wrong bytes are stored as the report", In: gateway, By: toTheLastDigit,
			File: "internal/backoffice/gateway/fetch.go",
			Old:  "	if got.Size != f.Size || ",
			New:  "	if $bug && got.SHA256[:48] == f.SHA256[:48] {\n		f.SHA256 = got.SHA256\n	}\n	if got.Size != f.Size || ",
		},
		{
			Name: "DELETE leaves earlier generations", Why: "the provider keeps what it was told to delete", In: store, By: "^TestDeleteRemovesEveryGenerationUpToItsOwn$",
			File: "internal/provider/store/delete.go",
			Old:  "generation <= ? returning generation, attempt, results\", guid, generation)",
			New:  "generation <= ? and (generation = ? or not ?) returning generation, attempt, results\", guid, generation, generation, $bug)",
		},
		{
			Name: "lone CR not quoted", Why: "readers that end a record at CR see another table", In: sheet, By: "^TestCSV$",
			File: "internal/provider/engine/sheet/csv.go",
			Old:  "!strings.ContainsAny(s, \"\\\",\\r\\n\") {",
			New:  "(!strings.ContainsAny(s, \"\\\",\\r\\n\") || $bug && !strings.ContainsAny(s, \"\\\",\\n\")) {",
		},
		{
			Name: "pivot shows one other", Why: "a column of one value has the title of several", In: tabulate, By: "^TestOneColumnTooManyIsNotShownAsOneOther$",
			File: "internal/provider/engine/tabulate/pivot.go",
			Old:  "keep > p.Keep+1 {",
			New:  "(keep > p.Keep+1 || $bug && keep > p.Keep) {",
		},
	}
}
