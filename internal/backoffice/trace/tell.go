package trace

import (
	"errors"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// told is the commit of an announcement: notices, letters, their tasks, and
// DELIVERED if no letter is open.
func (s *Station) told(n news, letters []ledger.Mail) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := unmoved(tx, n.r)
		if err != nil {
			return err
		}
		if err := n.partings(tx, r); err != nil {
			return err
		}
		for _, m := range letters {
			if err := s.tell(tx, r, m, fx); err != nil {
				return err
			}
		}
		if err := n.taken(tx, r, len(letters)); err != nil {
			return err
		}
		r.Announced(tx.Now())
		if err := tx.Save(r, r.Version); err != nil {
			return err
		}
		fx.Publish(event.ReportAnnounced, r)
		return deliverIfTold(tx, r, fx)
	}
}

// partings notes the recipients who have left.
func (n news) partings(tx ledger.Tx, r *report.Request) error {
	for _, row := range n.gone {
		row.GoneAt = tx.Now()
		if err := tx.PutRecipient(row); err != nil {
			return err
		}
		if err := tx.Append(ledger.Fact(r, report.Trace, 0, "recipient_gone", report.Evidence{"account": row.Account})); err != nil {
			return err
		}
	}
	return nil
}

// taken notes step 12, or that an outcome without a document was announced.
func (n news) taken(tx ledger.Tx, r *report.Request, letters int) error {
	if n.subject != ledger.SubjectReady {
		return tx.Append(ledger.Fact(r, report.Trace, 0, "announced", report.Evidence{"subject": n.subject, "people": letters}))
	}
	for _, f := range n.files {
		ev := report.Evidence{"file": f.Name, "blob_key": f.BlobKey, "sha256": f.SHA256}
		if err := tx.Append(ledger.Fact(r, report.Trace, report.StepTaken, "taken", ev)); err != nil {
			return err
		}
	}
	return nil
}

// tell writes one person's notice and letter and owes the sending. A letter
// that went out already stays as it is, one whose fate is unknown stays the
// identical message, and any other is written anew: it names today's bytes.
func (s *Station) tell(tx ledger.Tx, r *report.Request, m ledger.Mail, fx *task.Effects) error {
	_, err := tx.AddNotice(ledger.Notice{
		Account: m.Account, GUID: r.GUID, Generation: r.Generation, Subject: m.Subject, Title: r.Asked.Title, At: tx.Now(),
	})
	if err != nil {
		return err
	}
	old, err := tx.Mail(m.GUID, m.Generation, m.Subject, m.Account)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	if err == nil {
		switch {
		case old.State == ledger.MailVoid, old.State == ledger.MailUnwanted: // opened again: its day begins anew
		case old.State == ledger.MailPending && old.Unknowns == 0:
			m.CreatedAt = old.CreatedAt // it has waited since then
		case old.State.Open():
			m = old
		default:
			return nil
		}
	}
	if err := tx.PutMail(m); err != nil {
		return err
	}
	if !m.State.Open() { // over before it began: no usable address, or not wanted
		return errors.Join(s.mailFact(tx, m, "mail_"+string(m.State), m.Reply), s.tellTrouble(tx, m))
	}
	key := ledger.Key{GUID: r.GUID, Kind: ledger.Email, Subject: m.Task()}
	fx.Next = append(fx.Next, key)
	return tx.Owe(ledger.Task{Key: key, Generation: r.Generation, DueAt: tx.Now()})
}

// deliverIfTold moves STORED to DELIVERED once no letter about it is open.
func deliverIfTold(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
	if r.State != report.Stored || r.AnnouncedAt.IsZero() {
		return nil
	}
	mails, err := tx.Mails(r.GUID)
	if err != nil {
		return err
	}
	ev := report.Evidence{}
	for _, m := range mails {
		if m.Generation != r.Generation || m.Subject != ledger.SubjectReady {
			continue
		}
		if m.State.Open() {
			return nil
		}
		ev["mail_"+m.Account] = string(m.State) + " " + m.Reply
	}
	return deliver(tx, r, ev, fx)
}

func deliver(tx ledger.Tx, r *report.Request, ev report.Evidence, fx *task.Effects) error {
	m, err := r.Deliver(tx.Now(), ev)
	if err != nil {
		return err
	}
	fx.Publish(event.ReportDelivered, r)
	if r.Asked.Retention == 0 { // it may go at once
		fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: ledger.Purge})
	}
	return ledger.Move(tx, r, m)
}
