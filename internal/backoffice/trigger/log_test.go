package trigger_test

import (
	"errors"
	"net/url"
	"testing"
	"time"
)

// Each record about a request names it, whether the GUID is in the path, in the
// body, or found by the sweep.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue = errors.New("queue gone")
	accepted := w.ask("top-games.v1")
	w.log.About(accepted, "request recorded", "event not published; the sweep will find its task")
	w.queue = nil
	w.store(accepted, time.Minute)
	w.want(200, "", "derya", "GET", "/requests/"+accepted+"/files/"+url.PathEscape(fileName), "")
	w.log.About(accepted, "download")
}

func TestLogsOfDecisionsNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	decided := w.ask("payroll.v1")
	w.want(200, "", "murat", "POST", "/requests/"+decided+"/approve", "")
	w.log.About(decided, "decided")
}

func TestLogsOfTheSweepNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expired := w.ask("payroll.v1")
	w.now = w.now.Add(24 * time.Hour)
	if err := w.station.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.log.About(expired, "ended")
}

func TestLogsOfRefusalsNameTheRequest(t *testing.T) {
	t.Parallel()
	for what, refuse := range map[string]func(w *world) (guid string){
		"by the path": func(w *world) string {
			guid := w.ask("payroll.v1")
			w.want(403, "own-request", "derya", "POST", "/requests/"+guid+"/approve", "")
			return guid
		},
		"by the body": func(w *world) string {
			guid := w.guid()
			w.want(422, "unknown-type", "derya", "POST", "/requests", form(guid, "none.v1"))
			return guid
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			guid := refuse(w)
			w.log.About(guid, "refused")
		})
	}
}
