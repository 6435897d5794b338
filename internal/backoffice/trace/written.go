package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// compose writes a letter that was owed before anybody composed it, and sends
// it. It is kept before the first word of SMTP, as every letter is.
func (s *Station) compose(ctx context.Context, l task.Leased, d dispatch) task.Result {
	n, err := s.gather(ctx, l.GUID)
	if err != nil {
		return task.Retry(err)
	}
	letter, err := s.owed(ctx, n, d.m)
	if err != nil {
		return task.Retry(err)
	}
	row, err := s.Composer.Compose(ctx, letter, d.now, s.open)
	switch class := report.ClassOf(err); {
	case err == nil:
	case report.CodeOf(err) == codeDamaged:
		for _, f := range d.files { // it would have carried them all
			d.row.Attachments = append(d.row.Attachments, mail.Attachment{Key: f.BlobKey})
		}
		return s.notAssembled(ctx, d, err)
	case class == report.Permanent || class == report.Poison:
		return task.Done(s.closed(d, ledger.MailGivenUp, report.CodeOf(err)))
	default:
		return task.Retry(fmt.Errorf("write to %s: %w", d.m.Account, err))
	}
	d.row = row
	if d.m.Letter, err = json.Marshal(row); err != nil {
		return task.Retry(err)
	}
	err = s.Store.Update(ctx, func(tx ledger.Tx) error {
		if _, err := d.unchanged(tx); err != nil {
			return err
		}
		return errors.Join(tx.Guard(l.Lease), tx.PutMail(d.m))
	})
	if err != nil {
		return task.Retry(fmt.Errorf("keep the letter %s of %s: %w", l.Subject, l.GUID, err))
	}
	return s.post(ctx, l, d)
}

// owed puts what was owed unwritten into the terms of a letter: that a report is
// late, or one that somebody asked for again.
func (s *Station) owed(ctx context.Context, n news, m ledger.Mail) (l mail.Letter, err error) {
	err = s.Store.View(ctx, func(v ledger.View) error {
		who, err := v.Account(m.Account)
		if err != nil {
			return err
		}
		l = s.letter(n, who)
		if m.Subject == ledger.SubjectLate {
			l.Kind, l.PromisedBy = mail.Late, n.r.ExpectedBy
			return expected(v, n.r, &l)
		}
		_, l.Again = m.Subject.Parse()
		by, err := askedBy(v, m)
		l.AgainBy = mail.Person{Name: by.FullName, Address: by.Email}
		return err
	})
	if err != nil {
		return l, fmt.Errorf("look up the letter %s to %s about %s: %w", m.Subject, m.Account, m.GUID, err)
	}
	return l, nil
}

// expected says when the provider now thinks the report will be ready.
func expected(v ledger.View, r *report.Request, l *mail.Letter) error {
	rows, err := v.Progress(r.GUID)
	for _, p := range rows {
		if p.Generation == r.Generation && r.State == report.Preparing && p.ReadyAt.After(v.Now()) {
			l.ExpectedBy = p.ReadyAt
		}
	}
	return err
}

// askedBy is who asked to have the letter sent again, by the journal.
func askedBy(v ledger.View, m ledger.Mail) (ledger.Account, error) {
	rows, err := v.Journal(m.GUID)
	if err != nil {
		return ledger.Account{}, err
	}
	for _, e := range slices.Backward(rows) {
		by, _ := e.Evidence["by"].(string)
		if e.Name == ledger.LettersAsked && e.Evidence["subject"] == string(m.Subject) {
			return accountOf(v, by)
		}
	}
	return ledger.Account{}, nil
}

// operator is who answers come to: of those who look after the whole, the first
// by name who can be written to. Nobody: answers are promised to no one.
func operator(v ledger.View) (mail.Person, error) {
	people, err := v.Accounts()
	for _, a := range people {
		if a.Is(access.Operator) && mailaddr.Check(a.Email) == nil {
			return mail.Person{Name: a.FullName, Address: a.Email}, nil
		}
	}
	return mail.Person{}, err
}
