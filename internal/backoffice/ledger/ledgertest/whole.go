package ledgertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Fill writes rows of each kind for the n-th request, every field set, for tests
// that carry a ledger somewhere else.
func Fill(tx ledger.Tx, n int) error {
	name := fmt.Sprint("Işıl ", n)
	r := fullRequest(n)
	r.State = report.States()[n%len(report.States())]
	hook, notice, approval := filled[ledger.Hook](n), filled[ledger.Notice](n), filled[ledger.Approval](n)
	recipient, file, mail := filled[ledger.Recipient](n), filled[ledger.File](n), filled[ledger.Mail](n)
	account, session, token := filled[ledger.Account](n), filled[ledger.Session](n), filled[ledger.Token](n)
	progress, beat := filled[ledger.Progress](n), filled[ledger.Beat](n)
	for _, at := range []*string{&progress.GUID, &hook.GUID, &notice.GUID, &approval.GUID, &recipient.GUID, &file.GUID, &mail.GUID} {
		*at = r.GUID
	}
	for _, at := range []*string{&notice.Account, &recipient.Account, &account.Name, &session.TokenHash, &token.Hash, &file.BlobKey} {
		*at = name
	}
	hook.Generation, mail.State, session.ExpiresAt = 1, ledger.MailPending, tx.Now().Add(time.Hour)
	_, hookErr := tx.AddHook(hook)
	_, noticeErr := tx.AddNotice(notice)
	return errors.Join(tx.Insert(r), hookErr, noticeErr,
		tx.Append(report.Entry{GUID: r.GUID, Kind: report.KindMove, To: report.Stored, Evidence: report.Evidence{"n": n}}),
		tx.Append(report.Entry{GUID: r.GUID, Kind: report.KindFact, Name: name}),
		tx.Owe(ledger.Task{Key: ledger.Key{GUID: r.GUID, Kind: ledger.Submit}, Generation: n}),
		tx.Owe(ledger.Task{Key: ledger.Key{GUID: r.GUID, Kind: ledger.Fetch, Subject: name}, DueAt: tx.Now().Add(time.Hour)}),
		tx.AddApproval(approval), tx.PutRecipient(recipient), tx.PutFile(file), tx.PutProgress(progress), tx.PutMail(mail), tx.PutAccount(account),
		tx.PutSession(session), tx.PutToken(token), tx.PutCatalog(filled[ledger.Catalog](n)), tx.Park(filled[ledger.Parked](n)),
		tx.PutBeat(beat))
}

// Difference shows in which lines two ledgers differ in what can be read of the
// first n requests of Fill; "" if in none.
func Difference(got, want ledger.View, n int) (string, error) {
	g, err := takeSnapshot(got, n)
	if err != nil {
		return "", err
	}
	w, err := takeSnapshot(want, n)
	return difference(g, w), err
}

// Dump is all that can be read of some requests, of accounts and of parked
// payloads, as text: two are alike if nothing was changed between them.
func Dump(v ledger.View, guids ...string) (string, error) {
	s, err := takeSnapshot(v, 0)
	if err != nil {
		return "", err
	}
	var more []any
	for _, g := range guids {
		var rest snapshot
		recipients, failed := v.Recipients(g)
		err = errors.Join(err, failed, gather(&rest.Journal)(v.Journal(g)), gather(&rest.Tasks)(v.Tasks(g)), gather(&rest.Files)(v.Files(g)),
			gather(&rest.Progress)(v.Progress(g)), gather(&rest.Mails)(v.Mails(g)), gather(&rest.Approvals)(v.Approvals(g)))
		for _, r := range recipients {
			err = errors.Join(err, gather(&rest.Notices)(v.Notices(r.Account, 0, 0)))
		}
		more = append(more, recipients, rest)
	}
	text, failed := json.MarshalIndent([]any{s, more}, "", " ")
	return string(text), errors.Join(err, failed)
}
