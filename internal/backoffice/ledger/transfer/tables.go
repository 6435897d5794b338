package transfer

import "strings"

// kind is how a column is kept on both sides.
type kind int

const (
	asText  kind = iota
	asBytes      // text or a blob in SQLite
	asWhole
	asTruth // 0 or 1 in SQLite
	asTime  // microseconds since 1970 in SQLite
)

// table is one that is carried. Its rows are read in the order of its first key
// columns, by their bytes on both sides.
type table struct {
	name    string
	columns []column
	key     int // how many of the columns name a row
}

type column struct {
	name string
	kind kind
}

// tables are all there are but those of each store's own, SQLite's last fence and
// PostgreSQL's marks, and those that are worked out of others: see derive.
func tables() []table {
	return []table{
		of("requests", 1, `guid, version:i, generation:i, state, outcome, failure, owner, type, approval, asked, parameters:x,
			approved_hash, submitted:b, was_stored:b, resubmits:i, refetches:i, lost:i, tombstoned:b, manifest, accepted_at:t,
			deadline:t, expected_by:t, missed_at:t, expires_at:t, announced_at:t, late_at:t, stored_at:t, ended_at:t,
			collected_at:t, purged_at:t, created_at:t, updated_at:t`),
		of("journal", 2, `guid, seq:i, at:t, role, kind, name, from_state, to_state, step:i, version:i, generation:i, evidence`),
		of("tasks", 3, `guid, kind, subject, generation:i, done:b, due_at:t, attempts:i, unclean:i, parked_at:t, wakes:i,
			fence:i, leased_till:t, worker, created_at:t, last_error`),
		of("recipients", 2, `guid, account, gone_at:t`),
		of("report_files", 3, `guid, generation:i, name, media_type, size:i, sha256, pages:i, rows:i, blob_key, stored_at:t,
			refused:i, damaged:b`),
		of("progress", 1, `guid, generation:i, stage, done:i, total:i, position:i, ready_at:t, at:t`),
		of("webhook_inbox", 1, `id, guid, generation:i, type, state, rev:i, key, at:t`),
		of("mails", 4, `guid, generation:i, subject, account, state, letter:x, unknowns:i, flagged:b, reply, at:t, created_at:t`),
		of("notices", 1, `seq:i, account, guid, generation:i, subject, title, at:t, seen_at:t`),
		of("approvals", 1, `id:i, guid, account, approved:b, reason, at:t`),
		of("catalog", 1, `id:i, etag, body:x, at:t`),
		of("parked", 1, `id:i, role, subject, sequence:i, raw:x, cause, at:t, resolved_at:t, resolved_by, reason`),
		of("beats", 2, `process, part, ok:b, since:t, at:t, figures:x`),
		of("accounts", 1, `name, full_name, email, roles, locale, time_zone, password, gone:b, at:t, appearance, no_keys:b, no_mail, no_popup`),
		of("sessions", 1, `token_hash, data:x, expires_at:t, account, at:t, used_at:t, agent, address`),
		of("tokens", 1, `hash, account, scope, at:t, label, expires_at:t, used_at:t`),
	}
}

// of reads a list of columns: a name, and after a colon i for whole numbers, b for
// truth, t for times, x for bytes; else it is text.
func of(name string, key int, columns string) table {
	t := table{name: name, key: key}
	kinds := map[string]kind{"": asText, "i": asWhole, "b": asTruth, "t": asTime, "x": asBytes}
	for _, c := range strings.Split(columns, ",") {
		name, k, _ := strings.Cut(strings.TrimSpace(c), ":")
		t.columns = append(t.columns, column{name, kinds[k]})
	}
	return t
}

func (t table) names() []string {
	out := make([]string, len(t.columns))
	for i, c := range t.columns {
		out[i] = c.name
	}
	return out
}

// query reads the table in the same order on both sides.
func (t table) query() string {
	names := t.names()
	return "SELECT " + strings.Join(names, ", ") + " FROM " + t.name + " ORDER BY " + strings.Join(names[:t.key], ", ")
}
