package trace

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/blob"
	"peyk/internal/report"
)

// letter puts the news into the terms of a letter to one person.
func (s *Station) letter(n news, who ledger.Account) mail.Letter {
	r := n.r
	zone, err := time.LoadLocation(who.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	l := mail.Letter{
		Kind: kindOf(r), Locale: who.Locale, TimeZone: zone,
		From: s.From, ReplyTo: n.operator, To: mail.Person{Name: who.FullName, Address: who.Email}, Host: s.Host,
		GUID: r.GUID, Generation: r.Generation,
		ReportTitle: r.Asked.Title.In(who.Locale), Sentence: r.Asked.InShort(who.Locale),
		Requester: mail.Person{Name: n.owner.FullName, Address: n.owner.Email},
		Link:      s.PublicURL + "/r/" + r.GUID,
	}
	n.outcome(&l, who.Locale)
	return l
}

// outcome fills in what only some kinds of letters say.
func (n news) outcome(l *mail.Letter, locale string) {
	r := n.r
	switch {
	case l.Kind == mail.Asking:
		l.AnswerBy, l.Reason = r.Deadline, r.Asked.Note
	case l.Kind.Ready():
		for _, f := range n.files {
			l.Files = append(l.Files, mail.File{File: f.File, Key: f.BlobKey})
		}
		if r.Asked.Retention > 0 {
			l.KeptUntil = n.now.Add(r.Asked.Retention)
			if !r.EndedAt.IsZero() { // sent again
				l.KeptUntil = r.EndedAt.Add(r.Asked.Retention)
			}
		}
		if d := n.decision; d != nil && d.Approved {
			l.DecidedBy, l.DecidedAt = n.decider, d.At
		}
	case l.Kind == mail.Declined && n.decision != nil:
		l.DecidedBy, l.DecidedAt, l.Reason = n.decider, n.decision.At, n.decision.Reason
	case l.Kind == mail.Cancelled:
		l.DecidedBy, l.DecidedAt = n.decider, r.EndedAt
		if r.Failure != nil && r.Failure.Detail != "requester-gone" {
			l.Reason = r.Failure.Detail
		}
	case l.Kind == mail.Expired:
		l.AnswerBy = r.EndedAt
	case r.Failure != nil:
		l.FailureSentence = causeInWords(r.Failure.Code, locale)
		if said := r.Failure.Said(); r.State == report.Rejected && said != "" {
			l.FailureSentence += " " + report.Text{EN: "The provider says: “", TR: "Sağlayıcının açıklaması: “"}.In(locale) + said + "”"
		}
	}
}

func kindOf(r *report.Request) mail.Kind {
	switch r.State {
	case report.AwaitingApproval:
		return mail.Asking
	case report.Stored, report.Delivered:
		return mail.Kind(r.Manifest.Outcome())
	}
	return mail.Kind(r.Outcome)
}

// isMissing tells bytes that are gone from a storage that cannot be read.
func isMissing(err error) bool { return errors.Is(err, blob.ErrNotFound) }
