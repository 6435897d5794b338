package check

import "time"

// oddForgeries are lies only seen off the beaten way.
func oddForgeries() []forgery {
	out := []forgery{
		{3, "no file of generation 2 was fetched", forged(func(w *world) { // the first generation's does not count
			q := w.ask("").submit().ready()
			q.fact("fetched", gateway, evidence{"file": "other.pdf"})
			q.end(preparing, gateway, nil)
			q.again().ready()
			q.end(stored, gateway, evidence{"file": "report.pdf", "sha256": q.sum})
			q.told(aboutReady).both(aboutReady).deliver().clean(2)
		})},
		{3, "taken: \"table.pdf\" has SHA-256", in(twoFilesStory, func(w *world) { w.entry("taken", 1).Evidence["sha256"] = "sha-0195-1-1" })},
		{2, "the bytes of \"report.pdf\" changed", in(stoppedPostStory, func(w *world) { w.provided(Forgot).At = w.now })},
		{6, "and umut has no notice", in(lostAnswerStory, func(w *world) { w.dropBell("umut", aboutReady) })},
		{6, "wrong word about whether it is a second time", in(damagedStory, func(w *world) { w.entry("mail_sending", 2).Evidence["again"] = true })},
		{6, "and umut has no notice", in(readyStory, func(w *world) { // the lost answer's form is known, for the other was refused
			w.called(Submit).Status = 0
			w.call("yaren", Submit, "0195-1", 409).Type = "other"
			w.dropBell("umut", aboutReady)
		})},
		{7, "of another letter", in(readyStory, func(w *world) { // to somebody else
			w.entry("mail_sending", 1).Evidence["message_id"] = w.entry("mail_sending", 0).Evidence["message_id"]
		})},
		{8, "prepared: a fact of version 4 and generation 2", in(readyStory, func(w *world) { w.entry("prepared", 0).Generation = 2 })},
		{10, "it stayed in READY until", forged(func(w *world) {
			q := w.ask("").submit()
			q.pass(5 * time.Hour)
			q.ready()
			q.pass(90 * time.Minute)
			q.store().told(aboutReady).both(aboutReady).deliver().clean(1)
		})},
		{12, "and nobody was told", in(lateAcceptedStory, func(w *world) { w.entry("late", 0).At = w.entry("late", 0).At.Add(2 * time.Second) })},
	}
	for _, status := range []int{200, 403, 405, 409, 410} {
		out = append(out, forgery{9, "status by yaren", in(readyStory, func(w *world) { w.call("yaren", Status, "0195-1", status) })})
	}
	return out
}
