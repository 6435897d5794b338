package check

import "time"

// oddStories are legal journeys off the beaten way, by name.
func oddStories() map[string]func() *world {
	return map[string]func() *world{
		"rejected by the POST": refusedPostStory, "a file gone": fileGoneStory, "failed at its deadline": deadlineStory,
		"a stopped POST": stoppedPostStory, "two files": twoFilesStory, "unknown three times": unknownThriceStory,
		"the answer was lost": lostAnswerStory, "late while ACCEPTED": lateAcceptedStory,
		"written anew as another kind": otherKindStory, "back after five hours": backStory,
	}
}

func refusedPostStory() *world {
	w := newWorld()
	q := w.ask("")
	q.tick()
	q.move(submitting, gateway, nil)
	q.end(rejected, gateway, evidence{"code": "invalid-parameters"}).told("rejected").both("rejected")
	return w
}

func fileGoneStory() *world {
	w := newWorld()
	q := w.ask("").submit().ready()
	q.end(preparing, gateway, evidence{"status": 410})
	q.found().store().told(aboutReady).both(aboutReady).deliver().clean(1)
	return w
}

func deadlineStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	q.pass(15 * time.Minute)
	q.fact("late", trace, nil)
	q.alarm(aboutLate)
	q.pass(6*time.Hour + 5*time.Minute - 15*time.Minute)
	q.end(failed, gateway, evidence{"deadline": q.now}).told("failed").both("failed").clean(1)
	return w
}

// stoppedPostStory: a process that was stopped sends its POST after the provider
// forgot what came of the first; the second result is another.
func stoppedPostStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut").damaged()
	q.provides(Forgot)
	q.end(preparing, gateway, evidence{"status": 404})
	q.provides(Posted)
	q.sum = "another"
	q.provides(Published).Files = map[string]string{"report.pdf": q.sum}
	q.found().store().told(aboutReady).posted(aboutReady, "deniz").deliver().clean(1)
	return w
}

func twoFilesStory() *world {
	w := newWorld()
	q := w.ask("").submit().ready()
	w.provided(Published).Files["table.pdf"] = "sha-table"
	q.tick()
	q.fact("fetched", gateway, evidence{"file": "table.pdf", "sha256": "sha-table"})
	q.store().told(aboutReady)
	q.fact("taken", trace, evidence{"file": "table.pdf", "sha256": "sha-table"})
	q.both(aboutReady).deliver().clean(1)
	return w
}

// unknownThriceStory: three processes in a row were killed while they sent.
func unknownThriceStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
	for i := range 3 {
		q.sending(aboutReady, "deniz", i > 0)
		q.letter(unknown, aboutReady, "deniz")
	}
	q.sending(aboutReady, "deniz", true)
	q.dot(aboutReady, "deniz", 250, true)
	q.letter(sent, aboutReady, "deniz")
	q.deliver().clean(1)
	return w
}

// lostAnswerStory: it was recorded, and the answers said otherwise.
func lostAnswerStory() *world {
	w := readyStory()
	first := *w.called(Submit)
	w.called(Submit).Status = 500
	first.At, first.Status = first.At.Add(time.Millisecond), 0
	w.Clients = append(w.Clients, first)
	return w
}

func lateAcceptedStory() *world {
	w := newWorld()
	q := w.ask("")
	q.pass(17*time.Minute - time.Second)
	q.fact("late", trace, nil)
	q.alarm(aboutLate)
	q.pass(time.Hour)
	q.here().told(aboutReady).both(aboutReady).deliver().clean(1)
	return w
}

// otherKindStory: what was refused as one kind of letter goes out as another.
func otherKindStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "deniz")
	q.sending(aboutReady, "umut", false)
	q.dot(aboutReady, "umut", 451, true)
	q.letter(deferred, aboutReady, "umut")
	q.damaged().store().told(aboutReady)
	q.sending(aboutReady, "umut", false)
	q.dot(aboutReady, "umut", 250, true).MessageID = "<empty>"
	w.entry("mail_sending", 2).Evidence["message_id"] = "<empty>"
	q.letter(sent, aboutReady, "umut")
	q.deliver().clean(1)
	return w
}

// backStory: six hours begin anew when damaged bytes are to be fetched again.
func backStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	q.pass(15 * time.Minute)
	q.fact("late", trace, nil)
	q.alarm(aboutLate)
	q.pass(5 * time.Hour)
	q.ready().store().damaged()
	q.pass(3 * time.Hour)
	q.store().told(aboutReady).both(aboutReady).deliver().clean(1)
	return w
}
