package check

import "time"

// stories are legal journeys, by name.
func stories() map[string]func() *world {
	return map[string]func() *world{
		"ready": readyStory, "approved": approvedStory, "declined": declinedStory, "expired": expiredStory,
		"cancelled while it waits": func() *world { return cancelledIn(awaiting) },
		"cancelled accepted":       func() *world { return cancelledIn(accepted) },
		"cancelled submitting":     func() *world { return cancelledIn(submitting) },
		"cancelled preparing":      func() *world { return cancelledIn(preparing) },
		"cancelled ready":          func() *world { return cancelledIn(ready) },
		"rejected":                 rejectedStory, "redriven": redrivenStory, "next generation": forgottenStory,
		"fetched again": damagedStory, "unknown": unknownStory, "bounced": bouncedStory, "deferred": deferredStory,
		"left behind": leftBehindStory, "late": lateStory, "with history": historyStory, "open letters": openStory,
		"requester gone": goneStory, "recipient gone": recipientGoneStory, "forgotten before the 202": postedTwiceStory,
		"zombie's message": zombieStory, "overtaken": overtakenStory, "refused twice": refusedStory, "many": manyStory,
	}
}

func readyStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).both(aboutReady).deliver().clean(1).collects("deniz").collects("umut")
	w.call("deniz", Status, q.guid, 200)
	w.call("onur", Status, q.guid, 200)
	w.call("yaren", Status, q.guid, 404)
	w.call("onur", File, q.guid, 404)
	w.Storage = []string{q.guid + "/1/report.pdf.4"}
	return w
}

func approvedStory() *world {
	w := newWorld()
	q := w.ask("approver").told(aboutAsking).posted(aboutAsking, "defne").approvedBy("defne")
	q.here().told(aboutReady).both(aboutReady).deliver().clean(1).purge()
	w.call("defne", Status, q.guid, 200)
	return w
}

func declinedStory() *world {
	w := newWorld()
	q := w.ask("approver").told(aboutAsking).posted(aboutAsking, "defne")
	w.call("deniz", Approve, q.guid, 403)
	w.call("defne", Decline, q.guid, 200)
	q.move(declined, trigger, evidence{"declined_by": "defne", "reason": "too dear"})
	q.told("declined").both("declined").purge()
	return w
}

func expiredStory() *world {
	w := newWorld()
	q := w.ask("approver").told(aboutAsking)
	w.pass(24 * time.Hour)
	q.end(expired, trigger, nil)
	q.letter(void, aboutAsking, "defne")
	q.told("expired").both("expired")
	return w
}

func cancelledIn(state string) *world {
	w := newWorld()
	rule := ""
	if state == awaiting {
		rule = "approver"
	}
	q := w.ask(rule)
	switch state {
	case submitting:
		q.tick()
		q.move(submitting, gateway, nil)
		q.provides(Posted)
	case preparing:
		q.submit()
	case ready:
		q.submit().ready()
	}
	q.cancelledBy("deniz")
	if state == submitting || state == preparing || state == ready {
		q.clean(1)
	}
	return w
}

func rejectedStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	q.provides(Refused)
	q.end(rejected, gateway, evidence{"code": "row-cap"}).told("rejected").both("rejected").clean(1)
	return w
}

// redrivenStory: the DELETE of the first generation arrives after the redrive,
// and one letter about the failure is overtaken by it.
func redrivenStory() *world {
	w := newWorld()
	q := w.ask("").submit()
	q.end(failed, gateway, evidence{"code": "deadline"}).told("failed").posted("failed", "deniz")
	q.redriven().clean(1)
	q.letter(void, "failed", "umut")
	q.here().told(aboutReady).both(aboutReady).deliver().clean(2)
	return w
}

func forgottenStory() *world {
	w := newWorld()
	w.ask("").submit().again().again().ready().store().told(aboutReady).both(aboutReady).deliver().clean(3)
	return w
}

// damagedStory: one letter was out, the other is opened again and written anew
// under its Message-ID; the relay had surely refused its first form.
func damagedStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "deniz")
	q.sending(aboutReady, "umut", false)
	q.dot(aboutReady, "umut", 451, false)
	q.letter(deferred, aboutReady, "umut")
	q.letter(void, aboutReady, "umut")
	q.move(ready, trace, evidence{"damaged": []string{"report.pdf"}})
	q.store().told(aboutReady)
	q.sending(aboutReady, "umut", false)
	q.dot(aboutReady, "umut", 250, true).SHA256 = "written anew"
	q.letter(sent, aboutReady, "umut")
	q.deliver().clean(1)
	return w
}

func unknownStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
	q.sending(aboutReady, "deniz", false)
	q.dot(aboutReady, "deniz", 0, true)
	q.letter(unknown, aboutReady, "deniz")
	w.pass(10 * time.Minute)
	q.sending(aboutReady, "deniz", true)
	q.dot(aboutReady, "deniz", 250, true)
	q.letter(sent, aboutReady, "deniz")
	q.deliver().clean(1)
	return w
}

func bouncedStory() *world {
	w := newWorld()
	q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
	q.sending(aboutReady, "deniz", false)
	q.dot(aboutReady, "deniz", 554, false)
	q.letter(bounced, aboutReady, "deniz")
	q.deliver().clean(1)
	return w
}
