package check

import "time"

func boundForgeries() []forgery {
	return []forgery{
		{10, "begins generation 4 of this round", forged(func(w *world) {
			w.ask("").submit().again().again().again().ready().store().told(aboutReady).both(aboutReady).deliver().clean(4)
		})},
		{10, "returns it from STORED for the 3th time", forged(func(w *world) {
			q := w.ask("").here()
			for range 3 {
				q.told(aboutReady).damaged().store()
			}
			q.told(aboutReady).both(aboutReady).deliver().clean(1)
		})},
		{10, "was unknown 4 times", forged(func(w *world) {
			q := w.ask("").here().told(aboutReady).posted(aboutReady, "umut")
			for i := range 4 {
				q.sending(aboutReady, "deniz", i > 0)
				q.letter(unknown, aboutReady, "deniz")
			}
			q.letter(unconfirmed, aboutReady, "deniz")
			q.deliver().clean(1)
		})},
		{10, "was refused 3 times", in(refusedStory, func(w *world) { w.entry("webhook", 0).Name = "refused"; w.refusedInReady() })},
		{10, "our bytes were removed while it was in STORED", in(readyStory, func(w *world) { w.entry("taken", 0).Name = "cleaned_here" })},
		{10, "belong to no request", in(readyStory, func(w *world) { w.Storage = append(w.Storage, "0195-7/1/report.pdf.1") })},
		{10, "after it was cleaned", in(approvedStory, func(w *world) { w.Storage = append(w.Storage, "0195-1/1/report.pdf.1") })},
	}
}

// refusedInReady adds a third refusal to the stay in READY.
func (w *world) refusedInReady() {
	e := *w.entry("refused", 1)
	i := 0
	for w.Journal[i].Seq != e.Seq {
		i++
	}
	third := *w.entry("refused", 2)
	third.Seq, third.At = w.Journal[i+1].Seq, w.Journal[i+1].At
	for j := i + 1; j < len(w.Journal); j++ {
		w.Journal[j].Seq++
	}
	w.Journal = append(w.Journal, third)
}

func timeForgeries() []forgery {
	late := func(q *quest) {
		q.fact("late", trace, nil)
		q.alarm(aboutLate)
	}
	return []forgery{
		{10, "it stayed in PREPARING until", forged(func(w *world) {
			q := w.ask("").submit()
			w.pass(15 * time.Minute)
			late(q)
			w.pass(6 * time.Hour)
			q.end(failed, gateway, nil).told("failed").both("failed").clean(1)
		})},
		{10, "it stayed in READY until", forged(func(w *world) { // the second six hours begin when it came back
			q := w.ask("").submit()
			w.pass(15 * time.Minute)
			late(q)
			w.pass(5 * time.Hour)
			q.ready().store().damaged()
			w.pass(6*time.Hour + 11*time.Minute)
			q.end(failed, gateway, nil).told("failed").both("failed").clean(1)
		})},
		{10, "it stayed in AWAITING_APPROVAL until", in(expiredStory, func(w *world) {
			for i := range w.Journal {
				if w.Journal[i].Version > 1 {
					w.Journal[i].At = w.Journal[i].At.Add(11 * time.Minute)
				}
			}
		})},
		{10, "it stayed in STORED until", forged(func(w *world) {
			q := w.ask("").here().told(aboutReady).posted(aboutReady, "deniz")
			w.pass(15 * time.Minute)
			late(q)
			w.pass(24 * time.Hour)
			q.posted(aboutReady, "umut").deliver().clean(1)
		})},
		{10, "expired before its day was over", in(expiredStory, func(w *world) { w.entry(expired, 0).At = w.entry(awaiting, 0).At.Add(24*time.Hour - 1) })},
		{10, "open letters before their day was over", in(openStory, func(w *world) { w.entry(delivered, 0).At = w.entry("taken", 0).At.Add(24*time.Hour - 1) })},
	}
}

func promiseForgeries() []forgery {
	return []forgery{
		{12, "and nobody was told", in(lateStory, func(w *world) { w.dropNamed("late") })},
		{12, "and nobody was told", in(lateStory, func(w *world) { w.entry("late", 0).At = w.entry("late", 0).At.Add(3 * time.Minute) })},
		{12, "and nobody was told", in(historyStory, func(w *world) { w.entry("late", 0).At = w.entry("late", 0).At.Add(3 * time.Minute) })},
		{12, "calls it late, and it was promised by", in(lateStory, func(w *world) { w.entry("late", 0).At = w.entry(preparing, 0).At })},
		{12, "calls it late, and it was promised by", in(historyStory, func(w *world) { w.entry("late", 0).At = w.entry(preparing, 1).At })},
		{12, "called late 2 times in one round", in(lateStory, func(w *world) { w.entry("taken", 0).Name = "late" })},
		{12, "called late 1 times outside of a round", in(readyStory, func(w *world) {
			q := w.again("0195-1")
			q.fact("late", trace, nil)
			q.alarm(aboutLate)
		})},
		{12, "late, seq 6: deniz has no notice", in(lateStory, func(w *world) { w.dropBell("deniz", aboutLate) })},
		{12, "late, seq 6: onur has no notice", in(lateStory, func(w *world) { w.dropBell("onur", aboutLate) })},
		{12, "mail_bounced", in(bouncedStory, func(w *world) { w.dropBell("deniz", aboutMail) })},
		{12, "mail_bounced", in(bouncedStory, func(w *world) { w.dropBell("ada", aboutMail) })},
		{12, "mail_given_up", in(openStory, func(w *world) { w.dropBell("onur", aboutMail) })},
	}
}
