package operations

import "peyk/internal/backoffice/web/standing"

// Search is what the operator looked for and what there is of it.
type Search struct {
	Said       string // in a sentence; "": nothing was looked for
	Hits       []Hit
	Stopped    bool   // not everything was looked at
	Older      string // address of what comes after; "": nothing
	OlderLabel string
}

// Hit is one request.
type Hit struct {
	GUID, Title, Words, Who string
	standing.Standing
	When, Exact string
}
