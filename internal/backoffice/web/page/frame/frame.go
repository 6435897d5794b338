// Package frame is what every page has in common: the menu, the bell, the
// popups, the shapes of the icons.
//
// Promise: a page is drawn from what is in its structs alone; nothing is looked
// up while it is drawn, so a page that begins to be written is whole.
//
// Limits: the menu shows only what it is given, and it is given only what the
// person may do.
//
// Failure: none; drawing goes to memory.
package frame

import (
	"strconv"

	"github.com/a-h/templ"

	"peyk/internal/backoffice/web/standing"
	"peyk/internal/backoffice/web/words"
)

// Frame is around a page.
type Frame struct {
	W      *words.Words
	Asset  func(name string) string // address of a built-in file
	Title  string                   // of the browser's tab
	Active string                   // key of the menu item
	Who    Person
	Menu   []Item
	Unseen int     // notices in the bell
	After  int64   // the newest notice on this page; live news begins behind it
	Drawn  int64   // when this page was drawn, in milliseconds since 1970
	Popups []Popup // at most three, oldest first
	Said   string  // what became of the last act, if it did not go as wished

	Appearance string // light or dark; "": as the device says
	Keys       bool   // single keys are shortcuts
}

// Person is somebody as pages show them.
type Person struct {
	Account  string
	Name     string
	Initials string
	Roles    string // in words
}

// Item is one entry of the menu.
type Item struct {
	Key, Href, Label, Icon string
	Count                  int
	Elsewhere              bool // in a tab of its own: no page of ours
}

func (i Item) attributes(active string) templ.Attributes {
	if i.Elsewhere {
		return templ.Attributes{"target": "_blank", "rel": "noopener noreferrer"}
	}
	return Current(i.Key == active)
}

// Popup is one notice on the screen.
type Popup struct {
	Seq   int64
	GUID  string
	Icon  standing.Icon
	Word  string // what happened
	Title string // of the report
	Open  string // the words on the way to it
	When  string
	File  *File // to be had at once; nil: none
	Seen  bool
	Back  string // the page it floats over, for who has no script

	Arriving bool // it appears on a page that is open already
}

// scheme is what the browser paints before the style sheet is there.
func (f Frame) scheme() string {
	if f.Appearance == "" {
		return "light dark"
	}
	return f.Appearance
}

// appearance lets the style sheet hold to what the person chose.
func (f Frame) appearance() templ.Attributes {
	if f.Appearance == "" {
		return nil
	}
	return templ.Attributes{"data-appearance": f.Appearance}
}

// keys tells the script whether single keys are shortcuts (WCAG 2.2, 2.1.4).
func (f Frame) keys() string {
	if f.Keys {
		return "on"
	}
	return "off"
}

// File is a document of a report.
type File struct {
	Name, Format, Size string
	Once               bool // it goes when it was had
}

func (f Frame) events() string {
	return "/events?after=" + strconv.FormatInt(f.After, 10) + "&drawn=" + strconv.FormatInt(f.Drawn, 10)
}

// title says how much is unseen before it says where one is.
func (f Frame) title() string {
	title := f.Title + " · Peyk"
	if f.Unseen > 0 {
		return "(" + f.W.Number(int64(f.Unseen)) + ") " + title
	}
	return title
}

func bellLabel(w *words.Words, unseen int) string {
	if unseen == 0 {
		return w.Say("bell.none")
	}
	return w.Count("bell.count", unseen)
}

// badge is the count beside the bell, where there is room for two digits.
func badge(w *words.Words, unseen int) string {
	if unseen > 99 {
		return "99+"
	}
	return w.Number(int64(unseen))
}

// htmxConfig turns off what a strict content security policy would break.
// It settles at once: what was swapped in hears no news before it is settled.
const htmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"historyCacheSize":0,"defaultSettleDelay":0,"attributesToSettle":["class"],"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// Current marks the entry of a list that the page is about.
func Current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
