package trace_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// asksAgain is what the trigger commits when derya has a letter sent again.
func (w *world) asksAgain(subject ledger.Subject, to string) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		m := ledger.Mail{
			GUID: guid, Generation: r.Generation, Subject: subject, Account: to,
			State: ledger.MailPending, Letter: ledger.NotWritten(), At: tx.Now(), CreatedAt: tx.Now(),
		}
		if err := tx.PutMail(m); err != nil {
			return err
		}
		ev := report.Evidence{"by": "derya", "to": []string{to}, "subject": subject}
		if err := tx.Append(ledger.Fact(r, report.Requester, 0, ledger.LettersAsked, ev)); err != nil {
			return err
		}
		return tx.Owe(ledger.Task{Key: ledger.Key{GUID: guid, Kind: ledger.Email, Subject: m.Task()}, Generation: r.Generation})
	})
	w.after(time.Minute)
}

func messageID(msg []byte) string {
	_, rest, _ := bytes.Cut(msg, []byte("\r\nMessage-ID:"))
	id, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte("\r\n"))
	return string(id)
}

func TestALetterAskedForAgainIsAnotherMessage(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.arrives("k1")
		w.expect(report.Delivered, "ready sent flagged=false", 1)
		w.asksAgain(ledger.SubjectReady.Again(1), "derya")
		w.expect(report.Delivered, "ready sent flagged=false; ready+1 sent flagged=false", 2)
		first, second := messageID(w.taken[0]), messageID(w.taken[1])
		if first == second || !strings.Contains(second, ".again1.") {
			t.Errorf("the letters are %s and %s, want two messages", first, second)
		}
		if !bytes.Contains(w.taken[1], []byte("You asked for this e-mail to be sent again.")) || !bytes.Contains(w.taken[1], []byte("filename=\"a.pdf\"")) {
			t.Errorf("the second does not say who asked for it, or lacks the file:\n%s", w.taken[1])
		}
	})
}

func TestALetterAskedForAgainIsLostWithItsFile(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.arrives("k1")
		w.lose("k1")
		w.asksAgain(ledger.SubjectReady.Again(1), "derya")
		w.expect(report.Delivered, "ready sent flagged=false; ready+1 given_up flagged=false", 1)
		w.hasTold("derya", ledger.SubjectReady, ledger.SubjectMail)
	})
}

func TestTheOwnerIsWrittenToWhenItIsLate(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.joins("oya", access.Operator)
		w.joins("mert") // receives it, did not ask
		ready := time.Now().Add(90 * time.Minute)
		generation := w.request().Generation
		w.update(func(tx ledger.Tx) error {
			return tx.PutProgress(ledger.Progress{GUID: guid, Generation: generation, ReadyAt: ready, At: tx.Now()})
		})
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		for range 3 {
			w.sweep()
			w.after(time.Minute)
		}
		w.expect(report.Preparing, "late sent flagged=false", 1)
		said := string(w.taken[0])
		for _, want := range []string{"takes longer than expected", "New estimate", ready.UTC().Format("15:04"), "Reply-To: \"oya\" <oya@example.com>"} {
			if !strings.Contains(said, want) {
				t.Errorf("the letter does not say %q:\n%s", want, said)
			}
		}
	})
}

func TestALetterThatItIsLateIsVoidOnceItIsHere(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.greylists("derya")
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		w.sweep()
		w.after(time.Second)
		w.expect(report.Preparing, "late pending flagged=false", 1)
		w.greylists("")
		w.arrives("k1")
		w.after(time.Hour)
		w.expect(report.Delivered, "late void flagged=false; ready sent flagged=false", 2)
	})
}

// Who wants no letters of this kind has the notice alone, and the journal says so
// once.
func TestALetterThatItIsLateMayBeUnwanted(t *testing.T) {
	inWorld(t, month, func(w *world) {
		w.wants("derya", ledger.NewsLate)
		w.begin.Do(w.station.Start)
		w.after(time.Hour)
		for range 2 {
			w.sweep()
			w.after(time.Minute)
		}
		w.expect(report.Preparing, "late unwanted flagged=false", 0)
		w.hasTold("derya", ledger.SubjectLate)
		if facts := w.facts("mail_unwanted"); len(facts) != 1 {
			t.Errorf("the journal says %v", facts)
		}
	})
}
