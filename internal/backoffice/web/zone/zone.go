// Package zone lists the time zones people choose from.
//
// Promise: every name is one that time.LoadLocation knows; there is one for each
// clock kept anywhere since 1970 (zone1970.tab of the IANA Time Zone Database,
// which is in the public domain), and UTC.
//
// Limits: other names of the same clocks are good, too, but not listed.
//
// Failure: none; the list is built into the program.
package zone

import (
	_ "embed"
	"strings"
)

//go:embed zones.txt
var names string

// Names lists them by name, UTC last.
func Names() []string { return strings.Fields(names) }
