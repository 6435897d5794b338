package check

import "time"

func deferredStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
	for range 3 {
		q.sending(aboutReady, "deniz", false)
		q.dot(aboutReady, "deniz", 451, false)
		q.letter(deferred, aboutReady, "deniz")
		w.pass(time.Hour)
	}
	w.pass(21 * time.Hour)
	q.letter(givenUp, aboutReady, "deniz")
	q.fact("late", trace, nil)
	q.alarm(aboutLate)
	q.deliver().clean(1)
	w.Calm = w.now
	return w
}

func leftBehindStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).both(aboutReady).deliver()
	w.pass(25 * time.Hour)
	q.fact("left_behind", gateway, evidence{"error": "down", "generations_up_to": float64(1)})
	return w
}

func lateStory() *world {
	w := newWorld()
	w.ask("").slowly(15 * time.Minute)
	return w
}

// slowly is called late after a time, and takes ten minutes more.
func (q *quest) slowly(after time.Duration) {
	q.submit()
	q.pass(after)
	q.fact("late", trace, evidence{"expected_by": q.now})
	q.alarm(aboutLate)
	q.pass(10 * time.Minute)
	q.ready().store().told(aboutReady).both(aboutReady).deliver().clean(1)
}

// historyStory: the second is promised as quickly as the first came.
func historyStory() *world {
	w := newWorld()
	w.ask("").here().told(aboutReady).both(aboutReady).deliver().clean(1)
	w.ask("").slowly(time.Minute)
	return w
}

// openStory: a day after it was announced a letter still waits.
func openStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "deniz")
	w.pass(15 * time.Minute)
	q.fact("late", trace, nil)
	q.alarm(aboutLate)
	w.pass(24*time.Hour - 15*time.Minute)
	q.move(delivered, trace, evidence{"open": []string{"umut"}})
	q.clean(1)
	q.letter(givenUp, aboutReady, "umut")
	return w
}

// goneStory: who asked leaves while it is prepared.
func goneStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	w.person("deniz").GoneAt = w.tick()
	q.end(cancelled, trigger, evidence{"cancelled_by": "system", "reason": "requester-gone"})
	q.fact("recipient_gone", trace, evidence{"account": "deniz"})
	q.told("cancelled").both("cancelled").clean(1)
	w.call("deniz", Status, q.guid, 401)
	return w
}

func recipientGoneStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady)
	w.person("umut").GoneAt = w.tick()
	q.letter(void, aboutReady, "umut")
	q.posted(aboutReady, "deniz").deliver().clean(1)
	w.call("umut", File, q.guid, 404)
	return w
}

// postedTwiceStory: the provider forgets what it accepted before its 202 was
// heard, and the same POST makes the same generation once more.
func postedTwiceStory() *world {
	w := newWorld()
	q := w.ask("")
	q.tick()
	q.move(submitting, gateway, nil)
	q.provides(Posted)
	q.provides(Published).Files = map[string]string{"report.pdf": "lost"}
	q.provides(Forgot)
	q.post().ready().store().told(aboutReady).both(aboutReady).deliver().clean(1)
	return w
}

// zombieStory: a process that was stopped in SENDING finishes its message after
// its successor's.
func zombieStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
	q.sending(aboutReady, "deniz", false)
	q.letter(unknown, aboutReady, "deniz")
	q.sending(aboutReady, "deniz", true)
	q.dot(aboutReady, "deniz", 250, true)
	q.dot(aboutReady, "deniz", 0, true)
	q.letter(sent, aboutReady, "deniz")
	q.deliver().clean(1)
	return w
}

// overtakenStory: a letter of the first failure is confirmed while the second
// round runs; the third damage fails the second, and its own letters go out.
func overtakenStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	q.end(failed, gateway, nil).told("failed").posted("failed", "deniz")
	q.sending("failed", "umut", false)
	first := *q
	q.redriven()
	first.dot("failed", "umut", 250, true)
	q.letter(sent, "failed", "umut")
	q.submit().ready().store().told(aboutReady).damaged().store().told(aboutReady).damaged().store()
	q.end(failed, trace, evidence{"damaged": []string{"report.pdf"}})
	q.letter(void, aboutReady, "deniz")
	q.letter(void, aboutReady, "umut")
	q.told("failed").both("failed").clean(2)
	return w
}

func refusedStory() *world {
	w := newWorld()
	q := w.ask("").submit().ready()
	for range 2 {
		q.provides(Served).Files = map[string]string{"report.pdf": "a lie"}
		q.tick()
		q.fact("refused", gateway, evidence{"file": "report.pdf", "code": "digest-mismatch"})
	}
	q.store().told(aboutReady).both(aboutReady).deliver().clean(1)
	return w
}

// manyStory is five requests at once, about what a seed leaves behind.
func manyStory() *world {
	w := newWorld()
	all := make([]*quest, 5)
	for i := range all {
		all[i] = w.ask("approver").told(aboutAsking).posted(aboutAsking, "defne").approvedBy("defne").submit().again()
	}
	for _, q := range all {
		q.ready()
	}
	for _, q := range all {
		q.store().told(aboutReady).posted(aboutReady, "umut").damaged().store().told(aboutReady)
		for again := range 2 {
			q.sending(aboutReady, "deniz", again > 0)
			q.dot(aboutReady, "deniz", 0, true)
			q.letter(unknown, aboutReady, "deniz")
		}
		q.sending(aboutReady, "deniz", true)
		q.dot(aboutReady, "deniz", 250, true)
		q.letter(sent, aboutReady, "deniz")
		q.deliver().clean(2).collects("deniz").purge()
	}
	return w
}
