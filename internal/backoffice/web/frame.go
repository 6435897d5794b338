package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/frame"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/report"
)

const (
	maxUnseen = 100              // told one by one; the bell counts them all
	maxPopups = 3                // on the screen; the rest waits in the bell
	freshFor  = 15 * time.Minute // a notice older than that waits in the bell
)

// frame fills the menu, the bell and the popups for a page.
func (s *Station) frame(v *visit, title, active string) (frame.Frame, error) {
	f := s.bare(v, title)
	if v.who.Name == "" {
		return f, nil
	}
	f.Active, f.Who = active, person(v)
	f.Appearance, f.Keys = v.who.Appearance, !v.who.NoKeys
	err := s.cfg.Ledger.View(v.Context(), func(view ledger.View) (err error) {
		if err := fillNotices(&f, v, view); err != nil {
			return err
		}
		f.Menu, err = s.menu(view, v)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("fill the frame for %s: %w", v.who.Name, err)
	}
	return f, nil
}

// fillNotices fills the bell and the popups, and says where the news begins.
func fillNotices(f *frame.Frame, v *visit, view ledger.View) error {
	boxes, err := view.Inboxes(v.who.Name)
	if err != nil {
		return err
	}
	f.Unseen, f.After, f.Drawn = boxes[0].Unseen, boxes[0].Newest, v.now.UnixMilli()
	f.Popups = nil
	unseen, err := view.Unseen(v.who.Name, maxUnseen)
	for _, n := range unseen {
		fresh := v.now.Sub(n.At) < freshFor
		// The page itself tells of what it is about, and the inbox of all that is asked.
		told := n.GUID == v.PathValue("guid") || f.Active == "approvals" && n.Subject == ledger.SubjectAsking
		if told || !fresh || !v.who.WantsPopup(n.Subject) || len(f.Popups) == maxPopups {
			continue
		}
		p, err := popup(view, v.w, v.who, n)
		if err != nil {
			return err
		}
		if p.Back = v.URL.RequestURI(); changes(v.Method) {
			p.Back = "/"
		}
		f.Popups = append(f.Popups, p)
	}
	slices.Reverse(f.Popups)
	return err
}

// notice puts a notice into words.
func notice(w *words.Words, n ledger.Notice) frame.Popup {
	p := frame.Popup{
		Seq: n.Seq, GUID: n.GUID, Icon: noticeIcon(n.Subject), Title: n.Title.In(w.Locale), When: w.Moment(n.At),
		Seen: !n.SeenAt.IsZero(), Word: w.Say("notice.other"), Open: w.Say("popup.open"),
	}
	if id := "notice." + string(n.Subject); w.Has(id) {
		p.Word = w.Say(id)
	}
	if n.Subject == ledger.SubjectAsking {
		p.Open = w.Say("popup.decide")
	}
	return p
}

// popup is a notice that floats. One that a report is ready offers its first
// file, to whom may have it.
func popup(view ledger.View, w *words.Words, who ledger.Account, n ledger.Notice) (frame.Popup, error) {
	p := notice(w, n)
	if p.Icon != standing.Ready || p.Seen {
		return p, nil
	}
	r, err := view.Visible(access.SeeScope(who), n.GUID)
	if errors.Is(err, ledger.ErrNotFound) {
		return p, nil // it is theirs no more
	}
	if err != nil {
		return p, err
	}
	recipients, err := view.Recipients(n.GUID)
	if hasFiles(r) && access.MayDownload(who, r, recipients) {
		f := r.Manifest.Files[0]
		p.File = &frame.File{Name: f.Name, Format: formatName(w, extension(f.Name)), Size: w.Size(f.Size), Once: r.Asked.Retention == 0}
	}
	return p, err
}

func noticeIcon(s ledger.Subject) standing.Icon {
	switch s {
	case ledger.SubjectReady, ledger.Subject(report.OutcomeSucceeded), ledger.Subject(report.OutcomeEmpty), ledger.Subject(report.OutcomePartial):
		return standing.Ready
	case ledger.SubjectAsking:
		return standing.Waiting
	case ledger.SubjectLate, ledger.SubjectMail:
		return standing.Late
	case ledger.Subject(report.OutcomeCancelled):
		return standing.Cancelled
	case ledger.Subject(report.OutcomeDeclined), ledger.Subject(report.OutcomeExpired):
		return standing.Declined
	}
	return standing.Failed
}

// menu lists what this person may do, and how much of it waits.
func (s *Station) menu(view ledger.View, v *visit) ([]frame.Item, error) {
	var items []frame.Item
	if access.MayRequest(v.who) {
		items = append(items, frame.Item{Key: "new", Href: "/new", Icon: "new", Label: v.w.Say("nav.new")})
	}
	onTheWay, err := view.Counts(ledger.Filter{Scope: own(v.who), States: underWay(), Limit: countMost})
	if err != nil {
		return nil, err
	}
	items = append(items, frame.Item{Key: "reports", Href: "/reports", Icon: "reports", Label: v.w.Say("nav.reports"), Count: sum(onTheWay, underWay())})
	if v.who.Is(access.Approver) {
		waiting, err := inbox(view, v.who)
		if err != nil {
			return nil, err
		}
		items = append(items, frame.Item{Key: "approvals", Href: "/approvals", Icon: "approvals", Label: v.w.Say("nav.approvals"), Count: len(waiting)})
	}
	if access.MayOperate(v.who) {
		items = append(items, frame.Item{Key: "operations", Href: "/operations", Icon: "operations", Label: v.w.Say("nav.operations")})
	}
	return append(items, s.mailbox(v)...), nil
}

// mailbox is the way to the built-in mailbox, where everybody's letters lie: for
// operators, and for all in the sample company, whose people have no other.
func (s *Station) mailbox(v *visit) []frame.Item {
	if s.cfg.Mailbox == "" || !access.MayOperate(v.who) && len(s.cfg.Demo) == 0 {
		return nil
	}
	return []frame.Item{{Key: "mailbox", Href: s.cfg.Mailbox, Icon: "mailbox", Label: v.w.Say("nav.mailbox"), Elsewhere: true}}
}

// own is the scope of what a person owns or receives, and nothing else.
func own(a ledger.Account) ledger.Scope {
	return ledger.Scope{Account: access.SeeScope(a).Account}
}

func underWay() []report.State {
	var states []report.State
	for _, s := range report.States() {
		if !s.Terminal() && s != report.Stored {
			states = append(states, s)
		}
	}
	return states
}

func person(v *visit) frame.Person {
	name := nameOf(v.who)
	return frame.Person{Account: v.who.Name, Name: name, Initials: initials(name), Roles: rolesInWords(v, v.who)}
}

func rolesInWords(v *visit, a ledger.Account) string {
	roles := make([]string, 0, len(a.Roles))
	for _, role := range a.Roles {
		if id := "role." + role; v.w.Has(id) {
			roles = append(roles, v.w.Say(id))
		}
	}
	return strings.Join(roles, ", ")
}

func nameOf(a ledger.Account) string {
	if a.FullName != "" {
		return a.FullName
	}
	return a.Name
}

// initials are the first letters of the first and last word.
func initials(name string) string {
	parts := strings.Fields(name)
	if len(parts) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(parts[0])
	if len(parts) == 1 {
		return string(first)
	}
	last, _ := utf8.DecodeRuneInString(parts[len(parts)-1])
	return string(first) + string(last)
}
