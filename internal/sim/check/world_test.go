package check

import (
	"fmt"
	"time"
)

// evidence is what a row of the journal shows.
type evidence = map[string]any

// world writes logs as a correct company would leave them.
type world struct {
	Logs
	now time.Time
	n   int // requests begun
}

// The people: deniz asks, umut receives too, defne decides, onur and ada look
// after it all, yaren has nothing to do with it.
func newWorld() *world {
	w := &world{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	for name, roles := range map[string][]string{
		"deniz": {"requester"}, "umut": {"requester"}, "yaren": {"requester", "author"},
		"defne": {"requester", "approver"}, "onur": {"operator"}, "ada": {"admin"},
	} {
		w.People = append(w.People, Person{Name: name, Email: name + "@kule.example", Roles: roles})
	}
	w.Calm = w.now
	return w
}

// tick lets a second pass and gives the time.
func (w *world) tick() time.Time { return w.pass(time.Second) }

func (w *world) pass(d time.Duration) time.Time {
	w.now = w.now.Add(d)
	return w.now
}

func (w *world) person(name string) *Person {
	for i := range w.People {
		if w.People[i].Name == name {
			return &w.People[i]
		}
	}
	panic("nobody is called " + name)
}

func (w *world) logs() Logs {
	w.End = w.now.Add(time.Hour)
	return w.Logs
}

// quest is one request of a world.
type quest struct {
	*world
	guid       string
	rule       string
	state      string
	seq        int64
	version    int64
	generation int
	sum        string // SHA-256 of the result of this generation
}

func (w *world) call(who, op, guid string, status int) *Client {
	w.Clients = append(w.Clients, Client{At: w.tick(), Who: who, Op: op, GUID: guid, Status: status})
	return &w.Clients[len(w.Clients)-1]
}

// ask begins a request; rule "" needs no approval.
func (w *world) ask(rule string) *quest {
	w.n++
	q := &quest{world: w, guid: fmt.Sprintf("0195-%d", w.n), rule: rule, generation: 1}
	c := w.call("deniz", Submit, q.guid, 202)
	c.Type, c.Recipients = "top-games.v1", []string{"umut"}
	q.version = 1
	q.fact("asked", "requester", nil)
	q.fact("stamped", "web", nil)
	q.version = 0
	if rule == "" {
		q.move(accepted, trigger, evidence{"rule": "no approval"})
	} else {
		q.move(awaiting, trigger, evidence{"rule": rule})
	}
	return q
}

// row appends a row to the journal, of this very moment.
func (q *quest) row(e Entry) *Entry {
	q.seq++
	e.GUID, e.Seq, e.At, e.Version, e.Generation = q.guid, q.seq, q.now, q.version, q.generation
	q.Journal = append(q.Journal, e)
	return &q.Journal[len(q.Journal)-1]
}

func (q *quest) move(to, role string, ev evidence) {
	q.version++
	if nextGeneration(q.state, to) {
		q.generation++
	}
	q.row(Entry{Role: role, Kind: move, Name: to, From: q.state, To: to, Evidence: ev})
	q.state = to
}

func (q *quest) fact(name, role string, ev evidence) {
	q.row(Entry{Role: role, Kind: fact, Name: name, Evidence: ev})
}

func (q *quest) provides(what string) *Provider {
	q.Provider = append(q.Provider, Provider{At: q.tick(), What: what, GUID: q.guid, Generation: q.generation})
	return &q.Provider[len(q.Provider)-1]
}

// submit posts it, and hears 202.
func (q *quest) submit() *quest {
	q.tick()
	q.move(submitting, gateway, evidence{"stream_sequence": uint64(7)})
	return q.post()
}

func (q *quest) post() *quest {
	q.provides(Posted)
	q.tick()
	q.move(preparing, gateway, nil)
	return q
}

// ready publishes the result and looks.
func (q *quest) ready() *quest {
	q.sum = fmt.Sprintf("sha-%s-%d", q.guid, q.generation)
	q.provides(Published).Files = map[string]string{"report.pdf": q.sum}
	q.tick()
	q.fact("webhook", "reader", evidence{"generation": q.generation})
	return q.found()
}

// found moves to READY, with the fact in its commit written before it.
func (q *quest) found() *quest {
	q.tick()
	q.version++
	q.fact("prepared", "reporting-app", evidence{"files": 1})
	q.version--
	q.move(ready, gateway, nil)
	return q
}

// store fetches the file and keeps it.
func (q *quest) store() *quest {
	q.provides(Served).Files = map[string]string{"report.pdf": q.sum}
	q.tick()
	q.fact("fetched", gateway, evidence{"file": "report.pdf", "bytes": int64(5)})
	q.move(stored, gateway, evidence{"file": "report.pdf", "sha256": q.sum})
	return q
}

// here brings a fresh request all the way to STORED.
func (q *quest) here() *quest { return q.submit().ready().store() }

// told announces subject to the receivers, or the approvers.
func (q *quest) told(subject string) *quest {
	q.tick()
	people := []string{"deniz", "umut"}
	if subject == aboutAsking {
		people = []string{"defne"}
	}
	for _, who := range people {
		if q.person(who).GoneAt.IsZero() {
			q.bell(who, subject)
		}
	}
	if subject == aboutReady {
		q.fact("taken", trace, evidence{"file": "report.pdf", "sha256": q.sum})
	} else {
		q.fact("announced", trace, evidence{"subject": subject, "people": len(people)})
	}
	return q
}

func (q *quest) bell(who, subject string) {
	for _, c := range q.Clients {
		if c.Op == Bell && c.GUID == q.guid && c.Who == who && c.Subject == subject && c.Generation == q.generation {
			return
		}
	}
	q.Clients = append(q.Clients, Client{At: q.now, Who: who, Op: Bell, GUID: q.guid, Status: 200, Generation: q.generation, Subject: subject})
}
