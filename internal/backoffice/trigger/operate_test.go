package trigger_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/report"
)

// dump is all that can be read of some requests.
func (w *world) dump(guids ...string) string {
	w.tb.Helper()
	var out []any
	err := w.ledger.View(w.tb.Context(), func(v ledger.View) error {
		text, err := ledgertest.Dump(v, guids...)
		out = append(out, text)
		return err
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return fmt.Sprint(out...)
}

func (w *world) plan(who, path, body string) (p trigger.Plan) {
	w.tb.Helper()
	if err := json.Unmarshal(w.want(200, "", who, "POST", path+"?dry-run=true", body).Body.Bytes(), &p); err != nil {
		w.tb.Fatal(err)
	}
	return p
}

func names(tasks []trigger.PlanTask) string {
	var out []string
	for _, t := range tasks {
		out = append(out, strings.TrimSpace(string(t.Kind)+" "+t.Subject))
	}
	return strings.Join(out, ", ")
}

// stick makes a task of a request fail, or end no lease orderly until it is parked.
func (w *world) stick(k ledger.Key, parked bool) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, Generation: 1}) })
	tries := 1
	if parked {
		tries = ledger.ParkAfter + 1
	}
	for range tries {
		w.write(func(tx ledger.Tx) error {
			leases, err := tx.Lease(ledger.Wanted{Key: k, Worker: "w", For: time.Second})
			for _, l := range leases {
				err = tx.Settle(l, ledger.Settlement{Unclean: parked, Error: "451 try again later"})
			}
			return err
		})
	}
}

// A dry run tells exactly what the act then does, and changes nothing.
func TestDryRunTellsAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failed, parked := w.ask("top-games.v1"), w.ask("top-games.v1")
	w.fail(failed)
	w.store(parked, time.Minute)
	letter := ledger.Key{GUID: parked, Kind: ledger.Email, Subject: "1/ready/derya"}
	w.stick(letter, true)
	for _, c := range []struct {
		guid, path, body, owed string
		from, to               report.State
	}{
		{failed, "/redrive", "", "SUBMIT", report.Failed, report.Accepted},
		{parked, "/redrive", "", "EMAIL 1/ready/derya", report.Stored, report.Stored},
		{parked, "/resolve", `{"version":0,"kind":"EMAIL","subject":"1/ready/derya"}`, "", report.Stored, report.Stored},
	} {
		path := "/requests/" + c.guid + c.path
		before := w.dump(failed, parked)
		p := w.plan("onur", path, c.body)
		if again := w.plan("onur", path, c.body); fmt.Sprint(again) != fmt.Sprint(p) {
			t.Errorf("%s: a second dry run tells something else:\n%+v\n%+v", path, p, again)
		}
		if after := w.dump(failed, parked); after != before {
			t.Errorf("%s: the dry run changed the ledger from\n%s\nto\n%s", path, before, after)
		}
		if p.From != c.from || p.To != c.to || names(p.Owed) != c.owed {
			t.Errorf("%s: from %s to %s, owed %s; want %s, %s, %s", path, p.From, p.To, names(p.Owed), c.from, c.to, c.owed)
		}
	}
	// What was told is what is done.
	p := w.plan("onur", "/requests/"+failed+"/redrive", "")
	w.want(200, "", "onur", "POST", "/requests/"+failed+"/redrive", `{"version":`+strconv.FormatInt(p.Version, 10)+`}`)
	now := w.status("onur", failed)
	if now.State != p.To || now.Generation != p.Generation || !strings.Contains(w.dump(failed), "redriven_by") {
		t.Errorf("told %+v, became %s, generation %d", p, now.State, now.Generation)
	}
	w.fail(failed)
	if again := w.plan("onur", "/requests/"+failed+"/redrive", ""); again.Redriven != 1 {
		t.Errorf("redriven %d times before, want 1", again.Redriven)
	}
	w.want(400, "malformed", "onur", "POST", "/requests/"+failed+"/redrive?dry-run=perhaps", "")
}

// Retried, a parked task is fresh and the journal says who; a second press finds
// nothing to do.
func TestRedriveOfWhatIsStuck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	k := ledger.Key{GUID: guid, Kind: ledger.Submit}
	w.stick(k, true)
	p := w.plan("onur", "/requests/"+guid+"/redrive", "")
	if len(p.Tried) != 1 || p.Tried[0].Unclean < ledger.ParkAfter || p.Tried[0].Error != "451 try again later" {
		t.Errorf("tried so far: %+v", p.Tried)
	}
	press := func(version int64) string { return `{"version":` + strconv.FormatInt(version, 10) + `}` }
	w.want(409, "moved-on", "onur", "POST", "/requests/"+guid+"/redrive", press(p.Version-1))
	w.want(200, "", "onur", "POST", "/requests/"+guid+"/redrive", press(p.Version))
	s := w.status("onur", guid)
	if len(s.Tasks) != 1 || s.Tasks[0].Parked || s.Tasks[0].Error != "" {
		t.Errorf("tasks are %+v", s.Tasks)
	}
	last := s.Journal[len(s.Journal)-1]
	if last.Name != "redriven" || last.Evidence["redriven_by"] != "onur" {
		t.Errorf("the journal ends with %+v", last)
	}
	w.want(409, "not-possible", "onur", "POST", "/requests/"+guid+"/redrive", press(p.Version))
}

// Settled by hand, a letter leaves who and why in the journal and is given up;
// work without which a request stands still is not settled.
func TestResolveLeavesEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	submit := ledger.Key{GUID: guid, Kind: ledger.Submit}
	w.stick(submit, false)
	path := "/requests/" + guid + "/resolve"
	body := func(kind, subject, reason string) string {
		raw, _ := json.Marshal(map[string]any{"version": w.status("onur", guid).Version, "kind": kind, "subject": subject, "reason": reason})
		return string(raw)
	}
	w.want(409, "not-possible", "onur", "POST", path, body("SUBMIT", "", "x"))
	w.store(guid, time.Minute)
	letter := ledger.Key{GUID: guid, Kind: ledger.Email, Subject: "1/ready/derya"}
	w.write(func(tx ledger.Tx) error {
		return tx.PutMail(ledger.Mail{GUID: guid, Generation: 1, Subject: ledger.SubjectReady, Account: "derya", State: ledger.MailPending, Reply: "451 4.3.0"})
	})
	w.stick(letter, false)
	w.want(422, "reason-needed", "onur", "POST", path, body("EMAIL", letter.Subject, ""))
	w.want(409, "moved-on", "onur", "POST", path, body("EMAIL", "1/ready/murat", "x"))
	w.want(403, "forbidden", "derya", "POST", path, body("EMAIL", letter.Subject, "x"))
	w.want(200, "", "onur", "POST", path, body("EMAIL", letter.Subject, "telefonla söylendi"))
	s := w.status("onur", guid)
	last := s.Journal[len(s.Journal)-1]
	if last.Name != "resolved" || last.Evidence["resolved_by"] != "onur" || last.Evidence["reason"] != "telefonla söylendi" ||
		last.Evidence["last_error"] != "451 try again later" {
		t.Errorf("the journal ends with %+v", last)
	}
	w.write(func(tx ledger.Tx) error {
		m, err := tx.Mail(guid, 1, ledger.SubjectReady, "derya")
		if err == nil && (m.State != ledger.MailGivenUp || m.Reply != "451 4.3.0") {
			t.Errorf("the letter is %s, %q", m.State, m.Reply)
		}
		return err
	})
	w.want(409, "moved-on", "onur", "POST", path, body("EMAIL", letter.Subject, "x"))
}

// A letter that may have arrived is not called one that did not.
func TestResolveOfALetterWhoseFateIsUnknown(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		State    ledger.MailState
		Unknowns int
		want     ledger.MailState
	}{
		{ledger.MailPending, 0, ledger.MailGivenUp},
		{ledger.MailPending, 1, ledger.MailUnconfirmed},
		{ledger.MailUnknown, 1, ledger.MailUnconfirmed},
		{ledger.MailSending, 0, ledger.MailUnconfirmed},
	} {
		w := newWorld(t)
		guid := w.ask("top-games.v1")
		w.store(guid, time.Minute)
		letter := ledger.Mail{GUID: guid, Generation: 1, Subject: ledger.SubjectReady, Account: "derya", State: m.State, Unknowns: m.Unknowns}
		w.write(func(tx ledger.Tx) error { return tx.PutMail(letter) })
		w.stick(ledger.Key{GUID: guid, Kind: ledger.Email, Subject: letter.Task()}, true)
		body := fmt.Sprintf(`{"version":%d,"kind":"EMAIL","subject":%q,"reason":"x"}`, w.status("onur", guid).Version, letter.Task())
		w.want(200, "", "onur", "POST", "/requests/"+guid+"/resolve", body)
		w.write(func(tx ledger.Tx) error {
			got, err := tx.Mail(guid, 1, ledger.SubjectReady, "derya")
			if err == nil && got.State != m.want {
				t.Errorf("%s after %d unknown tries: it is %s, want %s", m.State, m.Unknowns, got.State, m.want)
			}
			return err
		})
	}
}

func TestResolveOfAParkedPayload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var id string
	w.write(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: report.Trace, Subject: "s", Raw: []byte("?")})
	})
	w.write(func(tx ledger.Tx) error {
		parked, err := tx.Parked(0)
		id = strconv.FormatInt(parked[0].ID, 10)
		return err
	})
	path := "/parked/" + id + "/resolve"
	w.want(403, "forbidden", "derya", "POST", path, `{"reason":"x"}`)
	w.want(422, "reason-needed", "onur", "POST", path, "")
	w.want(404, "not-found", "onur", "POST", "/parked/77/resolve", `{"reason":"x"}`)
	w.want(404, "not-found", "onur", "POST", "/parked/x/resolve", `{"reason":"x"}`)
	w.want(200, "", "onur", "POST", path, `{"reason":"eski sürüm"}`)
	w.want(409, "moved-on", "onur", "POST", path, `{"reason":"x"}`)
	w.write(func(tx ledger.Tx) error {
		p, err := tx.ParkedPayload(1)
		if err == nil && (p.ResolvedBy != "onur" || p.Reason != "eski sürüm" || p.ResolvedAt.IsZero()) {
			t.Errorf("the payload is %+v", p)
		}
		return err
	})
}
