// Package reports is the live list of a person's reports.
package reports

import "peyk/internal/backoffice/web/standing"

// Page is the list as one tab shows it.
type Page struct {
	Summary string // how things stand, in a sentence
	Tabs    []Tab
	Query   string
	Show    string
	Groups  []Group
	Found   string // what a search came to; "": nothing was looked for
	Stopped bool   // the search has not looked at everything
	Older   string // address of the next page; "": there is none
	// OlderLabel says what is there.
	OlderLabel string
	Reload     string // address of this very list
	MayAsk     bool
}

// Tab is one part of the list.
type Tab struct {
	Href, Label, Count string
	Current            bool
}

// Group is the reports of a day, or of a longer while ago.
type Group struct {
	Title string
	Rows  []Row
}

// Row is one report. It has at most one action.
type Row struct {
	GUID, Title, Words string
	standing.Standing
	When, Exact string
	Unseen      bool
	Action      Action
	File        string // name of the file to download
	Label       string // its format
	Again       string // address of the filled-in form
}

// Action is what a row offers.
type Action string

// The actions.
const (
	None     Action = ""
	Download Action = "download"
	Collect  Action = "collect" // a download that is recorded: the report goes afterwards
	Cancel   Action = "cancel"
	AskAgain Action = "again"
)
