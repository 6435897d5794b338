package report

import "time"

// File is what is known of one file of a report: the provider declares it,
// the gateway believes it only after it has counted and hashed the bytes.
type File struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`   // bytes
	SHA256    string `json:"sha256"` // lower-case hex
	Pages     int    `json:"pages,omitempty"`
	Rows      int    `json:"rows"`
}

// SourceState tells how much of a source went into the report.
type SourceState string

// The states a source can be in.
const (
	SourceComplete  SourceState = "complete"
	SourcePartial   SourceState = "partial" // a cap was reached and the report's policy allows it
	SourceUnreached SourceState = "unreached"
)

// Source is one place the rows came from, as the last page of the document
// lists it.
type Source struct {
	Name  string      `json:"name"`
	State SourceState `json:"state"`
	Rows  int         `json:"rows"` // rows read
	AsOf  time.Time   `json:"as_of"`
}

// Manifest travels with the files of one generation.
type Manifest struct {
	Files   []File   `json:"files"`
	Sources []Source `json:"sources"`
}

// Empty reports whether the document holds no data: a sentence, no rows.
func (m Manifest) Empty() bool {
	if len(m.Files) == 0 {
		return false
	}
	for _, f := range m.Files {
		if f.Rows > 0 {
			return false
		}
	}
	return true
}

// Partial reports whether any source went in incompletely.
func (m Manifest) Partial() bool {
	for _, s := range m.Sources {
		if s.State != SourceComplete {
			return true
		}
	}
	return false
}
