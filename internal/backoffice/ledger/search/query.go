package search

import "strings"

// Shortest is how many letters a word needs to be looked for by itself.
const Shortest = 2

// mostAsked bounds the words of a query; what is beyond does not count.
const mostAsked = 8

// word is one that must be there.
type word struct {
	text string // folded; "": only a GUID can begin so
	guid string // what the GUID may begin with instead; "": it cannot
}

// Query is what somebody looks for.
type Query struct{ words []word }

// Parse reads a query as it was typed.
func Parse(typed string) Query {
	var q Query
	for _, field := range strings.Fields(typed) {
		if guid := strings.ToLower(field); shaped(guid) {
			w := word{guid: guid}
			if !strings.Contains(guid, "-") {
				w.text = cut(guid)
			}
			q.words = append(q.words, w)
			continue
		}
		for _, text := range split(field) {
			q.words = append(q.words, word{text: text})
		}
	}
	q.words = q.words[:min(len(q.words), mostAsked)]
	return q
}

// shaped reports whether a GUID may begin so (RFC 9562, section 4).
func shaped(s string) bool {
	for i, r := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdef", r) {
			return false
		}
	}
	return len(s) <= 36
}

// Enough reports whether a word is long enough to look for.
func (q Query) Enough() bool {
	for _, w := range q.words {
		if w.leads() {
			return true
		}
	}
	return false
}

func (w word) leads() bool { return len([]rune(w.text)) >= Shortest || len(w.guid) >= Shortest }

// Match reports whether a request with this text and GUID has every word.
func (q Query) Match(text, guid string) bool {
	for _, w := range q.words {
		named := w.guid != "" && strings.HasPrefix(guid, w.guid)
		if !named && (w.text == "" || !strings.Contains(text, " "+w.text)) {
			return false
		}
	}
	return true
}
