package web

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/operations"
	"peyk/internal/backoffice/web/standing"
)

const (
	eyeMost    = 20               // lines of a sort
	failMost   = 1000             // parked and failing tasks, and late requests, that are counted
	lostFor    = 24 * time.Hour   // a lost letter wants an eye so long
	lateAfter  = time.Minute      // a task is late once it was due so long ago
	silentFrom = 11 * time.Minute // a provider asked every five minutes missed twice
)

// stuck is what the ledger tells of work that does not get on.
type stuck struct {
	owed    map[ledger.Kind]ledger.Owed
	parked  []ledger.Task
	failing []ledger.Task // late ones, not parked, longest owed first
	letters []ledger.Mail
	raw     []ledger.Parked
	late    []string // requests
	address map[string]string
}

func readStuck(view ledger.View) (s stuck, err error) {
	if s.owed, err = view.Owed(); err != nil {
		return s, err
	}
	if s.parked, err = view.ParkedTasks(failMost); err != nil {
		return s, err
	}
	failing, err := view.FailingTasks(failMost)
	if err != nil {
		return s, err
	}
	for _, t := range failing {
		if t.ParkedAt.IsZero() && view.Now().Sub(t.CreatedAt) > lateAfter {
			s.failing = append(s.failing, t)
		}
	}
	if s.letters, err = view.LostMails(view.Now().Add(-lostFor), eyeMost); err != nil {
		return s, err
	}
	if s.raw, err = view.Parked(eyeMost); err != nil {
		return s, err
	}
	if s.late, err = view.LateTold(failMost); err != nil {
		return s, err
	}
	untold, err := view.Late(failMost)
	if err != nil {
		return s, err
	}
	s.late = append(s.late, untold...)
	s.address = map[string]string{}
	for _, m := range s.letters {
		a, err := view.Account(m.Account)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return s, err
		}
		s.address[m.Account] = a.Email
	}
	return s, nil
}

// eyes are the lines about what wants an eye, the worst first.
func eyes(v *visit, s stuck, parts map[string]*health, silent string) (out []operations.Eye) {
	out = append(out, partEyes(v, parts)...)
	if silent != "" {
		out = append(out, operations.Eye{Icon: standing.Failed, Title: v.w.Say("eye.silent"), Text: silent, Href: "#doors"})
	}
	for _, t := range s.parked[:min(len(s.parked), eyeMost)] {
		out = append(out, operations.Eye{
			Icon: standing.Failed, Title: v.w.Say("eye.parked", "Kind", string(t.Kind)),
			Text: v.w.Say("eye.parked.text", "Error", orDash(t.LastError), "When", v.w.Moment(t.ParkedAt)), Href: "/r/" + t.GUID + "/redrive",
		})
	}
	for _, p := range s.raw {
		out = append(out, operations.Eye{
			Icon: standing.Failed, Title: v.w.Say("eye.payload"),
			Text: v.w.Say("eye.payload.text", "Error", p.Cause, "When", v.w.Moment(p.At)), Href: fmt.Sprint("/operations/parked/", p.ID),
		})
	}
	for _, m := range s.letters {
		icon := standing.Failed
		if m.State == ledger.MailUnconfirmed {
			icon = standing.Late
		}
		who := s.address[m.Account]
		if who == "" {
			who = m.Account
		}
		out = append(out, operations.Eye{
			Icon: icon, Title: v.w.Say("eye.mail." + string(m.State)),
			Text: v.w.Say("eye.mail.text", "Who", who, "Reply", orDash(m.Reply)), Href: "/r/" + m.GUID,
		})
	}
	out = append(out, lateEyes(v, s)...)
	return out
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// partEyes are about roles and what they lean on.
func partEyes(v *visit, parts map[string]*health) (out []operations.Eye) {
	for _, name := range slices.Concat(roleParts(), leanParts(), doorParts(), otherParts(parts)) {
		h := parts[name]
		if h == nil || h.well() || h.live == 0 && slices.Contains(doorParts(), name) {
			continue
		}
		e := operations.Eye{Icon: standing.Late, Href: "#part-" + dashed(name), Text: h.detail}
		since := v.w.Moment(h.since)
		switch {
		case h.down:
			e.Icon, e.Title = standing.Failed, v.w.Say("eye.down", "Part", partName(v, name), "When", since)
		case h.slow:
			e.Title = v.w.Say("eye.slow", "Part", partName(v, name), "When", since)
			e.Text = v.w.Say("eye.slow.text", "Took", v.w.Took(h.p95))
		default:
			e.Title = v.w.Say("eye.missed", "Part", partName(v, name))
			e.Text = v.w.Say("eye.missed.text", "Live", h.live, "All", h.live+h.missed)
		}
		out = append(out, e)
	}
	return out
}

// lateEyes are one line for each kind that fails, and one for late requests.
func lateEyes(v *visit, s stuck) (out []operations.Eye) {
	first := map[ledger.Kind]ledger.Task{}
	count := map[ledger.Kind]int{}
	var order []ledger.Kind
	for _, t := range s.failing {
		if count[t.Kind]++; count[t.Kind] == 1 {
			first[t.Kind] = t
			order = append(order, t.Kind)
		}
	}
	for _, k := range order {
		t := first[k]
		out = append(out, operations.Eye{
			Icon: standing.Late, Title: v.w.Count("eye.failing", count[k], "Kind", string(k)),
			Text: v.w.Say("eye.failing.text", "Age", v.w.About(v.now.Sub(t.CreatedAt)), "Error", t.LastError), Href: "/r/" + t.GUID + "/redrive",
		})
	}
	if n := len(s.late); n > 0 {
		out = append(out, operations.Eye{Icon: standing.Late, Title: v.w.Count("eye.late", n), Text: v.w.Say("eye.late.text"), Href: "/r/" + s.late[0]})
	}
	return out
}

// verdict is how it all stands, in a sentence.
func verdict(v *visit, parts map[string]*health, n int) string {
	if n == 0 {
		return v.w.Say("verdict.well")
	}
	for _, name := range coreParts() {
		if h := parts[name]; h != nil && h.down {
			return v.w.Count("verdict.stopped", n, "Part", partName(v, name))
		}
	}
	for _, name := range slices.Concat(leanParts(), doorParts(), otherParts(parts)) {
		if h := parts[name]; h != nil && h.live > 0 && (h.down || h.slow) {
			word := v.w.Say("verdict.word.slow")
			if h.down {
				word = v.w.Say("verdict.word.down")
			}
			return v.w.Count("verdict.part", n, "Part", partName(v, name), "State", word)
		}
	}
	return v.w.Count("verdict.eyes", n)
}

// fillTasks is what is owed, by kind.
func fillTasks(p *operations.Page, v *visit, s stuck) {
	kinds := []ledger.Kind{ledger.Submit, ledger.Track, ledger.Fetch, ledger.Announce, ledger.Email, ledger.ProviderDelete, ledger.Purge}
	parked, late := map[ledger.Kind]int{}, map[ledger.Kind]int{}
	oldest := map[ledger.Kind]time.Time{}
	for _, t := range s.parked {
		parked[t.Kind]++
	}
	for _, t := range s.failing {
		if late[t.Kind]++; late[t.Kind] == 1 {
			oldest[t.Kind] = t.CreatedAt
		}
	}
	for _, k := range kinds {
		o := s.owed[k]
		if overdue := v.now.Sub(o.First); o.Due > 0 && overdue > lateAfter {
			late[k] = max(late[k], o.Due)
		}
		if at := oldest[k]; o.Due > 0 && (at.IsZero() || o.First.Before(at)) {
			oldest[k] = o.First
		}
		row := operations.Task{
			Kind: string(k), Open: upTo(v, o.Open, ledger.CountLimit), Late: upTo(v, late[k], failMost), Parked: upTo(v, parked[k], failMost), Oldest: "–",
		}
		if at := oldest[k]; !at.IsZero() {
			row.Oldest = v.w.Took(max(0, v.now.Sub(at)))
		}
		p.Tasks = append(p.Tasks, row)
	}
}

// upTo writes a count, and a plus behind one that reached its bound.
func upTo(v *visit, n, limit int) string {
	if n >= limit {
		return v.w.Number(int64(limit)) + "+"
	}
	return v.w.Number(int64(n))
}
