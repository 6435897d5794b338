package check

import (
	"cmp"
	"slices"
	"time"
)

// reading is the logs, sorted into what they tell of each request.
type reading struct {
	Logs
	stories []*story
	threads []*thread
	people  map[string]*Person
	found   []Violation

	byGUID map[string]*story
	byID   map[string]*thread // Message-ID
}

// story is one request as all the logs together tell it.
type story struct {
	guid     string
	rows     []*Entry // by Seq
	moves    []*Entry // those of them that move it
	lates    []*Entry
	told     []announcement
	boxes    []*box
	provider []*Provider // by At
	clients  []*Client   // all but the bell, by At
	bells    []*Client

	form *Client // the Submit it came from; nil: unknown
	rule string  // the role that approves; "": nobody has to
}

// announcement is one commit that told people.
type announcement struct {
	subject    string
	generation int
	version    int64
	at         time.Time
}

// read sorts the logs.
func read(l Logs) *reading {
	r := &reading{
		Logs: l, people: make(map[string]*Person, len(l.People)),
		byGUID: make(map[string]*story, 16), byID: make(map[string]*thread, 32),
	}
	for i := range l.People {
		r.people[l.People[i].Name] = &l.People[i]
	}
	for i := range l.Journal {
		s := r.story(l.Journal[i].GUID)
		s.rows = append(s.rows, &l.Journal[i])
	}
	for i := range l.Provider {
		s := r.story(l.Provider[i].GUID)
		s.provider = append(s.provider, &l.Provider[i])
	}
	for i := range l.Clients {
		r.client(&l.Clients[i])
	}
	for _, s := range r.stories {
		s.sort()
		s.form = submitted(s.clients)
		for _, e := range s.rows {
			r.row(s, e)
		}
	}
	r.mails()
	return r
}

// story finds or begins the story of a request.
func (r *reading) story(guid string) *story {
	if n := len(r.stories); n > 0 && r.stories[n-1].guid == guid {
		return r.stories[n-1]
	}
	s := r.byGUID[guid]
	if s == nil {
		s = &story{guid: guid}
		r.byGUID[guid] = s
		r.stories = append(r.stories, s)
	}
	return s
}

func (r *reading) client(c *Client) {
	s := r.story(c.GUID)
	if c.Op == Bell {
		s.bells = append(s.bells, c)
		return
	}
	s.clients = append(s.clients, c)
}

// sort puts what the logs bring in any order into that of the events.
func (s *story) sort() {
	sorted(s.rows, func(a, b *Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	sorted(s.provider, func(a, b *Provider) int { return a.At.Compare(b.At) })
	sorted(s.clients, func(a, b *Client) int { return a.At.Compare(b.At) })
}

// sorted sorts only what is not in order yet: logs mostly are.
func sorted[T any](rows []T, by func(a, b T) int) {
	if !slices.IsSortedFunc(rows, by) {
		slices.SortStableFunc(rows, by)
	}
}

// row files what one row of the journal says besides its being there.
func (r *reading) row(s *story, e *Entry) {
	if e.Kind == move {
		s.moves = append(s.moves, e)
		if e.To == awaiting {
			s.rule = text(e.Evidence, "rule")
		}
		return
	}
	switch e.Name {
	case "announced":
		s.tell(e, text(e.Evidence, "subject"))
	case "taken": // one for each file: the same commit announces once
		s.tell(e, aboutReady)
	case "late":
		s.lates = append(s.lates, e)
	default:
		r.letter(s, e)
	}
}

func (s *story) tell(e *Entry, subject string) {
	if n := len(s.told); n > 0 && s.told[n-1].subject == subject && s.told[n-1].at.Equal(e.At) {
		return
	}
	s.told = append(s.told, announcement{subject, e.Generation, e.Version, e.At})
}

// submitted is the call the request came from: one that was answered 202, else
// the one whose answer was lost. Several different ones leave it open.
func submitted(clients []*Client) *Client {
	var lost *Client
	vague := false
	for _, c := range clients {
		switch {
		case c.Op != Submit:
		case c.Status == 202:
			return c
		case c.Status != 0 && c.Status < 500: // refused
		case lost == nil:
			lost = c
		default:
			vague = vague || !sameForm(lost, c)
		}
	}
	if vague {
		return nil
	}
	return lost
}

func sameForm(a, b *Client) bool {
	return a.Who == b.Who && a.Type == b.Type && slices.Equal(a.Recipients, b.Recipients)
}

// last is the last move; nil if there is none.
func (s *story) last() *Entry {
	if len(s.moves) == 0 {
		return nil
	}
	return s.moves[len(s.moves)-1]
}

// at is the last move made by then; nil if there was none.
func (s *story) at(t time.Time) *Entry {
	for i := len(s.moves) - 1; i >= 0; i-- {
		if !s.moves[i].At.After(t) {
			return s.moves[i]
		}
	}
	return nil
}

// until is when the state that move i entered was left, or the end of the logs.
func (r *reading) until(s *story, i int) time.Time {
	if i+1 < len(s.moves) {
		return s.moves[i+1].At
	}
	return r.End
}
