package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// errUntrue says that a letter is no longer true and must not go out.
var errUntrue = errors.New("the letter is no longer true")

// codeDamaged is what package mail calls bytes that no longer are what they were.
const codeDamaged = "bytes-damaged"

// dispatch is one try at sending one letter.
type dispatch struct {
	m     ledger.Mail
	row   mail.Row
	files []ledger.File // of its generation, as they lie here now
	fresh bool          // still true when it was read
	now   time.Time
}

// email sends one letter.
func (s *Station) email(ctx context.Context, l task.Leased) task.Result {
	d, err := s.pick(ctx, l)
	if errors.Is(err, ledger.ErrNotFound) {
		return task.Done(nil) // purged
	}
	if err != nil {
		return task.Retry(err)
	}
	switch {
	case !d.m.State.Open():
		return task.Done(s.settled(d.m))
	case d.m.State == ledger.MailSending:
		return s.unknown(d, "the process ended while it was being sent", crashUnknowns)
	case !d.fresh:
		return task.Done(s.untrue(d))
	case d.m.State == ledger.MailUnknown && d.now.Before(d.m.At.Add(s.UnknownWait)):
		return task.Later(d.m.At.Add(s.UnknownWait).Sub(d.now), nil) // woken early
	case d.now.Sub(d.m.CreatedAt) > GiveUpAfter:
		return task.Done(s.closed(d, d.m.Lost(), d.m.Reply))
	case d.row.MessageID == "":
		return s.compose(ctx, l, d)
	}
	return s.post(ctx, l, d)
}

// post hands a letter that is written to the relay.
func (s *Station) post(ctx context.Context, l task.Leased, d dispatch) task.Result {
	msg, err := mail.Assemble(ctx, d.row, s.open)
	if err != nil {
		return s.notAssembled(ctx, d, err)
	}
	sending := func(ctx context.Context) error { return s.sending(ctx, l, d) }
	reply, err := s.Relay.Send(ctx, d.row.From, d.row.To, msg, sending)
	if err != nil {
		return s.notSent(ctx, d, err)
	}
	s.Log.InfoContext(ctx, "mail sent", "message_id", d.row.MessageID, "reply", reply.Text)
	return task.Done(s.closed(d, ledger.MailSent, fmt.Sprintf("%d %s", reply.Code, reply.Text)))
}

// pick reads the letter a lease is about.
func (s *Station) pick(ctx context.Context, l task.Leased) (d dispatch, err error) {
	generation, subject, account, err := ledger.LetterOf(l.Subject)
	if err != nil {
		return d, fmt.Errorf("pick a letter of %s: %w", l.GUID, err)
	}
	err = s.Store.View(ctx, func(v ledger.View) (err error) {
		d.now = v.Now()
		if d.m, err = v.Mail(l.GUID, generation, subject, account); err != nil {
			return err
		}
		r, err := v.Request(l.GUID)
		if err != nil {
			return err
		}
		if d.files, err = filesOf(v, r); err != nil {
			return err
		}
		d.fresh, err = stillTrue(v, r, d.m)
		return err
	})
	if err == nil {
		err = json.Unmarshal(d.m.Letter, &d.row)
	}
	d.repoint()
	if err != nil {
		return d, fmt.Errorf("pick the letter %s of %s: %w", l.Subject, l.GUID, err)
	}
	return d, nil
}

// repoint lets the attachments name the bytes that lie here now: those that
// were fetched again have another key and the same digest, and the message
// assembled from them is the same.
func (d *dispatch) repoint() {
	for i, a := range d.row.Attachments {
		for _, f := range d.files {
			if f.SHA256 == a.SHA256 && f.BlobKey != "" {
				d.row.Attachments[i].Key = f.BlobKey
			}
		}
	}
}

// sending commits SENDING, only if the letter is still true in that very
// transaction. A second sending is flagged.
func (s *Station) sending(ctx context.Context, l task.Leased, d dispatch) error {
	return s.Store.Update(ctx, func(tx ledger.Tx) error {
		if err := tx.Guard(l.Lease); err != nil {
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
	case ledger.SubjectLate:
		return !r.LateAt.IsZero() && !r.State.Terminal() && r.State != report.Stored, nil
	}
	about, _ := m.Subject.Parse() // asked for again, it is as true as the first
	if about == ledger.SubjectReady {
		return r.State == report.Stored || r.State == report.Delivered, nil
	}
	return r.State.Terminal() && about == ledger.Subject(r.Outcome), nil
}
