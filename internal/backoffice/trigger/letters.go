package trigger

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// How often one person may have letters about one report sent again.
const (
	lettersMost  = 5
	lettersWhile = time.Hour
)

// readers is the body of letters: to whom; nobody named: to all the caller may
// name.
type readers struct {
	To []string `json:"to"`
}

// letters has the letter about how a request ended sent again. It is owed as
// another letter beside the first, which stays one, and written when it is sent.
func (s *Station) letters(c call) (answer, error) {
	var in readers
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	out, err := s.change(c, func(tx ledger.Tx, r *report.Request) error { return sendAgain(tx, c.who, r, in.To) })
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "letters asked again", "by", c.who.Name, "to", in.To)
	return ok(out)
}

func sendAgain(tx ledger.Tx, by ledger.Account, r *report.Request, to []string) error {
	people, err := tx.Recipients(r.GUID)
	if err != nil {
		return err
	}
	may := access.MaySendAgain(by, r, people)
	if len(may) == 0 {
		return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "only who asked for it, and each recipient for themselves, has letters sent again")
	}
	if err := sendable(r); err != nil {
		return err
	}
	for _, name := range to {
		if !slices.Contains(may, name) {
			return protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "its letters are not sent to %q at your word", name)
		}
	}
	if len(to) > 0 {
		may = to
	}
	before, err := askedBefore(tx, by, r)
	if err != nil {
		return err
	}
	return oweAgain(tx, by, r, may, before)
}

// sendable refuses while there is nothing to send again: people are told first,
// and what was cleared away is not written about.
func sendable(r *report.Request) error {
	switch {
	case !r.PurgedAt.IsZero():
		return protocol.NewProblem(http.StatusGone, protocol.CodeGone, "its time is over; ask for the report again")
	case !r.Told():
		return protocol.NewProblem(http.StatusConflict, "not-possible", "nobody was written to about how it ended yet")
	}
	return nil
}

// askedBefore counts how often letters about the request were sent again, and
// refuses the sixth time within an hour at the same person's word.
func askedBefore(tx ledger.Tx, by ledger.Account, r *report.Request) (times int, err error) {
	rows, err := tx.Journal(r.GUID)
	if err != nil {
		return 0, err
	}
	var oldest time.Time
	recent := 0
	for _, e := range rows {
		if e.Name != ledger.LettersAsked {
			continue
		}
		times++
		if e.Evidence["by"] == by.Name && e.At.After(tx.Now().Add(-lettersWhile)) {
			if recent++; recent == 1 {
				oldest = e.At
			}
		}
	}
	if recent >= lettersMost {
		p := protocol.NewProblem(http.StatusTooManyRequests, "too-often", "letters about it were sent again %d times within an hour", recent)
		p.RetryAfter = int(oldest.Add(lettersWhile).Sub(tx.Now()).Seconds()) + 1
		return times, p
	}
	return times, nil
}

// oweAgain owes a letter to each who is still here and has none on the way.
// Nobody else's word sends one to who wants no letters of this kind.
func oweAgain(tx ledger.Tx, by ledger.Account, r *report.Request, to []string, before int) error {
	mails, err := tx.Mails(r.GUID)
	if err != nil {
		return err
	}
	subject := endOf(r).Again(before + 1)
	var went []string
	onTheWay := false
	for _, name := range to {
		a, err := tx.Account(name)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		open := slices.ContainsFunc(mails, func(m ledger.Mail) bool {
			return m.TellsEndTo(name, r.Generation) && m.State.Open()
		})
		onTheWay = onTheWay || open
		if err != nil || a.Gone || open || slices.Contains(went, name) || name != by.Name && !a.WantsMail(subject) {
			continue
		}
		if err := oweLetter(tx, r, subject, name); err != nil {
			return err
		}
		went = append(went, name)
	}
	switch {
	case len(went) == 0 && onTheWay:
		return protocol.NewProblem(http.StatusConflict, "on-the-way", "the letter is on its way already")
	case len(went) == 0:
		return protocol.NewProblem(http.StatusConflict, "not-possible", "whom it would go to has left, or wants no such letters")
	}
	ev := report.Evidence{"by": by.Name, "to": went, "subject": subject}
	return tx.Append(ledger.Fact(r, report.Requester, 0, ledger.LettersAsked, ev))
}

// endOf is what letters about the request's end are about.
func endOf(r *report.Request) ledger.Subject {
	if r.State == report.Stored || r.State == report.Delivered {
		return ledger.SubjectReady
	}
	return ledger.Subject(r.Outcome)
}

func oweLetter(tx ledger.Tx, r *report.Request, subject ledger.Subject, account string) error {
	m := ledger.Mail{
		GUID: r.GUID, Generation: r.Generation, Subject: subject, Account: account,
		State: ledger.MailPending, Letter: ledger.NotWritten(), At: tx.Now(), CreatedAt: tx.Now(),
	}
	if err := tx.PutMail(m); err != nil {
		return err
	}
	return tx.Owe(ledger.Task{Key: ledger.Key{GUID: r.GUID, Kind: ledger.Email, Subject: m.Task()}, Generation: r.Generation, DueAt: tx.Now()})
}
