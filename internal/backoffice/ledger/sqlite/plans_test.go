//go:build !race

// One goroutine reads plans here: nothing to race, and filling the tables under
// the detector takes minutes.

package sqlite

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"peyk/internal/backoffice/ledger"
)

// grow makes the ledger of a company that is long at work: 100,000 requests,
// all over, their tasks done and their notices seen. In SQL, for as many
// journeys would take a minute.
var grow = []string{
	`CREATE TEMP TABLE numbers AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		SELECT i, printf('019a0000-0000-7000-8000-%012x', i) AS guid FROM n`,
	`INSERT INTO requests (guid, version, generation, state, outcome, owner, type, approval, asked, approved_hash,
			submitted, was_stored, resubmits, refetches, lost, tombstoned, accepted_at, expected_by, stored_at, ended_at)
		SELECT guid, 8, 1, 'DELIVERED', 'succeeded', 'ayse', 'top-games.v1', 'finance', '{}', '', 1, 1, 1, 0, 0, 0,
			i, i + 10, i + 20, i + 30 FROM numbers`,
	`INSERT INTO tasks (guid, kind, subject, generation, done, due_at, created_at)
		SELECT guid, 'SUBMIT', '', 1, 1, i, i FROM numbers`,
	`INSERT INTO recipients (guid, account) SELECT guid, 'ayse' FROM numbers`,
	`INSERT INTO received (guid, account, state) SELECT guid, 'ece', 'DELIVERED' FROM numbers`,
	`INSERT INTO search_texts (guid, text) SELECT guid, ' oyunlar 2025' FROM numbers`,
	`INSERT INTO search_postings (term, guid) SELECT '=oyunlar', guid FROM numbers`,
	`INSERT INTO search_postings (term, guid) SELECT '2025', guid FROM numbers`,
	`INSERT INTO search_phrases (word, phrase) SELECT 'oyun' || i, '=oyunlar' FROM numbers LIMIT 1000`,
	`INSERT INTO notices (account, guid, generation, subject, title, at, seen_at)
		SELECT 'ayse', guid, 1, 'ready', '{}', i, i FROM numbers`,
	`INSERT INTO report_files (guid, generation, name, media_type, size, sha256, pages, rows, blob_key, refused, damaged)
		SELECT guid, 1, 'a.pdf', '', 0, '', 0, 0, guid || '/1/a.pdf.1', 0, 0 FROM numbers`,
	`DROP TABLE numbers`,
}

// plan is what SQLite would do for a query, a line for each step.
func plan(v *view, query string) (string, error) {
	args := make([]any, strings.Count(query, "?"))
	steps, err := all(v, func(row scanner, detail *string) error {
		var id, parent, unused int
		return row.Scan(&id, &parent, &unused, detail)
	}, "EXPLAIN QUERY PLAN "+query, args...)
	return strings.Join(steps, "\n"), err
}

func TestHotQueriesUseTheirIndexesHoweverMuchIsFinished(t *testing.T) {
	t.Parallel()
	l, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = l.Update(t.Context(), func(lt ledger.Tx) error {
		x := lt.(*tx)
		for _, query := range grow {
			if err := x.run(query); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
		}
		checkPlans(t, &x.view, "before ANALYZE")
		if err := x.run("ANALYZE"); err != nil {
			return err
		}
		checkPlans(t, &x.view, "after ANALYZE")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A table walked from end to end, or sorted whole, is what a hot query must not do.
var walks = regexp.MustCompile(`(?m)^SCAN (requests|tasks|journal|notices|recipients|report_files|received|search_\w+|c|r|f|t)\b|^USE TEMP B-TREE FOR ORDER BY`)

func checkPlans(t *testing.T, v *view, when string) {
	t.Helper()
	for _, c := range []struct {
		name, query string
		uses        []string
		may         string // what is fine here: the index walked or the rows sorted are only those worked on
	}{
		{"a task", taskByKey, []string{"tasks USING PRIMARY KEY (guid=? AND kind=? AND subject=?)"}, ""},
		{"tasks of a request", tasksOfRequest, []string{"tasks USING PRIMARY KEY (guid=?)"}, ""},
		{"due tasks", dueOfKind, []string{"MERGE (UNION ALL)", "tasks_owed (kind=? AND due_at<?)", "tasks_leased (kind=? AND leased_till<?)"},
			"USE TEMP B-TREE FOR ORDER BY"},
		{"what must be parked", park, []string{"tasks_suspect (kind=?)"}, ""},
		{"next due", nextDue, []string{"tasks_owed (kind=?)", "tasks_leased (kind=? AND leased_till>?)"}, ""},
		{"open tasks", openTasks, []string{"INDEX tasks_owed", "INDEX tasks_leased"}, "SCAN tasks"},
		{"deadlines", overdue, []string{"requests_by_deadline (deadline<?)"}, ""},
		{"promises", late, []string{"requests_by_promise (expected_by<?)"}, ""},
		{"list of all", listAll, []string{"COVERING INDEX requests_of_state (state=? AND guid<?)"}, ""},
		{"list of an owner", listOwned, []string{"COVERING INDEX requests_of_owner (owner=? AND state=? AND guid<?)"}, ""},
		{"list of an approver", listToApprove, []string{"COVERING INDEX requests_to_approve (approval=? AND state=? AND guid<?)"}, ""},
		{"list of a recipient", listReceived, []string{"COVERING INDEX received_in_state (account=? AND state=? AND guid<?)"}, ""},
		{"what somebody receives, moved", receivedMoves, []string{"received USING PRIMARY KEY (guid=?)"}, ""},
		{"list of everything", listEvery, []string{"requests_1 (guid<?)"}, ""},
		{"a count", counted(listOwned), []string{"COVERING INDEX requests_of_owner (owner=? AND state=? AND guid<?)"}, ""},
		{"the next word", nextTerm, []string{"search_postings USING PRIMARY KEY (term>? AND term<?)"}, ""},
		{"phrases", phrasesOf, []string{"search_phrases USING PRIMARY KEY (word>? AND word<?)"}, ""},
		{"the list of a word", postedUnder, []string{"search_postings USING PRIMARY KEY (term=? AND guid<?)"}, ""},
		{"GUIDs that begin so", named, []string{"requests_1 (guid>? AND guid<?)"}, ""},
		{"a look", lookAt, []string{"SEARCH r USING INDEX", "(guid=?)", "SEARCH c USING PRIMARY KEY (guid=? AND account=?)"}, ""},
		{"the words of requests", textsOf, []string{"SEARCH t USING PRIMARY KEY (guid=?)"}, ""},
		{"what is not in the index yet", unfilled, []string{"requests_1 (guid<?)"}, ""},
		{"durations", durations, []string{"COVERING INDEX requests_ended (type=? AND ended_at>?)"}, ""},
		{"notices", noticesAfter, []string{"notices_of_account (account=? AND seq>?)"}, ""},
		{"unseen notices", unseen, []string{"notices_unseen (account=?)"}, ""},
		{"sessions of a person", sessionsOf, []string{"sessions_of_account (account=?)"}, ""},
		{"tokens of a person", tokensOf, []string{"tokens_of_account (account=?)"}, ""},
		{"an inbox", noticesBefore, []string{"notices_of_account (account=? AND seq<?)"}, ""},
		{"inboxes", inboxes, []string{"COVERING INDEX notices_of_account (account=?)", "INDEX notices_unseen (account=?)"}, "USE TEMP B-TREE FOR ORDER BY"},
		{"what changed", changed, []string{"requests_changed (<expr>>?)", "progress_changed (at>?)"}, "USE TEMP B-TREE FOR ORDER BY"},
		{"what is marked as seen", markAllSeen, []string{"notices_unseen (account=? AND seq<?)"}, ""},
		{"a blob's row", blobKnown, []string{"report_files_by_blob (blob_key=?)"}, ""},
		{"kinds owed", kindsOwed, []string{"INDEX tasks_owed (kind>?)", "INDEX tasks_leased (kind>?)"}, "USE TEMP B-TREE FOR ORDER BY"},
		{"owed", countOwed, []string{"tasks_owed (kind=? AND due_at<?)", "tasks_leased (kind=? AND leased_till>?)"}, ""},
		{"failing tasks", failingTasks, []string{"INDEX tasks_failing"}, "SCAN tasks"},
		{"deliveries", deliveries, []string{"COVERING INDEX requests_delivered (ended_at>? AND ended_at<?)"}, ""},
		{"how long deliveries took", took, []string{"COVERING INDEX requests_delivered (ended_at>? AND ended_at<?)"}, ""},
		{"late and told", lateTold, []string{"INDEX requests_late"}, "SCAN requests"},
		{"lost letters", lostMails, []string{"INDEX mails_lost (at>?)"}, ""},
		{"parked payloads", parkedOpen, []string{"INDEX parked_open"}, ""},
		{"a save", saveRequest, []string{"requests_1 (guid=?)"}, ""},
		{"a move", moveRequest, []string{"requests_1 (guid=?)"}, ""},
	} {
		got, err := plan(v, c.query)
		if err != nil {
			t.Errorf("%s, %s: %v", c.name, when, err)
		}
		for _, index := range c.uses {
			if !strings.Contains(got, index) {
				t.Errorf("%s, %s: the plan does not use %q:\n%s\n%s", c.name, when, index, c.query, got)
			}
		}
		if bad := walks.FindString(got); bad != c.may {
			t.Errorf("%s, %s: the plan has %q, want %q:\n%s\n%s", c.name, when, bad, c.may, c.query, got)
		}
	}
}
