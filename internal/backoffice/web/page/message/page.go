// Package message is the page for when there is no page: not found, not
// allowed, not now.
package message

// Page says what happened and where to go from here.
type Page struct {
	Title, Text string
	Link, Label string // the one way on
}
