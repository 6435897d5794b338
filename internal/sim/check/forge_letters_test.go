package check

import "slices"

func letterForgeries() []forgery {
	return []forgery{
		{6, "\"failed\" was announced in version", in(rejectedStory, func(w *world) { w.entry("announced", 0).Evidence["subject"] = "failed" })},
		{6, "and umut has no notice", in(readyStory, func(w *world) { w.dropBell("umut", aboutReady) })},
		{6, "and defne has no notice", in(expiredStory, func(w *world) { w.dropBell("defne", aboutAsking) })},
		{6, "the letter to defne came to no end", in(expiredStory, func(w *world) { w.dropNamed("mail_void") })},
		{6, "the letter to umut came to no end", in(readyStory, func(w *world) {
			at := w.entry("mail_sent", 1).At
			w.drop(func(e *Entry) bool { return e.Name == "mail_sent" && e.At.Equal(at) })
		})},
		{6, "and nobody was told", in(rejectedStory, func(w *world) { w.dropNamed("announced") })},
		{6, "and nobody was told", in(damagedStory, func(w *world) { w.dropLast("taken", 1); w.delivers() })},
		{6, "the letter to umut was neither sent nor", in(rejectedStory, func(w *world) { w.entry("mail_sent", 1).Name = "mail_void" })},
		{6, "void, though its fate is unknown", in(unknownStory, func(w *world) {
			w.entry("mail_sending", 2).Name, w.entry("mail_sent", 1).Name = "mail_unread", "mail_void"
		})},
		{6, "void, though the relay may have it", in(rejectedStory, func(w *world) { w.entry("mail_sent", 0).Name = "mail_void" })},
		{6, "sent, and the relay took no such", in(readyStory, func(w *world) { w.Mail[0].Taken = false })},
		{6, "sent, and the relay took no such", in(readyStory, func(w *world) { w.Mail[0].Code = 451 })},
		{6, "sent, and the relay took no such", in(readyStory, func(w *world) { w.Mail[0].At = w.now })},
		{6, "sent, and the relay took no such", in(unknownStory, func(w *world) { // the first message proves nothing of the second
			w.Mail[1].Code = 250
			w.Mail = w.Mail[:2]
		})},
		{6, "sending again, and nothing was noted", in(unknownStory, func(w *world) { w.dropNamed("mail_unknown") })},
		{6, "sending, after it came to its end", in(bouncedStory, func(w *world) {
			q := w.again("0195-1")
			q.posted(aboutReady, "deniz")
		})},
		{6, "wrong word about whether it is a second time", in(unknownStory, func(w *world) { w.entry("mail_sending", 2).Evidence["again"] = false })},
		{6, "wrong word about whether it is a second time", in(readyStory, func(w *world) { w.entry("mail_sending", 0).Evidence["again"] = true })},
	}
}

func truthForgeries() []forgery {
	return []forgery{
		{7, "SENDING about \"ready\" to deniz while it is in \"CANCELLED\"", in(func() *world { return cancelledIn(ready) }, func(w *world) {
			w.again("0195-1").posted(aboutReady, "deniz")
		})},
		{7, "SENDING about \"ready\" to deniz while it is in \"READY\"", forged(func(w *world) {
			q := w.ask("").here().told(aboutReady).damaged()
			q.both(aboutReady).store().told(aboutReady).deliver().clean(1)
		})},
		{7, "SENDING about \"asking\" to defne while it is in \"ACCEPTED\"", forged(func(w *world) {
			q := w.ask("approver").told(aboutAsking).approvedBy("defne").posted(aboutAsking, "defne")
			q.here().told(aboutReady).both(aboutReady).deliver().clean(1)
		})},
		{7, "SENDING about \"failed\" to umut while it is in \"ACCEPTED\"", in(redrivenStory, func(w *world) { w.entry("mail_void", 0).Name = "mail_sending" })},
		{7, "of another letter", in(overtakenStory, func(w *world) { // the first round's letter in the second
			w.entry("mail_sending", 2).Evidence["message_id"] = w.entry("mail_sending", 0).Evidence["message_id"]
		})},
		{7, "of generation 2 in generation 1", in(readyStory, func(w *world) { w.entry("mail_sending", 0).Generation = 2 })},
		{7, "who has left", in(readyStory, func(w *world) { w.person("umut").GoneAt = w.entry("taken", 0).At })},
		{7, "SENDING to ask yaren, who may not decide", in(approvedStory, func(w *world) { w.entry("mail_sending", 0).Evidence["account"] = "yaren" })},
	}
}

func relayForgeries() []forgery {
	return []forgery{
		{6, "no SENDING of it was ever committed", in(readyStory, func(w *world) { w.Mail[0].MessageID = "<other>" })},
		{6, "without a SENDING of its own", in(readyStory, func(w *world) {
			m := w.Mail[0]
			m.At = m.At.Add(1)
			w.Mail = append(w.Mail, m)
		})},
		{6, "without a SENDING of its own", in(readyStory, func(w *world) { w.Mail[0].At = w.entry("taken", 0).At })},
		{6, "no UNKNOWN was noted before it", in(unknownStory, func(w *world) { w.entry("mail_unknown", 0).Name = "mail_deferred" })},
		{6, "is not the one that went before", in(unknownStory, func(w *world) { w.Mail[2].SHA256 = "other" })},
		{6, "under two Message-IDs", in(unknownStory, func(w *world) {
			w.entry("mail_sending", 2).Evidence["message_id"] = "<other>"
			w.Mail[2].MessageID = "<other>"
		})},
		{9, "to umut went to yaren@kule.example", in(readyStory, func(w *world) { w.Mail[1].To = "yaren@kule.example" })},
		{9, "went to yaren, whom it does not concern", in(readyStory, func(w *world) {
			w.entry("mail_sending", 1).Evidence["account"] = "yaren"
			w.Mail[1].To = "yaren@kule.example"
		})},
		{9, "to ghost went to", in(readyStory, func(w *world) { w.entry("mail_sending", 1).Evidence["account"] = "ghost" })},
		{9, "about \"asking\" went to deniz, whom", in(approvedStory, func(w *world) {
			w.entry("mail_sending", 0).Evidence["account"] = "deniz"
			w.Mail[0].To = "deniz@kule.example"
		})},
	}
}

// again takes up a request where its journal ends.
func (w *world) again(guid string) *quest {
	i := len(w.Journal) - 1 - slices.IndexFunc(reversed(w.Journal), func(e Entry) bool { return e.GUID == guid })
	e := w.Journal[i]
	q := &quest{world: w, guid: guid, seq: e.Seq, version: e.Version, generation: e.Generation, sum: "sha-" + guid + "-1"}
	for _, e := range w.Journal {
		if e.GUID == guid && e.Kind == move {
			q.state = e.To
		}
	}
	return q
}

func reversed(rows []Entry) []Entry {
	out := slices.Clone(rows)
	slices.Reverse(out)
	return out
}

// delivers ends a journey that was cut off in STORED.
func (w *world) delivers() { w.again("0195-1").deliver().clean(1) }
