package bench

import (
	"time"

	"peyk/internal/bench/document"
	"peyk/internal/bench/machine"
	"peyk/internal/bench/profile"
)

// Document is all that was measured in one run.
type Document struct {
	At       time.Time       `json:"at"`
	Command  string          `json:"command"`
	Version  string          `json:"version"`
	Machine  machine.Line    `json:"machine"`
	Journeys []JourneyReport `json:"journeys,omitempty"`
	Accept   []AcceptReport  `json:"accept,omitempty"`
	Idle     []IdleReport    `json:"idle,omitempty"`

	Documents *document.Figures `json:"documents,omitempty"`
}

// Head is what the document says of its run.
func (d Document) Head() document.Head {
	return document.Head{At: d.At, Command: d.Command, Version: d.Version, Machine: d.Machine}
}

// JourneyReport is a measurement of whole journeys.
type JourneyReport struct {
	Title   string                     `json:"title"`
	Aim     string                     `json:"aim,omitempty"`
	Rounds  []Round                    `json:"rounds"`
	Pair    *Pair                      `json:"pair,omitempty"`
	Profile map[string][]profile.Share `json:"profile,omitempty"` // by process
}

// Add takes in what another document measured.
func (d *Document) Add(more Document) {
	d.Journeys = append(d.Journeys, more.Journeys...)
	d.Accept = append(d.Accept, more.Accept...)
	d.Idle = append(d.Idle, more.Idle...)
	if more.Documents != nil {
		d.Documents = more.Documents
	}
}
