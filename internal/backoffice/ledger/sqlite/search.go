package sqlite

import (
	"cmp"
	"fmt"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// Each list of a search is a range of one index, read from its newest end.
const (
	// The next word is found by a jump over all requests of the last.
	nextTerm    = "SELECT term FROM search_postings WHERE term > ? AND term < ? ORDER BY term LIMIT 1"
	phrasesOf   = "SELECT DISTINCT phrase FROM search_phrases WHERE word >= ? AND word < ? LIMIT ?"
	postedUnder = "SELECT guid FROM search_postings WHERE term = ? AND guid < ? ORDER BY guid DESC LIMIT ?"
	named       = "SELECT guid FROM requests WHERE guid >= ? AND guid < ? ORDER BY guid DESC LIMIT ?"
	lookAt      = `SELECT r.guid, r.state, r.owner, r.approval,
		EXISTS (SELECT 1 FROM recipients c WHERE c.guid = r.guid AND c.account = ? AND c.gone_at IS NULL)
		FROM json_each(?) j CROSS JOIN requests r ON r.guid = j.value`
	textsOf   = "SELECT t.guid, t.text FROM json_each(?) j CROSS JOIN search_texts t ON t.guid = j.value"
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
func (x index) Terms(prefix string, n int) ([]string, error) {
	out, err := all(x.view, column[string], phrasesOf, prefix, search.After(prefix), n)
	if err != nil {
		return nil, err
	}
	if known, err := x.posts(prefix); err != nil || known {
		out = append(out, prefix)
		if err != nil {
			return nil, err
		}
	}
	for last := prefix; len(out) < n; {
		next, err := all(x.view, column[string], nextTerm, last, search.After(prefix))
		if err != nil {
			return nil, err
		}
		if len(next) == 0 {
			break
		}
		last = next[0]
		out = append(out, last)
	}
	return out, nil
}

// posts reports whether the very word is a term.
func (x index) posts(word string) (bool, error) {
	found, err := all(x.view, column[string], postedUnder, word, afterAll, 1)
	return len(found) > 0, err
}

// Posted merges the lists of terms.
func (x index) Posted(terms []string, before string, n int) ([]string, error) {
	lists := make([][]string, 0, len(terms))
	for _, t := range terms {
		found, err := all(x.view, column[string], postedUnder, t, cmp.Or(before, afterAll), n)
		if err != nil {
			return nil, err
		}
		lists = append(lists, found)
	}
	return search.Merge(n, lists...), nil
}

// Named gives GUIDs that begin so.
func (x index) Named(prefix, before string, n int) ([]string, error) {
	return all(x.view, column[string], named, prefix, min(search.After(prefix), cmp.Or(before, afterAll)), n)
}

// Listed gives the list of a scope.
func (x index) Listed(f ledger.Filter) ([]string, error) { return x.listed(f) }

// Texts reads the words of each.
func (x index) Texts(guids []string) ([]search.Line, error) {
	return all(x.view, func(row scanner, l *search.Line) error { return row.Scan(&l.GUID, &l.Text) }, textsOf, document{guids})
}

// Look reads of each what decides whether it is a hit.
func (x index) Look(guids []string, account string) ([]search.Candidate, error) {
	return all(x.view, func(row scanner, c *search.Candidate) error {
		return row.Scan(&c.GUID, &c.State, &c.Owner, &c.Approval, &c.Receives)
	}, lookAt, account, document{guids})
}

// Load reads whole rows.
func (x index) Load(guids []string) ([]*report.Request, error) { return x.rows(guids) }

// Gap is where entries are still missing.
func (x index) Gap() (string, error) { return first(x.view, gapBefore) }

// first gives the only row there may be, or "".
func first(v *view, query string) (string, error) {
	rows, err := all(v, column[string], query)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

const (
	addText   = "INSERT INTO search_texts (guid, text) VALUES (?, ?) ON CONFLICT DO NOTHING"
	post      = "INSERT INTO search_postings (term, guid) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"
	addPhrase = "INSERT INTO search_phrases (word, phrase) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"
)

// enter makes the entry of a request.
func (x *tx) enter(guid string, asked *report.Asked) error {
	e := search.EntryOf(asked)
	if err := x.run(addText, guid, e.Text); err != nil {
		return err
	}
	for _, p := range e.Phrases {
		if x.recent.phrases[p.Key] {
			continue
		}
		if err := x.run(addPhrase, p.Key, document{p.Words}); err != nil {
			return err
		}
		x.recent.phrases[p.Key] = true
	}
	return x.run(post, guid, document{e.Terms})
}
