package trace

import (
	"context"
	"errors"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// notSent is the table from what the relay did to what becomes of the letter.
func (s *Station) notSent(ctx context.Context, d dispatch, err error) task.Result {
	said := err.Error()
	if reply, ok := mail.ReplyOf(err); ok {
		said = reply.String()
	}
	if errors.Is(err, errUntrue) {
		return task.Done(s.untrue(d))
	}
	if errors.Is(err, ledger.ErrLost) {
		return task.Retry(err)
	}
	s.Log.WarnContext(ctx, "mail not sent", "message_id", d.row.MessageID, "error", err)
	switch report.ClassOf(err) {
	case report.Permanent, report.Poison:
		return task.Done(s.closed(d, ledger.MailBounced, said))
	case report.Unknown:
		return s.unknown(d, said, relayUnknowns)
	}
	return s.later(d, said, err)
}

func untrueState(m ledger.Mail) ledger.MailState {
	if m.Unknowns > 0 {
		return ledger.MailUnconfirmed
	}
	return ledger.MailVoid
}

// untrue closes a letter that is no longer true, unless it is again: a report
// that was fetched anew may have been announced since the letter was looked at.
func (s *Station) untrue(d dispatch) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := tx.Request(d.m.GUID)
		if err != nil {
			return err
		}
		if again, err := stillTrue(tx, r, d.m); err != nil || again {
			return errors.Join(err, ledger.ErrConflict)
		}
		return s.closed(d, untrueState(d.m), "")(tx, fx)
	}
}

// unchanged reads the letter's row and refuses if anybody but this very try has
// written it since it was picked: an announcement may have opened it again, and
// a stale copy must not be put in its place.
func (d dispatch) unchanged(tx ledger.Tx) (ledger.Mail, error) {
	row, err := tx.Mail(d.m.GUID, d.m.Generation, d.m.Subject, d.m.Account)
	if err != nil {
		return row, err
	}
	if row.State != ledger.MailSending && (row.State != d.m.State || !row.At.Equal(d.m.At)) {
		return row, ledger.ErrConflict
	}
	return row, nil
}

// later goes back to how it was before SENDING: the relay surely does not have
// the letter.
func (s *Station) later(d dispatch, said string, err error) task.Result {
	commit := func(tx ledger.Tx, _ *task.Effects) error {
		row, err := d.unchanged(tx)
		if err != nil {
			return err
		}
		m := d.m
		m.Reply = said
		if m.State != ledger.MailUnknown {
			m.At = tx.Now()
		}
		if err := tx.PutMail(m); err != nil || row.State != ledger.MailSending {
			return err
		}
		return s.mailFact(tx, m, "mail_deferred", said)
	}
	return task.RetryWith(err, commit)
}

// How often the fate of a letter may be unknown before it stays unconfirmed. A
// process of ours that died says less about the relay than a connection lost
// after the final dot, and a letter lost is worse than the identical one twice.
const (
	relayUnknowns = 2
	crashUnknowns = 4
)

// unknown records that nobody knows whether the relay has the letter: the
// identical message is sent once more after a wait, until the most is reached.
func (s *Station) unknown(d dispatch, said string, most int) task.Result {
	if d.m.Unknowns+1 >= most {
		return task.Done(s.closed(d, ledger.MailUnconfirmed, said))
	}
	return task.Later(s.UnknownWait, func(tx ledger.Tx, _ *task.Effects) error {
		if _, err := d.unchanged(tx); err != nil {
			return err
		}
		m := d.m
		m.State, m.Reply, m.At = ledger.MailUnknown, said, tx.Now()
		m.Unknowns++
		if err := tx.PutMail(m); err != nil {
			return err
		}
		return s.mailFact(tx, m, "mail_unknown", said)
	})
}

// notAssembled handles letters whose attachment no longer is what it was. While
// the report waits in STORED the damaged files, and only they, are fetched again
// and the letter waits void; else it is lost.
func (s *Station) notAssembled(ctx context.Context, d dispatch, err error) task.Result {
	if report.CodeOf(err) != codeDamaged {
		return task.Retry(err)
	}
	said := err.Error()
	damaged, err := s.check(ctx, news{files: attached(d.files, d.row)})
	if err != nil {
		return task.Retry(err)
	}
	return task.Done(func(tx ledger.Tx, fx *task.Effects) error {
		r, err := tx.Request(d.m.GUID)
		if err != nil {
			return err
		}
		if r.State != report.Stored || r.Generation != d.m.Generation || len(damaged) == 0 {
			return s.closed(d, d.m.Lost(), said)(tx, fx)
		}
		if _, err := d.unchanged(tx); err != nil {
			return err
		}
		if err := s.end(tx, d.m, untrueState(d.m), said); err != nil {
			return err
		}
		return damage(r, damaged)(tx, fx)
	})
}

// attached lists the files a letter carries.
func attached(files []ledger.File, row mail.Row) (out []ledger.File) {
	for _, f := range files {
		for _, a := range row.Attachments {
			if a.Key == f.BlobKey {
				out = append(out, f)
			}
		}
	}
	return out
}

// closed commits the end of a letter, and DELIVERED if it was the last.
func (s *Station) closed(d dispatch, state ledger.MailState, said string) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		row, err := d.unchanged(tx)
		if err != nil {
			return err
		}
		m := d.m
		m.Flagged = row.Flagged // SENDING may have been committed by this very try
		if err := s.end(tx, m, state, said); err != nil {
			return err
		}
		return s.settled(m)(tx, fx)
	}
}

// end writes how a letter ended, with a notice where a person should know.
func (s *Station) end(tx ledger.Tx, m ledger.Mail, state ledger.MailState, said string) error {
	m.State, m.Reply, m.At = state, said, tx.Now()
	if err := tx.PutMail(m); err != nil {
		return err
	}
	if err := s.mailFact(tx, m, "mail_"+string(state), said); err != nil {
		return err
	}
	return s.tellTrouble(tx, m)
}

func (s *Station) mailFact(tx ledger.Tx, m ledger.Mail, name, said string) error {
	r, err := tx.Request(m.GUID)
	if err != nil {
		return err
	}
	ev := report.Evidence{"subject": m.Subject, "account": m.Account, "reply": said, "sent_again": m.Flagged}
	return tx.Append(ledger.Fact(r, report.Trace, 0, name, ev))
}

// tellTrouble gives a notice to requester and operators about a letter that
// did not surely arrive.
func (s *Station) tellTrouble(tx ledger.Tx, m ledger.Mail) error {
	switch m.State {
	case ledger.MailBounced, ledger.MailUnconfirmed, ledger.MailGivenUp:
	default:
		return nil
	}
	r, err := tx.Request(m.GUID)
	if err != nil {
		return err
	}
	return tellOwnerAndOperators(tx, r, ledger.SubjectMail)
}

// tellOwnerAndOperators raises a notice for who asked and who looks after it.
func tellOwnerAndOperators(tx ledger.Tx, r *report.Request, s ledger.Subject) error {
	people, err := tx.Accounts()
	if err != nil {
		return err
	}
	for _, a := range people {
		if a.Gone || a.Name != r.Asked.Owner && !access.MayOperate(a) {
			continue
		}
		_, err := tx.AddNotice(ledger.Notice{
			Account: a.Name, GUID: r.GUID, Generation: r.Generation, Subject: s, Title: r.Asked.Title, At: tx.Now(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settled moves the request on if this was its last open letter, and lets PURGE
// look again where a report is kept only until it is had.
func (s *Station) settled(m ledger.Mail) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := tx.Request(m.GUID)
		if err != nil {
			return err
		}
		if err := deliverIfTold(tx, r, fx); err != nil {
			return err
		}
		if r.State.Terminal() && r.Asked.Retention == 0 {
			fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: ledger.Purge})
			return tx.Wake(r.GUID, ledger.Purge)
		}
		return nil
	}
}
