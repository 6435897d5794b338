package million

import (
	"fmt"
	"strings"
)

// chosen gives each request its owner, kind, sentence and state. The newest few
// are under way, or wait.
func chosen(n int) string {
	return fmt.Sprintf(`CREATE TEMP TABLE chosen AS SELECT i, ms, guid,
		CASE WHEN i %% (%[1]d / 5) = 7 THEN 1 WHEN i %% 10 < 6 THEN 0 ELSE 2 + (i * 7919) %% %[2]d END AS p,
		(i * 104729 / 64) %% %[3]d AS k,
		CASE WHEN i %% (%[1]d / 3) = 11 THEN %[4]d ELSE (i * 15485863 / 16) %% %[4]d END AS s,
		CASE WHEN i > %[1]d - 400 AND i %% 4 = 1 THEN 'AWAITING_APPROVAL' WHEN i > %[1]d - 200 AND i %% 4 = 2 THEN 'PREPARING'
			WHEN i > %[1]d - 20 THEN 'STORED' WHEN i %% 100 = 3 THEN 'FAILED' WHEN i %% 100 = 4 THEN 'DECLINED' WHEN i %% 100 = 5 THEN 'CANCELLED'
			WHEN i %% 200 = 6 THEN 'EXPIRED' ELSE 'DELIVERED' END AS state
		FROM numbers`, n, crowd-2, Kinds, sorts)
}

const manifest = `{"files":[{"name":"rapor.pdf","media_type":"application/pdf","size":412318,"sha256":"9f2c61b89f2c61b89f2c61b89f2c61b89f2c61b89f2c61b89f2c61b89f2c61b8","pages":2,"rows":140}],` +
	`"sources":[{"name":"Satış","state":"complete","rows":2418906,"as_of":"2026-01-01T00:00:00Z"}]}`

// rows are the statements that make the tables out of what was chosen.
func (f *filler) rows() []string {
	at := func(ms string) string { return fmt.Sprintf(f.d.Time, ms) }
	asked := `'{"type":"' || k.type || '","type_version":"v","title":' || k.title || ',"sentence":' || s.sentence ||
		',"parameters":null,"formats":["pdf"],"locale":"tr","time_zone":"Europe/Istanbul","owner":"' || p.account || '","owner_name":"' || p.name ||
		'","approval":"' || CASE WHEN c.state IN ('AWAITING_APPROVAL', 'DECLINED', 'EXPIRED') OR c.i % 10 = 9 THEN 'approver' ELSE 'none' END ||
		'","requested_at":"2026-01-01T00:00:00Z","body_hash":"","retention":2592000000000000}'`
	all := `FROM chosen c JOIN people p ON p.p = c.p JOIN kinds k ON k.k = c.k JOIN sentences s ON s.s = c.s`
	over := "c.state NOT IN ('AWAITING_APPROVAL', 'PREPARING', 'STORED')"
	return []string{
		`INSERT INTO requests (guid, version, generation, state, outcome, owner, type, approval, asked, parameters, approved_hash, submitted, was_stored,
			resubmits, refetches, lost, tombstoned, manifest, accepted_at, deadline, stored_at, ended_at, created_at, updated_at)
		SELECT c.guid, 8, 1, c.state, CASE WHEN c.state = 'DELIVERED' THEN 'succeeded' ELSE '' END, p.account, k.type,
			CASE WHEN c.state IN ('AWAITING_APPROVAL', 'DECLINED', 'EXPIRED') OR c.i % 10 = 9 THEN 'approver' ELSE 'none' END, ` + asked + `,
			'{"count":50}', '', ` + f.d.True + `, ` + f.d.True + `, 1, 0, 0, ` + f.d.False + `,
			CASE WHEN c.state IN ('STORED', 'DELIVERED') THEN '` + manifest + `' END,
			` + at("c.ms") + `, CASE WHEN ` + over + ` THEN NULL ELSE ` + at("c.ms + 86400000") + ` END, CASE WHEN c.state = 'DELIVERED' THEN ` + at("c.ms + 60000") + ` END,
			CASE WHEN ` + over + ` THEN ` + at("c.ms + 70000") + ` END, ` + at("c.ms") + `, ` + at("c.ms + 70000") + ` ` + all + ` ORDER BY c.guid`,
		`INSERT INTO recipients (guid, account) SELECT c.guid, p.account ` + all + ` ORDER BY c.guid`,
		`INSERT INTO recipients (guid, account) SELECT guid, '` + Gets + `' FROM chosen WHERE i % 5 = 0 ORDER BY guid`,
		`INSERT INTO received (guid, account, state) SELECT guid, '` + Gets + `', state FROM chosen WHERE i % 5 = 0 ORDER BY guid`,
		`INSERT INTO notices (seq, account, guid, generation, subject, title, at, seen_at)
			SELECT c.i, p.account, c.guid, 1, 'ready', k.title, ` + at("c.ms") + `, CASE WHEN c.i % 50000 <> 0 THEN ` + at("c.ms") + ` END ` + all + ` ORDER BY c.i`,
		`CREATE TEMP TABLE steps AS SELECT i FROM numbers WHERE i <= 13`,
		`INSERT INTO journal (guid, seq, at, role, kind, name, from_state, to_state, step, version, generation, evidence)
			SELECT c.guid, n.i, ` + at("c.ms + n.i * 1000") + `, 'gateway', 'fact', 'step', '', '', n.i, n.i, 1, '{"took_ms":7}'
			FROM chosen c CROSS JOIN steps n WHERE c.i % 100 = 1 ORDER BY 1, 2`,
		`INSERT INTO approvals (guid, account, approved, reason, at)
			SELECT guid, 'murat', ` + f.d.True + `, '', ` + at("ms") + ` FROM chosen WHERE i % 10 = 9 ORDER BY i`,
		`INSERT INTO search_texts (guid, text) SELECT c.guid, k.words || s.words || p.words ` + all + ` ORDER BY c.guid`,
		`INSERT INTO search_postings (term, guid) SELECT t.term, t.guid FROM (` + strings.Join([]string{
			`SELECT k.phrase AS term, c.guid ` + all,
			`SELECT p.phrase AS term, c.guid ` + all,
			`SELECT w.word AS term, c.guid FROM chosen c JOIN sentence_words w ON w.s = c.s`,
		}, " UNION ALL ") + `) AS t ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
		`DROP TABLE chosen`, `DROP TABLE numbers`, `DROP TABLE steps`, `DROP TABLE people`, `DROP TABLE kinds`, `DROP TABLE sentences`, `DROP TABLE sentence_words`,
	}
}
