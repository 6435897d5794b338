// Package confirm is the question before an act that cannot be taken back. It is
// a page, so that it works without a script.
package confirm

// Page is the question.
type Page struct {
	Title  string
	Report string // its title
	Short  string // its values
	Text   string // what will happen
	Action string // where the answer goes
	Do     string // words on the button that does it
	Back   string // where to go without doing it
	Leave  string // words on the way there

	Reason  string // as typed
	Problem string // why nothing came of it; "": it is the first time
}
