//go:build !race

// One goroutine reads plans here: nothing to race.

package postgres

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// grow makes the ledger of a company that is long at work: 10,000 requests, all
// over, their tasks done and their notices seen. In SQL, for as many journeys
// would take minutes. Every plan is the same, line by line, with 100,000.
var grow = []string{
	`CREATE TEMP TABLE numbers AS SELECT i, '019a0000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') AS guid, 'person ' || i % 50 AS person,
		timestamptz '2026-01-01' + i * interval '1 second' AS at FROM generate_series(1, 10000) AS i`,
	`INSERT INTO requests (guid, version, generation, state, outcome, owner, type, approval, asked, approved_hash,
			submitted, was_stored, resubmits, refetches, lost, tombstoned, accepted_at, expected_by, stored_at, ended_at)
		SELECT guid, 8, 1, 'DELIVERED', 'succeeded', person, 'top-games.v1', 'finance', '{}', '', true, true, 1, 0, 0, false,
			at, at + interval '10 s', at + interval '20 s', at + interval '30 s' FROM numbers`,
	`INSERT INTO journal (guid, seq, at, role, kind, name, from_state, to_state, step, version, generation)
		SELECT guid, 1, at, 'trigger', 'move', 'ACCEPTED', '', 'ACCEPTED', 3, 1, 1 FROM numbers`,
	`INSERT INTO tasks (guid, kind, subject, generation, done, due_at, created_at)
		SELECT guid, 'SUBMIT', '', 1, true, at, at FROM numbers`,
	`INSERT INTO recipients (guid, account) SELECT guid, person FROM numbers`,
	`INSERT INTO received (guid, account, state) SELECT guid, 'ece', 'DELIVERED' FROM numbers`,
	`INSERT INTO search_texts (guid, text) SELECT guid, ' oyunlar 2025' FROM numbers`,
	`INSERT INTO search_postings (term, guid) SELECT '=oyunlar', guid FROM numbers`,
	`INSERT INTO search_postings (term, guid) SELECT '2025', guid FROM numbers`,
	`INSERT INTO search_phrases (word, phrase) SELECT 'oyun' || i, '=oyunlar' FROM numbers LIMIT 1000`,
	`INSERT INTO notices (seq, account, guid, generation, subject, title, at, seen_at)
		SELECT i, person, guid, 1, 'ready', '{}', at, at FROM numbers`,
	`INSERT INTO report_files (guid, generation, name, media_type, size, sha256, pages, rows, blob_key, refused, damaged)
		SELECT guid, 1, 'a.pdf', '', 0, '', 0, 0, guid || '/1/a.pdf.1', 0, false FROM numbers`,
	`INSERT INTO mails (guid, generation, subject, account, state, unknowns, flagged, reply)
		SELECT guid, 1, 'ready', 'ayse', 'sent', 0, false, '' FROM numbers`,
	`INSERT INTO webhook_inbox (id, guid, generation, type, state, rev, key, at)
		SELECT guid, guid, 1, '', '', 0, '', at FROM numbers`,
}

func TestHotQueriesUseTheirIndexesHoweverMuchIsFinished(t *testing.T) {
	t.Parallel()
	url := Fresh(t)
	l, err := Open(t.Context(), Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range settings() {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, query := range grow {
		if _, err := conn.Exec(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	checkPlans(t, conn, "before ANALYZE")
	if _, err := conn.Exec(t.Context(), "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
	checkPlans(t, conn, "after ANALYZE")
}

// plan is what PostgreSQL would do for a query whatever its arguments are.
func plan(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	sd, err := conn.Prepare(t.Context(), "", query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	name, args := "p", make([]string, len(sd.ParamOIDs))
	for i := range args {
		args[i] = "NULL"
	}
	call := name
	if len(args) > 0 {
		call += "(" + strings.Join(args, ", ") + ")"
	}
	for _, q := range []string{"DEALLOCATE ALL", "PREPARE " + name + " AS " + query} {
		if _, err := conn.Exec(t.Context(), q, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	rows, _ := conn.Query(t.Context(), "EXPLAIN (COSTS off) EXECUTE "+call, pgx.QueryExecModeSimpleProtocol)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(lines, "\n")
}

// A table walked from end to end, or rows sorted that are not a few, is what a
// hot query must not do.
var walks = regexp.MustCompile(`Seq Scan on (requests|tasks|journal|notices|recipients|report_files|mails|webhook_inbox|received|search_\w+)\b|Sort Key: [^\n]*|Bitmap Heap Scan on (tasks|requests|notices|received|search_\w+)`)

func checkPlans(t *testing.T, conn *pgx.Conn, when string) {
	t.Helper()
	for _, h := range hot() {
		got := plan(t, conn, h.query)
		for _, index := range h.uses {
			if !strings.Contains(got, index) {
				t.Errorf("%s, %s: the plan does not use %q:\n%s\n%s", h.name, when, index, h.query, got)
			}
		}
		if bad := strings.Join(walks.FindAllString(got, -1), "\n"); bad != h.may {
			t.Errorf("%s, %s: the plan has %q, want %q:\n%s\n%s", h.name, when, bad, h.may, h.query, got)
		}
	}
}

// hotQuery is one that runs often, or on much.
type hotQuery struct {
	name, query string
	uses        []string
	may         string // what is fine here: the rows sorted are only those worked on
}

func hot() []hotQuery {
	return []hotQuery{
		{"a request", requestByGUID, []string{"requests_pkey"}, ""},
		{"a request's lock", lockRequest, []string{"requests_pkey", "LockRows"}, ""},
		{"a request's tasks", tasksOf, []string{"tasks_pkey"}, ""},
		{"a task", taskByKey, []string{"tasks_pkey"}, ""},
		{"a task's writing", updateTask, []string{"tasks_pkey"}, ""},
		{"a save", saveStanding, []string{"requests_pkey"}, ""},
		{"a journal's next row", appendEntry, []string{"journal_pkey"}, ""},
		{"due tasks", lockOwed, []string{"tasks_owed"}, ""},
		{"lapsed tasks", lockLapsed, []string{"tasks_leased"}, `Sort Key: t.due_at, t.guid COLLATE "C", t.subject COLLATE "C"`},
		{"what must be parked", lockSuspect, []string{"tasks_suspect"}, ""},
		{"the first due", firstOwed, []string{"tasks_owed"}, ""},
		{"next due", nextDue, []string{"tasks_owed", "tasks_leased"}, ""},
		{"open tasks", openTasks, []string{"tasks_owed", "tasks_leased", "Merge Append"}, `Sort Key: tasks.kind COLLATE "C"`},
		{"parked tasks", parkedTasks, []string{"tasks_parked"}, ""},
		{"owed", owed, []string{"tasks_owed", "tasks_leased"}, ""},
		{"failing tasks", failingTasks, []string{"tasks_failing"}, "Sort Key: created_at, guid COLLATE \"C\", kind COLLATE \"C\", subject COLLATE \"C\""},
		{"deliveries", deliveries, []string{"Index Only Scan using requests_delivered"}, ""},
		{"how long deliveries took", took, []string{"Index Only Scan Backward using requests_delivered"}, ""},
		{"late and told", lateTold, []string{"requests_late"}, ""},
		{"lost letters", lostMails, []string{"mails_lost"}, "Sort Key: at DESC, guid COLLATE \"C\", generation, subject COLLATE \"C\", account COLLATE \"C\""},
		{"parked payloads", parkedOpen, []string{"parked_open"}, ""},
		{"deadlines", overdue, []string{"requests_by_deadline"}, ""},
		{"promises", late, []string{"requests_by_promise"}, ""},
		{"list of all", listAll, []string{"Index Only Scan Backward using requests_of_state"}, ""},
		{"list of an owner", listOwned, []string{"Index Only Scan Backward using requests_of_owner"}, ""},
		{"list of an approver", listToApprove, []string{"Index Only Scan Backward using requests_to_approve"}, ""},
		{"list of a recipient", listReceived, []string{"Index Only Scan Backward using received_in_state"}, ""},
		{"what somebody receives, moved", receivedMoves, []string{"received_pkey"}, ""},
		{"list of everything", listEvery, []string{"Index Only Scan Backward using requests_pkey"}, ""},
		{"a count", counted(listOwned), []string{"Index Only Scan Backward using requests_of_owner"}, ""},
		{"the words that begin so", termsOf, []string{"search_postings_pkey"}, ""},
		{"phrases", phrasesOf, []string{"search_phrases_pkey"}, `Sort Key: phrase COLLATE "C"`},
		{"the list of a word", postedUnder, []string{"Index Only Scan Backward using search_postings_pkey"}, ""},
		{"GUIDs that begin so", named, []string{"Index Only Scan Backward using requests_pkey"}, ""},
		{"a look", lookAt, []string{"requests_pkey", "recipients_pkey"}, ""},
		{"the words of requests", textsOf, []string{"search_texts_pkey"}, ""},
		{"what is not in the index yet", unfilled, []string{"requests_pkey"}, ""},
		{"durations", durations, []string{"Index Only Scan Backward using requests_ended"}, ""},
		{"notices", noticesAfter, []string{"notices_of_account"}, ""},
		{"unseen notices", unseen, []string{"Index Scan Backward using notices_unseen"}, ""},
		{"an inbox", noticesBefore, []string{"Index Scan Backward using notices_of_account"}, ""},
		{"inboxes", inboxes, []string{"notices_of_account", "notices_unseen"}, ""},
		{"what changed", changed, []string{"requests_changed", "progress_changed"},
			`Sort Key: (max((GREATEST(requests.updated_at, requests.announced_at, requests.late_at, requests.collected_at, requests.purged_at)))) DESC, requests.guid COLLATE "C"`},
		{"what is marked as seen", markAllSeen, []string{"notices_unseen"}, ""},
		{"a request's notices", noticesOf, []string{"notices_pkey"}, ""},
		{"seen notices", markSeen, []string{"Index Scan using notices_"}, ""},
		{"a blob's row", blobKnown, []string{"report_files_by_blob"}, ""},
		{"webhooks", hooksOf, []string{"webhook_inbox_of_request"}, `Sort Key: at, id COLLATE "C"`},
		{"a letter", mailByName, []string{"mails_pkey"}, ""},
	}
}
