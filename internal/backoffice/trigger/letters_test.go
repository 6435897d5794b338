package trigger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// ends brings a request of derya's to DELIVERED, with murat to receive it too.
func (w *world) ends(guid string) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		for _, who := range []string{"derya", "murat"} {
			if err := tx.PutRecipient(ledger.Recipient{GUID: guid, Account: who}); err != nil {
				return err
			}
		}
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		now := tx.Now()
		for _, move := range []func() (report.Move, error){
			func() (report.Move, error) { return r.Submit(now, nil) },
			func() (report.Move, error) { return r.Prepare(now, nil) },
			func() (report.Move, error) {
				return r.Found(report.Manifest{Files: []report.File{{Name: "a.pdf"}}}, time.Time{}, now, nil)
			},
			func() (report.Move, error) { return r.Store(now, nil) },
			func() (report.Move, error) { r.Announced(now); return r.Deliver(now, nil) },
		} {
			m, err := move()
			if err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// sentNow lets every letter that is owed arrive.
func (w *world) sentNow(guid string) (letters []string) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		letters = nil
		mails, err := tx.Mails(guid)
		for _, m := range mails {
			letters = append(letters, fmt.Sprintf("%s to %s", m.Subject, m.Account))
			m.State = ledger.MailSent
			if err := tx.PutMail(m); err != nil {
				return err
			}
		}
		return err
	})
	return letters
}

func TestLettersAreSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	path := "/requests/" + guid + "/letters"
	w.want(409, "not-possible", "derya", "POST", path, "")
	w.ends(guid)
	w.want(404, "report-unknown", "deniz", "POST", path, "")
	w.want(403, "forbidden", "onur", "POST", path, "")                   // sees it, and it is not theirs
	w.want(403, "forbidden", "murat", "POST", path, `{"to":["derya"]}`)  // to themselves only
	w.want(403, "forbidden", "derya", "POST", path, `{"to":["deniz"]}`)  // no recipient
	w.want(200, "", "murat", "POST", path, "")                           // 1
	w.want(409, "on-the-way", "derya", "POST", path, `{"to":["murat"]}`) // it has not left yet
	w.want(200, "", "derya", "POST", path, "")                           // 2: to derya, murat's is on its way
	w.sentNow(guid)
	w.want(200, "", "derya", "POST", path, `{"to":["murat","derya","murat"]}`) // 3
	got, want := w.sentNow(guid), []string{"ready+1 to murat", "ready+2 to derya", "ready+3 to derya", "ready+3 to murat"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("owed are %v, want %v", got, want)
	}
}

func TestLettersAreSentAgainFiveTimesAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	path := "/requests/" + guid + "/letters"
	w.ends(guid)
	for range 5 {
		w.want(200, "", "derya", "POST", path, "")
		w.sentNow(guid)
		w.now = w.now.Add(10 * time.Minute)
	}
	if rec := w.want(429, "too-often", "derya", "POST", path, ""); rec.Header().Get("Retry-After") != "601" {
		t.Errorf("Retry-After is %q, want the rest of the first one's hour", rec.Header().Get("Retry-After"))
	}
	w.want(200, "", "murat", "POST", path, "") // their own five
	w.sentNow(guid)
	w.now = w.now.Add(10*time.Minute + time.Second)
	w.want(200, "", "derya", "POST", path, "")
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		r.PurgedAt = tx.Now()
		return tx.Save(r, r.Version)
	})
	w.want(410, "gone", "murat", "POST", path, "")
}

// Nobody else's word sends a letter to who wants none of that kind, and one that
// says it is late, and is not needed any more, holds up none about the end.
func TestLettersAreSentAgainToWhoWantsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	path := "/requests/" + guid + "/letters"
	w.ends(guid)
	w.write(func(tx ledger.Tx) error {
		a, err := tx.Account("murat")
		if err != nil {
			return err
		}
		a.NoMail = []ledger.News{ledger.NewsReady}
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		late := ledger.Mail{GUID: guid, Generation: r.Generation, Subject: ledger.SubjectLate, Account: "derya", State: ledger.MailPending, Letter: ledger.NotWritten()}
		return errors.Join(tx.PutAccount(a), tx.PutMail(late))
	})
	w.want(409, "not-possible", "derya", "POST", path, `{"to":["murat"]}`)
	w.want(200, "", "derya", "POST", path, "")
	w.want(200, "", "murat", "POST", path, "") // their own wish
	got, want := w.sentNow(guid), []string{"late to derya", "ready+1 to derya", "ready+2 to murat"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("owed are %v, want %v", got, want)
	}
}
