package check

import "slices"

func endForgeries() []forgery {
	return []forgery{
		{1, "has no journal", in(readyStory, func(w *world) { w.Journal = nil })},
		{1, "never ended: at the end it is in STORED", in(readyStory, func(w *world) { w.dropLast(delivered, 0) })},
		{1, "never ended: at the end it is in no state", in(readyStory, func(w *world) { w.drop(func(e *Entry) bool { return e.Kind == move }) })},
		{1, "nobody asked for it", in(readyStory, func(w *world) {
			w.Clients = slices.DeleteFunc(w.Clients, func(c Client) bool { return c.Op == Submit })
		})},
		{1, "nobody asked for it", in(readyStory, func(w *world) { w.called(Submit).Status = 422 })},
		{1, "one request cannot be both", in(readyStory, func(w *world) { w.call("yaren", Submit, "0195-1", 202).Type = "top-games.v1" })},
		{4, "DELETE up to 1 while it was in PREPARING", forged(func(w *world) {
			q := w.ask("").submit().clean(1)
			q.ready().store().told(aboutReady).both(aboutReady).deliver()
		})},
		{4, "DELETE up to 1 while it was in STORED", in(readyStory, func(w *world) { w.provided(Deleted).At = w.entry("mail_sending", 0).At })},
		{4, "DELETE up to 2 while it was in SUBMITTING", forged(func(w *world) {
			q := w.ask("").submit().end(failed, gateway, nil).told("failed").both("failed").redriven()
			q.tick()
			q.move(submitting, gateway, nil)
			q.provides(Posted)
			q.clean(2)
			q.end(rejected, gateway, nil).told("rejected").both("rejected")
		})},
		{4, "before the request was born", in(readyStory, func(w *world) {
			born := w.Clients[0].At
			w.provided(Posted).At, w.provided(Published).At, w.provided(Deleted).At = born.Add(-3), born.Add(-2), born.Add(-1)
		})},
		{5, "the provider still has generation 1", in(readyStory, func(w *world) { w.dropProvider(Deleted) })},
		{5, "the provider still has generation 2", in(redrivenStory, func(w *world) { w.Provider[len(w.Provider)-1].Generation = 1 })},
		{5, "the provider still has generation 1", in(leftBehindStory, func(w *world) { w.entry("left_behind", 0).Evidence["generations_up_to"] = 0 })},
		{5, "it ended as REJECTED", in(rejectedStory, func(w *world) { w.dropProvider(Deleted) })},
		{5, "it ended as CANCELLED", in(func() *world { return cancelledIn(submitting) }, func(w *world) { // the DELETE was first
			w.provided(Deleted).At, w.provided(Posted).At = w.provided(Posted).At, w.provided(Deleted).At
		})},
	}
}

func byteForgeries() []forgery {
	publishes := func(w *world) {
		p := *w.provided(Published)
		p.At = p.At.Add(1)
		w.Provider = append(w.Provider, p)
	}
	return []forgery{
		{2, "a second result of generation 1", in(readyStory, publishes)},
		{2, "a second result of generation 1", in(postedTwiceStory, func(w *world) { w.dropProvider(Forgot) })},
		{2, "the bytes of \"report.pdf\" changed", in(readyStory, func(w *world) { w.entry("taken", 0).Evidence["sha256"] = "other" })},
		{2, "the bytes of \"report.pdf\" changed", in(damagedStory, func(w *world) {
			w.provided(Published).Files["other.pdf"] = "other"
			w.entry(stored, 1).Evidence["sha256"] = "other"
		})},
		{3, "was not published for generation 1", in(readyStory, func(w *world) { w.entry(stored, 0).Evidence["sha256"] = "other" })},
		{3, "was not published for generation 2", in(redrivenStory, func(w *world) { // that of the generation before
			w.provided(Published).Generation = 1
			w.Provider = append(w.Provider, Provider{At: w.entry(ready, 0).At, What: Published, GUID: "0195-1", Generation: 2, Files: map[string]string{"report.pdf": "x"}})
		})},
		{3, "taken: \"report.pdf\" has SHA-256", in(readyStory, func(w *world) { w.entry("taken", 0).Evidence["sha256"] = "other" })},
		{3, "fetched: \"report.pdf\" has SHA-256", in(refusedStory, func(w *world) { w.entry("fetched", 0).Evidence["sha256"] = "a lie" })},
		{3, "STORED, and generation 1 was not published", in(readyStory, func(w *world) { w.provided(Published).At = w.entry(delivered, 0).At })},
		{3, "no file of generation 1 was fetched", in(readyStory, func(w *world) { w.dropNamed("fetched") })},
		{3, "no file of generation 1 was fetched", in(damagedStory, func(w *world) {
			at := w.entry("fetched", 1).At
			w.drop(func(e *Entry) bool { return e.Name == "fetched" && e.At.Equal(at) })
		})},
		{3, "STORED without evidence", in(readyStory, func(w *world) { w.entry(stored, 0).Evidence = nil })},
		{3, "and what was written to", in(readyStory, func(w *world) {
			w.entry(stored, 0).Evidence["blob_key"] = "a/1/report.pdf.1"
			w.Written = map[string]string{"a/1/report.pdf.1": "other"}
		})},
		{3, "carries \"report.pdf\"", in(readyStory, func(w *world) { w.Mail[1].Attached = map[string]string{"report.pdf": "other"} })},
		{3, "deniz was served bytes", in(readyStory, func(w *world) { w.called(File).SHA256 = "other" })},
		{3, "deniz was served bytes", in(readyStory, func(w *world) { w.called(File).SHA256 = "" })},
	}
}
