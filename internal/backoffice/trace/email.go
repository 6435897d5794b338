package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// emailSubject names the letter an EMAIL task is about.
func emailSubject(m ledger.Mail) string {
	return fmt.Sprintf("%d/%s/%s", m.Generation, m.Subject, m.Account)
}

// errUntrue says that a letter is no longer true and must not go out.
var errUntrue = errors.New("the letter is no longer true")

// dispatch is one try at sending one letter.
type dispatch struct {
	m   ledger.Mail
	row mail.Row
	now time.Time
}

// email sends one letter.
func (s *Station) email(ctx context.Context, l ledger.Lease) task.Result {
	d, err := s.pick(ctx, l)
	if err != nil {
		return task.Retry(err)
	}
	switch {
	case !d.m.State.Open():
		return task.Done(s.settled(d.m))
	case d.m.State == ledger.MailSending:
		return s.unknown(d, "the process ended while it was being sent")
	case d.now.Sub(d.m.CreatedAt) > GiveUpAfter:
		return task.Done(s.closed(d, ledger.MailGivenUp, d.m.Reply))
	}
	msg, err := mail.Assemble(ctx, d.row, s.open)
	if err != nil {
		return s.notAssembled(d, err)
	}
	sending := func(ctx context.Context) error { return s.sending(ctx, l, d) }
	reply, err := s.Relay.Send(ctx, d.row.From, d.row.To, msg, sending)
	if err != nil {
		return s.notSent(ctx, d, err)
	}
	s.Log.InfoContext(ctx, "mail sent", "guid", l.GUID, "message_id", d.row.MessageID, "reply", reply.Text)
	return task.Done(s.closed(d, ledger.MailSent, fmt.Sprintf("%d %s", reply.Code, reply.Text)))
}

// pick reads the letter a lease is about.
func (s *Station) pick(ctx context.Context, l ledger.Lease) (d dispatch, err error) {
	var generation int
	var subject ledger.Subject
	parts := strings.SplitN(l.Subject, "/", 3)
	if len(parts) != 3 {
		return d, fmt.Errorf("pick the letter %q of %s: no such name", l.Subject, l.GUID)
	}
	if _, err := fmt.Sscan(parts[0], &generation); err != nil {
		return d, fmt.Errorf("pick the letter %q of %s: %w", l.Subject, l.GUID, err)
	}
	subject = ledger.Subject(parts[1])
	err = s.Store.View(ctx, func(v ledger.View) (err error) {
		d.now = v.Now()
		d.m, err = v.Mail(l.GUID, generation, subject, parts[2])
		return err
	})
	if err == nil {
		err = json.Unmarshal(d.m.Letter, &d.row)
	}
	if err != nil {
		return d, fmt.Errorf("pick the letter %s of %s: %w", l.Subject, l.GUID, err)
	}
	return d, nil
}

// sending commits SENDING, only if the letter is still true in that very
// transaction. A second sending is flagged.
func (s *Station) sending(ctx context.Context, l ledger.Lease, d dispatch) error {
	return s.Store.Update(ctx, func(tx ledger.Tx) error {
		if err := tx.Guard(l); err != nil {
			return err
		}
		r, err := tx.Request(d.m.GUID)
		if err != nil {
			return err
		}
		fresh, err := stillTrue(tx, r, d.m)
		if err != nil {
			return err
		}
		if !fresh {
			return errUntrue
		}
		m := d.m
		m.Flagged = m.Flagged || m.State == ledger.MailUnknown
		m.State, m.At = ledger.MailSending, tx.Now()
		if err := tx.PutMail(m); err != nil {
			return err
		}
		return tx.Append(ledger.Fact(r, report.Trace, 0, "mail_sending", report.Evidence{"subject": m.Subject, "account": m.Account, "message_id": d.row.MessageID, "again": m.Flagged}))
	})
}

// stillTrue is the table of what makes a letter true at this moment.
func stillTrue(v ledger.View, r *report.Request, m ledger.Mail) (bool, error) {
	who, err := accountOf(v, m.Account)
	if err != nil || who.Gone || r.Generation != m.Generation {
		return false, err
	}
	switch m.Subject {
	case ledger.SubjectAsking:
		return r.State == report.AwaitingApproval && access.MayDecide(who, r), nil
	case ledger.SubjectReady:
		return r.State == report.Stored || r.State == report.Delivered, nil
	}
	return r.State.Terminal() && m.Subject == ledger.Subject(r.Outcome), nil
}

// notSent is the table from what the relay did to what becomes of the letter.
func (s *Station) notSent(ctx context.Context, d dispatch, err error) task.Result {
	said := err.Error()
	if reply, ok := mail.ReplyOf(err); ok {
		said = reply.String()
	}
	if errors.Is(err, errUntrue) {
		return task.Done(s.closed(d, untrueState(d.m), ""))
	}
	if errors.Is(err, ledger.ErrLost) {
		return task.Retry(err)
	}
	s.Log.WarnContext(ctx, "mail not sent", "guid", d.m.GUID, "message_id", d.row.MessageID, "error", err)
	switch report.ClassOf(err) {
	case report.Permanent, report.Poison:
		return task.Done(s.closed(d, ledger.MailBounced, said))
	case report.Unknown:
		return s.unknown(d, said)
	}
	return s.later(d, said, err)
}

func untrueState(m ledger.Mail) ledger.MailState {
	if m.Unknowns > 0 {
		return ledger.MailUnconfirmed
	}
	return ledger.MailVoid
}

// later goes back to how it was before SENDING: the relay surely does not have
// the letter.
func (s *Station) later(d dispatch, said string, err error) task.Result {
	commit := func(tx ledger.Tx, _ *task.Effects) error {
		m := d.m
		m.Reply, m.At = said, tx.Now()
		return tx.PutMail(m)
	}
	return task.RetryWith(err, commit)
}

// unknown records that nobody knows whether the relay has the letter. The
// first time the identical message is sent once more after a wait; the second
// time it stays unconfirmed.
func (s *Station) unknown(d dispatch, said string) task.Result {
	if d.m.Unknowns > 0 {
		return task.Done(s.closed(d, ledger.MailUnconfirmed, said))
	}
	return task.Later(s.UnknownWait, func(tx ledger.Tx, _ *task.Effects) error {
		m := d.m
		m.State, m.Reply, m.At = ledger.MailUnknown, said, tx.Now()
		m.Unknowns++
		if err := tx.PutMail(m); err != nil {
			return err
		}
		return s.mailFact(tx, m, "mail_unknown", said)
	})
}

// notAssembled handles letters whose attachment no longer is what it was.
func (s *Station) notAssembled(d dispatch, err error) task.Result {
	if report.CodeOf(err) != "bytes-damaged" {
		return task.Retry(err)
	}
	return task.Done(func(tx ledger.Tx, fx *task.Effects) error {
		r, lookup := tx.Request(d.m.GUID)
		if lookup != nil {
			return lookup
		}
		if r.State != report.Stored || r.Generation != d.m.Generation {
			return s.closed(d, ledger.MailGivenUp, err.Error())(tx, fx)
		}
		m := d.m
		m.State, m.At = untrueState(m), tx.Now() // waits void until the bytes are whole again
		if err := tx.PutMail(m); err != nil {
			return err
		}
		files, lookup := filesOf(tx, r)
		if lookup != nil {
			return lookup
		}
		return damage(r, attached(files, d.row))(tx, fx)
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

// closed commits the end of a letter, with a notice where a person should know,
// and DELIVERED if it was the last.
func (s *Station) closed(d dispatch, state ledger.MailState, said string) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		m := d.m
		// SENDING may have been committed by this very try: keep its flag.
		if row, err := tx.Mail(m.GUID, m.Generation, m.Subject, m.Account); err == nil {
			m.Flagged = row.Flagged
		}
		m.State, m.Reply, m.At = state, said, tx.Now()
		if err := tx.PutMail(m); err != nil {
			return err
		}
		if err := s.mailFact(tx, m, "mail_"+string(state), said); err != nil {
			return err
		}
		if err := s.tellTrouble(tx, m); err != nil {
			return err
		}
		return s.settled(m)(tx, fx)
	}
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
			return tx.Wake(r.GUID, ledger.Purge)
		}
		return nil
	}
}
