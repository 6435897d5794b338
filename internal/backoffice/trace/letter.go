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
		From: s.From, To: mail.Person{Name: who.FullName, Address: who.Email}, Host: s.Host,
		GUID: r.GUID, Generation: r.Generation,
		ReportTitle: r.Asked.Title.In(who.Locale), Sentence: r.Asked.Sentence.In(who.Locale),
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

// causeInWords says why a request failed as one would tell a colleague.
func causeInWords(code, locale string) string {
	t, found := map[string]report.Text{
		"deadline": {
			EN: "It was not ready in the six hours a report may take.",
			TR: "Bir rapora tanınan altı saat içinde hazır olmadı.",
		},
		"verification": {
			EN: "The file that came was not the one the provider had announced, so we did not accept it.",
			TR: "Gelen dosya sağlayıcının bildirdiği dosya değildi, bu yüzden kabul etmedik.",
		},
		"storage": {
			EN: "The file was damaged in our own storage again and again. The operator has been told.",
			TR: "Dosya kendi depomuzda tekrar tekrar bozuldu. Operatöre haber verildi.",
		},
		"forgotten": {
			EN: "The provider lost the report several times.",
			TR: "Sağlayıcı raporu birkaç kez kaybetti.",
		},
		"tombstoned": {
			EN: "The provider no longer accepts this request.",
			TR: "Sağlayıcı bu isteği artık kabul etmiyor.",
		},
		"not-as-approved": {
			EN: "What would have run was not what was approved.",
			TR: "Çalışacak olan, onaylanan istek değildi.",
		},
		"invalid-parameters": {
			EN: "The provider did not accept the values of the form.",
			TR: "Sağlayıcı formdaki değerleri kabul etmedi.",
		},
		"poison": {
			EN: "Preparing this report stopped the provider's service again and again, so it is not tried any more. Asking for the same once more will not help; the operator can see why.",
			TR: "Bu rapor hazırlanırken sağlayıcının hizmeti tekrar tekrar durdu, bu yüzden artık denenmiyor. Aynısını yeniden istemek işe yaramaz; operatör nedenini görebilir.",
		},
		"too-expensive": {
			EN: "The report would read too much data. Ask for a shorter period, or for less.",
			TR: "Rapor çok fazla veri okuyacaktı. Daha kısa bir dönem ya da daha azını isteyin.",
		},
		"row-cap": {
			EN: "The report would have too many rows. Ask for a shorter period.",
			TR: "Raporda çok fazla satır olacaktı. Daha kısa bir dönem isteyin.",
		},
		"too-large": {
			EN: "The document would be too large. Ask for a shorter period.",
			TR: "Belge çok büyük olacaktı. Daha kısa bir dönem isteyin.",
		},
	}[code]
	if !found {
		t = report.Text{
			EN: "Something went wrong while the report was prepared (" + code + ").",
			TR: "Rapor hazırlanırken bir sorun çıktı (" + code + ").",
		}
	}
	return t.In(locale)
}

// isMissing tells bytes that are gone from a storage that cannot be read.
func isMissing(err error) bool { return errors.Is(err, blob.ErrNotFound) }
