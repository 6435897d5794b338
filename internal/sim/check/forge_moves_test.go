package check

import "time"

func moveForgeries() []forgery {
	return []forgery{
		{8, "row 4 of the journal has seq 5", in(readyStory, func(w *world) {
			for i := range w.Journal {
				if w.Journal[i].Seq > 3 {
					w.Journal[i].Seq++
				}
			}
		})},
		{8, "before seq", in(readyStory, func(w *world) { w.entry(ready, 0).At = w.entry(preparing, 0).At })},
		{8, "after our bytes were removed", in(rejectedStory, func(w *world) {
			q := w.again("0195-1").purge().redriven()
			q.here().told(aboutReady).both(aboutReady).deliver().clean(2)
		})},
		{8, "neither move nor fact but \"note\"", in(readyStory, func(w *world) { w.entry("webhook", 0).Kind = "note" })},
		{8, "was never born", in(readyStory, func(w *world) { w.drop(func(e *Entry) bool { return e.Kind == move }) })},
		{8, "but it was in \"PREPARING\"", in(readyStory, func(w *world) { w.entry(ready, 0).From = submitting })},
		{8, "no move from \"SUBMITTING\" to \"READY\"", in(readyStory, func(w *world) {
			w.dropNamed(preparing)
			w.entry(ready, 0).From = submitting
		})},
		{8, "no move from \"DELIVERED\" to \"CANCELLED\"", in(readyStory, func(w *world) { w.again("0195-1").cancelledBy("deniz") })},
		{8, "no move from \"DECLINED\" to \"ACCEPTED\"", in(declinedStory, func(w *world) { w.again("0195-1").redriven() })},
		{8, "no move from \"\" to \"SUBMITTING\"", in(readyStory, func(w *world) {
			w.dropNamed(accepted)
			w.entry(submitting, 0).From = ""
		})},
		{8, "is called \"DONE\"", in(readyStory, func(w *world) { w.entry(delivered, 0).Name = "DONE" })},
		{8, "makes version 5, not 4", in(readyStory, func(w *world) {
			for i := range w.Journal {
				if w.Journal[i].Version > 3 {
					w.Journal[i].Version++
				}
			}
		})},
		{8, "is of generation 1, not 2", in(forgottenStory, func(w *world) {
			for i := range w.Journal {
				w.Journal[i].Generation = 1
			}
		})},
		{8, "is of generation 1, not 2", in(redrivenStory, func(w *world) { w.entry(accepted, 1).Generation = 1 })},
		{8, "is of generation 2, not 1", in(readyStory, func(w *world) { w.entry(ready, 0).Generation = 2 })},
		{8, "webhook: a fact of version 4", in(readyStory, func(w *world) { w.entry("webhook", 0).Version = 4 })},
		{8, "webhook: a fact of version 3 and generation 2", in(readyStory, func(w *world) { w.entry("webhook", 0).Generation = 2 })},
		{8, "prepared: a fact of version 4", in(readyStory, func(w *world) { w.entry("prepared", 0).At = w.entry("webhook", 0).At })},
		{8, "cancels it after it was STORED", forged(func(w *world) {
			w.ask("").here().told(aboutReady).both(aboutReady).damaged().cancelledBy("deniz").clean(1)
		})},
	}
}

func ownerForgeries() []forgery {
	return []forgery{
		{11, "READY\" to \"STORED\" is gateway's move, trace made it", in(readyStory, func(w *world) { w.entry(stored, 0).Role = trace })},
		{11, "STORED\" to \"DELIVERED\" is trace's move, gateway made it", in(readyStory, func(w *world) { w.entry(delivered, 0).Role = gateway })},
		{11, "is trigger's move, web made it", in(readyStory, func(w *world) { w.entry(accepted, 0).Role = "web" })},
		{11, "STORED\" to \"READY\" is trace's move, gateway made it", in(damagedStory, func(w *world) { w.entry(ready, 1).Role = gateway })},
		{11, "CANCELLED\" is trigger's move, gateway made it", in(goneStory, func(w *world) { w.entry(cancelled, 0).Role = gateway })},
	}
}

func accessForgeries() []forgery {
	return []forgery{
		{9, "status by yaren", in(readyStory, func(w *world) { w.call("yaren", Status, "0195-1", 200) })},
		{9, "status by defne", in(readyStory, func(w *world) { w.call("defne", Status, "0195-1", 200) })}, // no rule named her role
		{9, "file by onur", in(readyStory, func(w *world) { w.call("onur", File, "0195-1", 200).SHA256 = "sha-0195-1-1" })},
		{9, "file by defne", in(approvedStory, func(w *world) { w.call("defne", File, "0195-1", 200).SHA256 = "sha-0195-1-1" })},
		{9, "status by umut", in(recipientGoneStory, func(w *world) { w.call("umut", Status, "0195-1", 200) })},
		{9, "status by nobody", in(readyStory, func(w *world) { w.call("nobody", Status, "0195-1", 200) })},
		{9, "status by deniz at", in(readyStory, func(w *world) { w.call("deniz", Status, "0195-9", 200) })}, // there is none
		{9, "answered 403, which tells", in(readyStory, func(w *world) { w.call("yaren", File, "0195-1", 403) })},
		{9, "yaren has a notice", in(readyStory, func(w *world) { w.again("0195-1").bell("yaren", aboutReady) })},
		{9, "umut has a notice \"late\"", in(lateStory, func(w *world) { w.again("0195-1").bell("umut", aboutLate) })},
		{9, "approve by deniz", in(approvedStory, func(w *world) { w.called(Approve).Who = "deniz" })},
		{9, "approve by \"deniz\", who may not", in(approvedStory, func(w *world) { w.entry(accepted, 0).Evidence["approved_by"] = "deniz" })},
		{9, "approve by \"\", who may not", in(approvedStory, func(w *world) { w.entry(accepted, 0).Evidence = nil })},
		{9, "decline by \"umut\", who may not", in(declinedStory, func(w *world) { w.entry(declined, 0).Evidence["declined_by"] = "umut" })},
		{9, "redrive by \"deniz\", who may not", in(redrivenStory, func(w *world) { w.entry(accepted, 1).Evidence["redriven_by"] = "deniz" })},
		{9, "redrive by umut", in(redrivenStory, func(w *world) { w.called(Redrive).Who = "umut" })},
		{9, "cancel by umut", in(func() *world { return cancelledIn(ready) }, func(w *world) { w.called(Cancel).Who = "umut" })},
		{9, "the system cancelled it, and deniz is still here", in(goneStory, func(w *world) { w.person("deniz").GoneAt = time.Time{} })},
	}
}
