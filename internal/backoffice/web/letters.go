package web

import (
	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/onereport"
)

// letters has the letter about the report's end sent again: to whom the form
// names, or to everybody this person may name.
func (s *Station) letters(v *visit) (answer, error) {
	if err := v.ParseForm(); err != nil {
		return answer{}, err
	}
	err := s.api.Letters(v.Context(), v.who.Name, v.report.GUID, append([]string{}, v.PostForm["to"]...))
	return s.acted(v, err, "/r/"+v.report.GUID)
}

// fillRecipients lists who gets the report, how far the letter got, and whether
// this person may have it sent once more.
func fillRecipients(v *visit, d dossier, p *onereport.Page) {
	may := map[string]bool{}
	if v.report.Told() && v.report.PurgedAt.IsZero() { // there is a letter, and what it is about
		for _, name := range access.MaySendAgain(v.who, v.report, v.recipients) {
			may[name] = true
		}
	}
	for _, m := range d.mails {
		if m.State.Open() && m.TellsEndTo(m.Account, v.report.Generation) {
			delete(may, m.Account) // it is on its way
		}
	}
	for _, c := range v.recipients {
		last, _ := newestLetter(d.mails, v.report.Generation, c.Account)
		if last.State == ledger.MailUnwanted && c.Account != v.who.Name {
			delete(may, c.Account) // who wants none gets none at another's word
		}
		one := onereport.Recipient{Account: c.Account, Name: d.name(c.Account), State: letterState(v, d, c), MaySend: may[c.Account]}
		if one.MaySend {
			p.MaySend++
		}
		p.Recipients = append(p.Recipients, one)
	}
}

// newestLetter is the last letter about how it ended, to one person; one that is
// no longer true does not count.
func newestLetter(mails []ledger.Mail, generation int, account string) (last ledger.Mail, found bool) {
	for _, m := range mails {
		if m.TellsEndTo(account, generation) && m.State != ledger.MailVoid && !m.CreatedAt.Before(last.CreatedAt) {
			last, found = m, true
		}
	}
	return last, found
}
