package search

import (
	"slices"
	"strings"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// What bounds a search. At a handful of microseconds for each request looked at
// it ends within some twenty milliseconds.
const (
	block     = 250  // requests taken from each list at a time
	mostLooks = 2000 // requests looked at
	again     = 4    // after so many pieces another list may lead
	mostTerms = 32   // lists that make up that of one word
)

// Candidate is a request that may be a hit, without the rest of its row.
type Candidate struct {
	GUID            string
	State           report.State
	Owner, Approval string
	Receives        bool // the scope's account is a recipient, and not gone
}

// Line is those a request is found by: see Text.
type Line struct{ GUID, Text string }

// Index is what a store gives to be searched. All lists are newest first, of
// GUIDs before a given one, n at most.
type Index interface {
	Terms(prefix string, n int) ([]string, error) // terms of the words and phrases that begin so
	Posted(terms []string, before string, n int) ([]string, error)
	Named(prefix, before string, n int) ([]string, error) // GUIDs that begin so
	Listed(f ledger.Filter) ([]string, error)
	Texts(guids []string) ([]Line, error)                     // those that have an entry, in any order
	Look(guids []string, account string) ([]Candidate, error) // in any order
	Load(guids []string) ([]*report.Request, error)           // in their order
	Gap() (string, error)                                     // requests before this GUID have no entries yet; "": all have
}

// list gives a piece of one.
type list func(before string, n int) ([]string, error)

// walker is one search on its way.
type walker struct {
	index Index
	f     ledger.Filter
	query Query
	lists []list
	none  bool // a word is in no request
	hits  []string
}

// Run searches. A query without a word that is long enough finds nothing.
func Run(index Index, f ledger.Filter, typed string) (ledger.Found, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	w := &walker{index: index, f: f, query: Parse(typed)}
	if !w.query.Enough() {
		return ledger.Found{}, nil
	}
	gap, err := index.Gap()
	if err != nil {
		return ledger.Found{}, err
	}
	if err := w.open(); err != nil {
		return ledger.Found{}, err
	}
	rest := ""
	if !w.none {
		if rest, err = w.walk(); err != nil {
			return ledger.Found{}, err
		}
	}
	if gap != "" && rest < gap {
		rest = w.stopAt(gap)
	}
	requests, err := index.Load(w.hits)
	return ledger.Found{Requests: requests, Rest: rest}, err
}

// stopAt takes back what is older than where the index begins.
func (w *walker) stopAt(gap string) string {
	w.hits = slices.DeleteFunc(w.hits, func(guid string) bool { return guid < gap })
	if w.f.Before != "" && w.f.Before < gap {
		return w.f.Before
	}
	return gap
}

// open makes the lists: of the scope, and of each word that has one.
func (w *walker) open() error {
	w.lists = []list{func(before string, n int) ([]string, error) {
		f := w.f
		f.Before, f.Limit = before, n
		return w.index.Listed(f)
	}}
	for _, x := range w.query.words {
		if !x.leads() {
			continue
		}
		var terms []string
		if x.text != "" {
			var err error
			if terms, err = w.index.Terms(x.text, mostTerms+1); err != nil {
				return err
			}
		}
		switch {
		case len(terms) > mostTerms:
		case len(terms) == 0 && x.guid == "":
			w.none = true
		default:
			w.lists = append(w.lists, w.of(x, terms))
		}
	}
	return nil
}

// of is the list of one word.
func (w *walker) of(x word, terms []string) list {
	return func(before string, n int) (out []string, err error) {
		if len(terms) > 0 {
			if out, err = w.index.Posted(terms, before, n); err != nil {
				return nil, err
			}
		}
		if x.guid == "" {
			return out, nil
		}
		named, err := w.index.Named(x.guid, before, n)
		return Merge(n, out, named), err
	}
}

// walk goes back in time until enough was found, all was seen, or enough was
// looked at. It gives where it stopped; "": nowhere.
func (w *walker) walk() (rest string, err error) {
	at, leader := w.f.Before, 0
	for round := 0; round*block < mostLooks; round++ {
		var piece []string
		if round%again == 0 {
			leader, piece, err = w.lead(at)
		} else {
			piece, err = w.lists[leader](at, block)
		}
		if err != nil {
			return "", err
		}
		if rest, err := w.sift(piece); err != nil || rest != "" {
			return rest, err
		}
		if len(piece) < block {
			return "", nil
		}
		at = piece[len(piece)-1]
	}
	return at, nil
}

// lead finds the list whose next piece reaches furthest back: whatever has all
// the words stands in every list, so any of them will do.
func (w *walker) lead(at string) (leader int, best []string, err error) {
	for i, l := range w.lists {
		piece, err := l(at, block)
		if err != nil {
			return 0, nil, err
		}
		if i == 0 || further(piece, best) {
			leader, best = i, piece
		}
		if len(best) == 0 {
			break
		}
	}
	return leader, best, nil
}

// further reports whether piece a of a list reaches further back than b of
// another. One that is shorter than a block reaches to the end.
func further(a, b []string) bool {
	switch {
	case len(a) < block || len(b) < block:
		return len(a) < len(b)
	}
	return a[block-1] < b[block-1]
}

// sift adds the hits of a piece: first by its words, which are quickly read.
// Once there are enough it gives the last one.
func (w *walker) sift(piece []string) (rest string, err error) {
	lines, err := w.index.Texts(piece)
	if err != nil {
		return "", err
	}
	var matching []string
	for _, l := range lines {
		if w.query.Match(l.Text, l.GUID) {
			matching = append(matching, l.GUID)
		}
	}
	slices.SortFunc(matching, func(a, b string) int { return strings.Compare(b, a) })
	for few := range slices.Chunk(matching, min(w.f.Limit, block)) {
		if rest, err := w.take(few); err != nil || rest != "" {
			return rest, err
		}
	}
	return "", nil
}

// take adds those of a few that are in scope and in one of the states.
func (w *walker) take(few []string) (rest string, err error) {
	found, err := w.index.Look(few, w.f.Scope.Account)
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b Candidate) int { return strings.Compare(b.GUID, a.GUID) })
	for _, c := range found {
		if !w.in(c) {
			continue
		}
		w.hits = append(w.hits, c.GUID)
		if len(w.hits) == w.f.Limit {
			return c.GUID, nil
		}
	}
	return "", nil
}

// in reports whether a candidate is in scope and in one of the states.
func (w *walker) in(c Candidate) bool {
	r := report.Request{Asked: report.Asked{Owner: c.Owner, Approval: c.Approval}}
	in := w.f.Scope.Sees(&r) || c.Receives && w.f.Scope.Account != ""
	return in && (len(w.f.States) == 0 || slices.Contains(w.f.States, c.State))
}

// Merge makes one list of several, newest first, n at most.
func Merge(n int, lists ...[]string) []string {
	out := slices.Concat(lists...)
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(b, a) })
	out = slices.Compact(out)
	return out[:min(n, len(out))]
}

// After sorts behind every word that begins with the prefix.
func After(prefix string) string { return prefix + "\U0010FFFF" }
