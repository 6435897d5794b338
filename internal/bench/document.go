package bench

import (
	"time"

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
}
