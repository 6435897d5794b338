package check

import "testing"

// repeated asks for the letter to one of both once more.
func (q *quest) repeated(who string) *quest {
	q.tick()
	q.fact(asked, "requester", evidence{"by": "deniz", "to": []any{who}, "subject": "ready+1"})
	q.sending("ready+1", who, false)
	q.dot("ready+1", who, 250, true).Attached = map[string]string{"report.pdf": q.sum}
	q.letter(sent, "ready+1", who)
	return q
}

// A letter somebody asked for again is no second one, and one that nobody asked
// for is.
func TestLettersAskedForAgain(t *testing.T) {
	t.Parallel()
	w := readyStory()
	w.again("0195-1").repeated("umut")
	for _, v := range Check(w.logs()) {
		t.Error(v)
	}
	for name, spoil := range map[string]func(*Entry){
		"nobody":      func(e *Entry) { e.Name = "other" },
		"for another": func(e *Entry) { e.Evidence["to"] = []any{"deniz"} },
		"another one": func(e *Entry) { e.Evidence["subject"] = "ready+2" },
	} {
		w := readyStory()
		w.again("0195-1").repeated("umut")
		spoil(w.entry(asked, 0))
		if got := Check(w.logs()); len(got) != 1 || got[0].Invariant != 6 {
			t.Errorf("%s asked: got %v, want I6 broken once", name, got)
		}
	}
}

// A letter that it is late goes to who asked, after it was said, and while it is
// on its way.
func TestLettersAboutAMissedPromise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who       string
		spoil     func(*world)
		invariant int
	}{
		"well":       {"deniz", func(*world) {}, 0},
		"to another": {"umut", func(*world) {}, 9},
		"too early": {"deniz", func(w *world) {
			said, went := w.entry("late", 0), w.entry("mail_sending", 0)
			said.Seq, went.Seq = went.Seq, said.Seq
		}, 7},
	} {
		w := newWorld()
		q := w.ask("").submit()
		q.pass(withoutRecord)
		q.fact("late", trace, evidence{"expected_by": q.now})
		q.alarm(aboutLate)
		q.posted(aboutLate, c.who)
		q.ready().store().told(aboutReady).both(aboutReady).deliver().clean(1)
		c.spoil(w)
		found := false
		got := Check(w.logs())
		for _, v := range got {
			found = found || v.Invariant == c.invariant
		}
		if found != (c.invariant != 0) || c.invariant == 0 && len(got) > 0 {
			t.Errorf("%s: got %v, want I%d broken", name, got, c.invariant)
		}
	}
}
