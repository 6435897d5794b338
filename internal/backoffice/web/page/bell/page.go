// Package bell is the list of notices nobody has looked at yet.
package bell

import "peyk/internal/backoffice/web/page/frame"

// Page is the unseen notices, newest first.
type Page struct {
	Notices []frame.Popup
}
