package postgres

import (
	"cmp"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// Each list of a search is a range of one index, read from its newest end.
const (
	// The next word is found by a jump over all requests of the last.
	termsOf = `WITH RECURSIVE t (term) AS (
		(SELECT term FROM search_postings WHERE term >= $1 AND term < $2 ORDER BY term LIMIT 1)
		UNION ALL
		SELECT (SELECT p.term FROM search_postings p WHERE p.term > t.term AND p.term < $2 ORDER BY p.term LIMIT 1)
			FROM t WHERE t.term IS NOT NULL
	) SELECT term FROM t WHERE term IS NOT NULL LIMIT $3`
	phrasesOf   = "SELECT DISTINCT phrase FROM search_phrases WHERE word >= $1 AND word < $2 ORDER BY phrase LIMIT $3"
	postedUnder = `SELECT p.guid FROM unnest($1::text[]) AS t (term) CROSS JOIN LATERAL (
		SELECT guid FROM search_postings WHERE term = t.term COLLATE "C" AND guid < $2 ORDER BY guid DESC LIMIT $3) AS p`
	named  = "SELECT guid FROM requests WHERE guid >= $1 AND guid < $2 ORDER BY guid DESC LIMIT $3"
	lookAt = `SELECT r.guid, r.state, r.owner, r.approval,
		EXISTS (SELECT 1 FROM recipients c WHERE c.guid = r.guid AND c.account = $1 AND c.gone_at IS NULL)
		FROM requests r WHERE r.guid = ANY ($2)`
	textsOf   = "SELECT guid, text FROM search_texts WHERE guid = ANY ($1)"
	gapBefore = "SELECT before FROM search_gap"
)

// Search gives requests in scope that have all these words.
func (v *view) Search(f ledger.Filter, words string) (ledger.Found, error) {
	found, err := search.Run(index{v}, f, words)
	if err != nil {
		return ledger.Found{}, fmt.Errorf("search requests: %w", err)
	}
	return found, nil
}

// index implements search.Index.
type index struct{ *view }

// Terms gives the terms of words that begin so.
func (x index) Terms(prefix string, n int) (out []string, err error) {
	if err := x.ctx.Err(); err != nil {
		return nil, err
	}
	for _, query := range []string{phrasesOf, termsOf} {
		x.s.queue(collect(&out, column[string]), query, prefix, search.After(prefix), n)
	}
	return out, x.s.send()
}

// Posted merges the lists of terms.
func (x index) Posted(terms []string, before string, n int) ([]string, error) {
	found, err := list(x.view, column[string], postedUnder, terms, cmp.Or(before, afterAll), n)
	return search.Merge(n, found), err
}

// Named gives GUIDs that begin so.
func (x index) Named(prefix, before string, n int) ([]string, error) {
	return list(x.view, column[string], named, prefix, min(search.After(prefix), cmp.Or(before, afterAll)), n)
}

// Listed gives the list of a scope.
func (x index) Listed(f ledger.Filter) ([]string, error) { return x.listed(f) }

// Texts reads the words of each.
func (x index) Texts(guids []string) ([]search.Line, error) {
	return list(x.view, func(row pgx.Rows, l *search.Line) error { return row.Scan(&l.GUID, &l.Text) }, textsOf, guids)
}

// Look reads of each what decides whether it is a hit.
func (x index) Look(guids []string, account string) ([]search.Candidate, error) {
	return list(x.view, func(row pgx.Rows, c *search.Candidate) error {
		return row.Scan(&c.GUID, &c.State, &c.Owner, &c.Approval, &c.Receives)
	}, lookAt, account, guids)
}

// Load reads whole rows.
func (x index) Load(guids []string) ([]*report.Request, error) { return x.rows(guids) }

// Gap is where entries are still missing.
func (x index) Gap() (string, error) {
	rows, err := list(x.view, column[string], gapBefore)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// enterOne writes the entry of a request. Phrases are as good as always there:
// of those nothing is written.
const enterOne = `WITH entry AS (INSERT INTO search_texts (guid, text) VALUES ($1, $2) ON CONFLICT DO NOTHING),
	phrase AS (INSERT INTO search_phrases (word, phrase) SELECT * FROM unnest($4::text[], $5::text[]) ON CONFLICT DO NOTHING)
	INSERT INTO search_postings (term, guid) SELECT unnest($3::text[]), $1 ON CONFLICT DO NOTHING`

func entry(guid string, asked *report.Asked) []any {
	e := search.EntryOf(asked)
	words, phrases := []string{}, []string{}
	for _, p := range e.Phrases {
		for _, w := range p.Words {
			words, phrases = append(words, w), append(phrases, p.Key)
		}
	}
	return []any{guid, e.Text, e.Terms, words, phrases}
}
