// Package bell is the list of notices: those nobody has looked at yet, and those
// seen before.
//
// Promise: newest first; what is unseen has its dot and the word for it.
//
// Limits: a page is what it is given; older ones are a link away.
//
// Failure: none; drawing goes to memory.
package bell

import "peyk/internal/backoffice/web/page/frame"

// Page is a stretch of the notices, newest first.
type Page struct {
	Summary string // how things stand
	Notices []frame.Popup
	UpTo    int64  // the newest notice, for marking all as seen
	Reload  string // this page's address
	Older   string // address of the next stretch; "": there is none
}
