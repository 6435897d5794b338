// Package profile is the page on which people choose how Peyk looks and speaks to
// them, and see who else can come in as them.
package profile

import "github.com/a-h/templ"

// Page is all of it. A form that was refused shows what was typed.
type Page struct {
	Did      string // what was just done, a sentence
	Email    string
	Settings Settings
	Password Password
	Sessions []Session
	Others   bool // there is another session than this
	Tokens   []Token
	New      NewToken
	Fresh    *Fresh // a token just made; shown this once
}

// Option is one of several to choose from.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Settings is the form of a person's choices.
type Settings struct {
	Languages   []Option
	Appearances []Option
	Zone        string
	Zones       []string
	ZoneHint    string
	ZoneProblem string
	Keys        bool
	News        []News
	Alarm       string
}

// News is one kind of news and the ways it comes.
type News struct {
	Kind, Label string
	Mail, Popup bool
}

// Password is the form for another one.
type Password struct {
	Least                                 string // how long it must be, a sentence
	OldProblem, NewProblem, RepeatProblem string
}

// Session is one open sign-in.
type Session struct {
	ID, Browser, Facts string
	Here               bool
}

// Token is one a person made for a program.
type Token struct {
	ID, Label, Scope, Facts string
	RunOut                  bool
}

// NewToken is the form for one.
type NewToken struct {
	Label, Days               string
	Scopes                    []Option
	LabelProblem, DaysProblem string
	Alarm                     string
}

// Fresh is a token that was just made.
type Fresh struct{ Label, Secret, Curl string }

// faulty ties a field to its problem.
func faulty(problem, key string) templ.Attributes {
	if problem == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "problem-" + key, "autofocus": true}
}
