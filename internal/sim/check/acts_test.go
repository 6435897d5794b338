package check

import "fmt"

// id is the Message-ID of a letter.
func (q *quest) id(subject, who string) string {
	return fmt.Sprintf("<%s.%d.%s.%s>", q.guid, q.generation, subject, who)
}

// sending commits SENDING.
func (q *quest) sending(subject, who string, again bool) {
	q.tick()
	q.fact("mail_sending", trace, evidence{"subject": subject, "account": who, "message_id": q.id(subject, who), "again": again})
}

// dot lets a message reach the relay.
func (q *quest) dot(subject, who string, code int, taken bool) *Mail {
	q.tick()
	m := Mail{
		At: q.now, MessageID: q.id(subject, who), To: who + "@kule.example", SHA256: "message " + q.id(subject, who),
		Code: code, Taken: taken,
	}
	if subject == aboutReady {
		m.Attached = map[string]string{"report.pdf": q.sum}
	}
	q.Mail = append(q.Mail, m)
	return &q.Mail[len(q.Mail)-1]
}

// letter notes what became of a letter, and rings where a person should know.
func (q *quest) letter(what, subject, who string) {
	q.tick()
	q.fact("mail_"+what, trace, evidence{"subject": subject, "account": who, "reply": ""})
	if what == bounced || what == unconfirmed || what == givenUp {
		q.alarm(aboutMail)
	}
}

func (q *quest) alarm(subject string) {
	for _, who := range []string{"deniz", "onur", "ada"} {
		if q.person(who).GoneAt.IsZero() {
			q.bell(who, subject)
		}
	}
}

// posted sends one letter well.
func (q *quest) posted(subject, who string) *quest {
	q.sending(subject, who, false)
	q.dot(subject, who, 250, true)
	q.letter(sent, subject, who)
	return q
}

// both sends the letters of an outcome to both who receive it.
func (q *quest) both(subject string) *quest {
	for _, who := range []string{"deniz", "umut"} {
		if q.person(who).GoneAt.IsZero() {
			q.posted(subject, who)
		}
	}
	return q
}

// deliver ends it well, in the commit of its last letter.
func (q *quest) deliver() *quest {
	q.move(delivered, trace, evidence{"mail_deniz": "sent 250"})
	return q
}

// end ends it otherwise.
func (q *quest) end(to, role string, ev evidence) *quest {
	q.tick()
	q.move(to, role, ev)
	return q
}

// clean deletes the provider's copy up to a generation.
func (q *quest) clean(upTo int) *quest {
	q.provides(Deleted).Generation = upTo
	q.tick()
	q.fact("cleaned_at_provider", gateway, evidence{"generations_up_to": upTo})
	return q
}

func (q *quest) purge() *quest {
	q.tick()
	q.fact("cleaned_here", trace, evidence{"files": 1})
	return q
}

// cancelledBy ends it by a person's call.
func (q *quest) cancelledBy(who string) *quest {
	q.call(who, Cancel, q.guid, 200)
	q.move(cancelled, trigger, evidence{"cancelled_by": who, "reason": "no need"})
	return q.told("cancelled").both("cancelled")
}

// approvedBy lets it run.
func (q *quest) approvedBy(who string) *quest {
	q.call(who, Approve, q.guid, 200)
	q.move(accepted, trigger, evidence{"approved_by": who})
	return q
}

// redriven sends it on its way again.
func (q *quest) redriven() *quest {
	q.call("onur", Redrive, q.guid, 200)
	q.move(accepted, trigger, evidence{"redriven_by": "onur"})
	return q
}

// again begins the next generation because the provider forgot this one.
func (q *quest) again() *quest {
	q.provides(Forgot)
	q.tick()
	q.fact("missed", gateway, evidence{"answer": "404"})
	q.tick()
	q.move(submitting, gateway, evidence{"answer": "404"})
	q.tick()
	q.fact("cleaned_at_provider", gateway, evidence{"generations_up_to": q.generation - 1})
	return q.post()
}

// damaged sends it back to be fetched again.
func (q *quest) damaged() *quest {
	q.end(ready, trace, evidence{"damaged": []any{"report.pdf"}})
	return q
}

// ask for a file and get it.
func (q *quest) collects(who string) *quest {
	q.call(who, File, q.guid, 200).SHA256 = q.sum
	return q
}
