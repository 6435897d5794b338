package web_test

import (
	"net/url"
	"testing"
)

// Each record about a request names it, whether the GUID is in the address or in
// the form.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, waiting, mine := w.asked("derya", "none", delivered()...).GUID, w.asked("derya", "approver").GUID, w.asked("derya", "none").GUID
	derya, murat := w.as("derya"), w.as("murat")
	derya.get("/r/" + here + "/files/top-games.pdf")
	w.log.About(here, "download")
	fields := derya.draw("/new/top-games.v1")
	w.trigger.down(true)
	derya.post("/new/top-games.v1", fields)
	w.log.About(fields.Get("guid"), "request not taken")
	derya.post("/new/top-games.v1/words", fields)
	w.log.About(fields.Get("guid"), "request not said")
	murat.post("/r/"+waiting+"/approve", url.Values{})
	w.log.About(waiting, "decision not taken")
	derya.post("/r/"+mine+"/cancel", url.Values{})
	w.log.About(mine, "not cancelled")
	w.trigger.down(false)
	murat.get("/r/" + mine) // not murat's to see
	w.log.About(mine, "page refused")
}

// A form of another site is refused before it reaches a route; its record names
// the request all the same.
func TestLogsOfRefusedFormsNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.asked("derya", "none").GUID
	w.as("derya").post("/r/"+mine+"/cancel", url.Values{}, "Sec-Fetch-Site", "cross-site")
	w.log.About(mine, "page refused")
}

// A request named in the query is named in the record, too.
func TestLogsOfAskingAgainNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.asked("emre", "none", delivered()...).GUID
	w.as("derya").get("/new/top-games.v1?again=" + other)
	w.log.About(other, "page refused")
}
