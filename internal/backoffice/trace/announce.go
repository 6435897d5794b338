package trace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// subject says what is announced of a request in its state; "" is nothing.
func subject(r *report.Request) ledger.Subject {
	switch r.State {
	case report.AwaitingApproval:
		return ledger.SubjectAsking
	case report.Stored, report.Delivered:
		return ledger.SubjectReady
	case report.Rejected, report.Failed, report.Declined, report.Expired, report.Cancelled:
		return ledger.Subject(r.Outcome)
	}
	return ""
}

// news is all that one announcement needs, read before its commit.
type news struct {
	r        *report.Request
	subject  ledger.Subject
	people   []ledger.Account // to be told, all still here
	gone     []ledger.Recipient
	owner    ledger.Account
	operator mail.Person // whom answers go to
	files    []ledger.File
	decision *ledger.Approval
	decider  string // full name of who decided, or cancelled
	now      time.Time
}

// announce tells everybody concerned, in one commit.
func (s *Station) announce(ctx context.Context, l task.Leased) task.Result {
	n, err := s.gather(ctx, l.GUID)
	if err != nil {
		return task.Retry(err)
	}
	if n.subject == "" || n.r.State == report.Delivered || !n.r.AnnouncedAt.IsZero() {
		return task.Done(nil)
	}
	if damaged, err := s.check(ctx, n); err != nil {
		return task.Retry(err)
	} else if len(damaged) > 0 {
		return task.Done(damage(n.r, damaged))
	}
	letters := make([]ledger.Mail, 0, len(n.people))
	for _, who := range n.people {
		m, err := s.write(ctx, n, who)
		if err != nil {
			return task.Retry(err)
		}
		letters = append(letters, m)
	}
	return task.Done(s.told(n, letters))
}

// gather reads the request and whom it concerns.
func (s *Station) gather(ctx context.Context, guid string) (n news, err error) {
	err = s.Store.View(ctx, func(v ledger.View) error {
		n = news{now: v.Now()}
		if n.r, err = v.Request(guid); err != nil {
			return err
		}
		n.subject = subject(n.r)
		if n.owner, err = accountOf(v, n.r.Asked.Owner); err != nil {
			return err
		}
		if n.operator, err = operator(v); err != nil {
			return err
		}
		if err := n.addressees(v); err != nil {
			return err
		}
		if n.files, err = filesOf(v, n.r); err != nil {
			return err
		}
		decisions, err := v.Approvals(guid)
		if err != nil {
			return err
		}
		if len(decisions) > 0 {
			n.decision = &decisions[len(decisions)-1]
		}
		n.decider, err = n.whoDecided(v)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("gather what to announce of %s: %w", guid, err)
	}
	return n, nil
}

// whoDecided is the full name of the approver, or of who cancelled.
func (n *news) whoDecided(v ledger.View) (string, error) {
	name := ""
	if n.decision != nil {
		name = n.decision.Account
	}
	if n.r.State == report.Cancelled {
		rows, err := v.Journal(n.r.GUID)
		if err != nil || len(rows) == 0 {
			return "", err
		}
		for _, e := range rows {
			if by, ok := e.Evidence["cancelled_by"].(string); ok {
				name = by
			}
		}
	}
	if name == "" || name == "system" {
		return "", nil
	}
	a, err := accountOf(v, name)
	if a.FullName == "" {
		return name, err
	}
	return a.FullName, err
}

// accountOf gives an account, marked as gone where there is none any more.
func accountOf(v ledger.View, name string) (ledger.Account, error) {
	a, err := v.Account(name)
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Account{Name: name, Gone: true}, nil
	}
	return a, err
}

// addressees are the approvers while approval is asked, else the recipients.
func (n *news) addressees(v ledger.View) error {
	if n.subject == ledger.SubjectAsking {
		all, err := v.Accounts()
		for _, a := range all {
			if a.Is(n.r.Asked.Approval) && a.Name != n.r.Asked.Owner {
				n.people = append(n.people, a)
			}
		}
		return err
	}
	rows, err := v.Recipients(n.r.GUID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		a, err := accountOf(v, row.Account)
		if err != nil {
			return err
		}
		if !a.Gone {
			n.people = append(n.people, a)
		} else if row.GoneAt.IsZero() {
			n.gone = append(n.gone, row)
		}
	}
	return nil
}

// filesOf lists the files of the current generation, if the report is here.
func filesOf(v ledger.View, r *report.Request) (files []ledger.File, err error) {
	if r.State != report.Stored && r.State != report.Delivered {
		return nil, nil
	}
	rows, err := v.Files(r.GUID)
	for _, f := range rows {
		if f.Generation == r.Generation {
			files = append(files, f)
		}
	}
	return ledger.AsAsked(files, r.Manifest), err
}

// check reads every file back (step 12) and lists those that no longer match
// their digest. A storage that cannot be read at all is no damage but an error.
func (s *Station) check(ctx context.Context, n news) (damaged []ledger.File, err error) {
	for _, f := range n.files {
		sum, err := s.digest(ctx, f.BlobKey)
		if err != nil && !isMissing(err) {
			return nil, fmt.Errorf("read %s back: %w", f.BlobKey, err)
		}
		if sum != f.SHA256 {
			damaged = append(damaged, f)
		}
	}
	return damaged, nil
}

func (s *Station) digest(ctx context.Context, key string) (string, error) {
	body, _, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// damage sends the request back to have the damaged files fetched again, or
// ends it the third time.
func damage(seen *report.Request, damaged []ledger.File) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := unmoved(tx, seen)
		if err != nil {
			return err
		}
		var owe []ledger.Task
		names := make([]string, 0, len(damaged))
		for _, f := range damaged {
			f.Damaged = true
			if err := tx.PutFile(f); err != nil {
				return err
			}
			names = append(names, f.Name)
			owe = append(owe, ledger.Task{Key: ledger.Key{Kind: ledger.Fetch, Subject: f.Name}, DueAt: tx.Now()})
		}
		m, err := r.Damaged(tx.Now(), report.Evidence{"damaged": names})
		if err != nil {
			return err
		}
		if r.State == report.Failed {
			fx.Publish(event.ReportFailed, r)
			return ledger.Move(tx, r, m)
		}
		return ledger.Move(tx, r, m, owe...)
	}
}

// unmoved loads the request and refuses if it has moved since it was seen.
func unmoved(tx ledger.Tx, seen *report.Request) (*report.Request, error) {
	r, err := tx.Request(seen.GUID)
	if err != nil {
		return nil, err
	}
	if r.Version != seen.Version {
		return nil, ledger.ErrConflict
	}
	return r, nil
}

// write composes the letter to one person and the row it is kept in. A person
// without a usable address, or who wants no letters of this kind, gets the notice
// only, and the row says so.
func (s *Station) write(ctx context.Context, n news, who ledger.Account) (ledger.Mail, error) {
	m := ledger.Mail{
		GUID: n.r.GUID, Generation: n.r.Generation, Subject: n.subject, Account: who.Name,
		State: ledger.MailPending, CreatedAt: n.now, At: n.now,
	}
	if !who.WantsMail(n.subject) {
		m.State, m.Letter = ledger.MailUnwanted, json.RawMessage("{}")
		return m, nil
	}
	row, err := s.Composer.Compose(ctx, s.letter(n, who), n.now, s.open)
	// Bytes damaged since they were checked are found by the next try.
	if class := report.ClassOf(err); err != nil && (report.CodeOf(err) == codeDamaged || class != report.Permanent && class != report.Poison) {
		return m, fmt.Errorf("write to %s: %w", who.Name, err)
	} else if err != nil {
		m.State, m.Reply, m.Letter = ledger.MailGivenUp, report.CodeOf(err), json.RawMessage("{}")
		return m, nil
	}
	m.Letter, err = json.Marshal(row)
	return m, err
}

func (s *Station) open(ctx context.Context, key string) (io.ReadCloser, error) {
	body, _, err := s.Blobs.Open(ctx, key)
	if isMissing(err) {
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err) // how package mail calls it
	}
	return body, err
}
