package search

import (
	"crypto/sha256"
	"encoding/hex"

	"peyk/internal/report"
)

// Phrase is a text that many requests share, a title or a person's name. It
// stands in the lists by its key, as one entry instead of one for each word.
type Phrase struct {
	Key   string // unlike any word
	Words []string
}

// Entry is what an index keeps of a request.
type Entry struct {
	Text    string   // see Text
	Phrases []Phrase // its title, its owner's name
	Terms   []string // in which lists it stands: the keys of its phrases, the words of its sentence
}

// EntryOf makes the entry of what was asked.
func EntryOf(a *report.Asked) Entry {
	e := Entry{Text: Text(a), Terms: []string{}}
	for _, text := range []string{a.Title.TR + " " + a.Title.EN, a.OwnerName} {
		if words := Words(text); len(words) > 0 {
			p := Phrase{Key: key(words), Words: words}
			e.Phrases, e.Terms = append(e.Phrases, p), append(e.Terms, p.Key)
		}
	}
	e.Terms = append(e.Terms, Words(a.Sentence.TR+" "+a.Sentence.EN)...)
	return e
}

// key begins with a sign no word has. Half of a SHA-256 is enough: whoever makes
// two names meet sees the requests of neither, for the text decides.
func key(words []string) string {
	sum := sha256.Sum256([]byte(written(words)))
	return "=" + hex.EncodeToString(sum[:8])
}
