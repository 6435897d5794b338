package web

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/approvals"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

const (
	lastFew      = 20  // reports of a type that tell how long the next one takes
	enoughForAll = 3   // of them say how far they lie apart
	readLookBack = 100 // requests in view among which one of the type is looked for
)

// decision is a request with all there is to decide by.
func (d *deciding) decision(v *visit, r *report.Request, recipients []ledger.Recipient) (*approvals.Decision, error) {
	asker, err := d.view.Account(r.Asked.Owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, err
	}
	to, err := d.namesOf(recipients)
	if err != nil {
		return nil, err
	}
	out := &approvals.Decision{
		GUID: r.GUID, Title: r.Asked.Title.In(v.w.Locale), Sentence: r.Asked.Sentence.In(v.w.Locale),
		Who: ownerName(r), Initials: initials(ownerName(r)), Asked: v.w.Moment(r.CreatedAt),
		Next: len(d.waiting) > 1,
	}
	if role := rolesInWords(v, asker); role != "" {
		out.Asked = role + ", " + out.Asked
	}
	if r.Asked.Note != "" {
		out.Quote = v.w.Say("quoted", "Text", r.Asked.Note)
	}
	kind, err := d.kindOf(r)
	if err != nil {
		return nil, err
	}
	estimate, err := d.estimate(v, r, kind)
	if err != nil {
		return nil, err
	}
	read, err := d.toRead(v, r, kind)
	if err != nil {
		return nil, err
	}
	out.Facts = slices.DeleteFunc([]approvals.Fact{
		{Label: v.w.Say("fact.why"), Value: why(v, kind, r.Asked.Approval)},
		estimate,
		read,
		{Label: v.w.Say("fact.fee"), Value: yesOrNo(v, kind.Fee)},
		{Label: v.w.Say("fact.personal"), Value: yesOrNo(v, kind.PersonalData)},
		{Label: v.w.Say("fact.recipients"), Value: to},
		{Label: v.w.Say("fact.formats"), Value: formatsInWords(v, r.Asked.Formats)},
		{Label: v.w.Say("fact.deadline"), Value: v.w.Moment(r.Deadline), More: v.w.Say("fact.deadline.else")},
	}, func(f approvals.Fact) bool { return f.Value == "" })
	return out, nil
}

// kindOf is the type as the provider offers it now; empty if it is gone.
func (d *deciding) kindOf(r *report.Request) (protocol.ReportType, error) {
	c, err := readCatalog(d.view)
	if errors.Is(err, errNoCatalog) {
		return protocol.ReportType{}, nil
	}
	kind, _ := c.Find(r.Asked.Type)
	return kind, err
}

func (d *deciding) namesOf(recipients []ledger.Recipient) (string, error) {
	accounts := make([]string, 0, len(recipients))
	for _, c := range recipients {
		accounts = append(accounts, c.Account)
	}
	known, err := namesOf(d.view, accounts...)
	for i, account := range accounts {
		accounts[i] = cmp.Or(known[account], account)
	}
	return strings.Join(accounts, ", "), err
}

func formatsInWords(v *visit, formats []string) string {
	words := make([]string, 0, len(formats))
	for _, name := range formats {
		words = append(words, formatName(v.w, name))
	}
	return strings.Join(words, ", ")
}

func yesOrNo(v *visit, said *bool) string {
	switch {
	case said == nil:
		return ""
	case *said:
		return v.w.Say("yes")
	}
	return v.w.Say("no")
}

// estimate is how long it will take: as the last of its type did, or as the
// provider says.
func (d *deciding) estimate(v *visit, r *report.Request, kind protocol.ReportType) (approvals.Fact, error) {
	took, err := d.view.Durations(r.Asked.Type, lastFew)
	if err != nil {
		return approvals.Fact{}, err
	}
	f := approvals.Fact{Label: v.w.Say("fact.estimate")}
	switch {
	case len(took) > 0:
		f.Value = v.w.About(median(took))
	case kind.TypicalSeconds > 0:
		f.Value = v.w.About(typical(kind))
	}
	if len(took) >= enoughForAll {
		least, most := v.w.About(slices.Min(took)), v.w.About(slices.Max(took))
		if least != most {
			f.More = v.w.Say("fact.estimate.spread", "N", len(took), "Least", least, "Most", most)
		}
	}
	return f, nil
}

// toRead is how much data it will go through: as many rows as the last one of
// its type in view.
func (d *deciding) toRead(v *visit, r *report.Request, kind protocol.ReportType) (approvals.Fact, error) {
	f := approvals.Fact{Label: v.w.Say("fact.read")}
	seen, err := d.view.Requests(ledger.Filter{Scope: access.SeeScope(v.who), States: []report.State{report.Delivered, report.Stored}, Limit: readLookBack})
	if err != nil {
		return f, err
	}
	rows, sources := 0, kind.Sources
	for _, other := range seen {
		if other.Asked.Type == r.Asked.Type && len(other.Manifest.Sources) > 0 {
			for _, s := range other.Manifest.Sources {
				rows += s.Rows
			}
			sources = cmp.Or(sources, len(other.Manifest.Sources))
			break
		}
	}
	said := ""
	if sources > 0 {
		said = v.w.Count("fact.read.sources", sources)
	}
	if rows == 0 {
		f.Value = said
		return f, nil
	}
	f.Value, f.More = v.w.Say("fact.read.rows", "Rows", v.w.Number(roughly(rows))), said
	return f, nil
}

// roughly keeps the first two digits: what was read last time is no promise.
func roughly(n int) int64 {
	if n < 100 {
		return int64(n)
	}
	unit := math.Pow10(int(math.Log10(float64(n))) - 1)
	return int64(math.Round(float64(n)/unit) * unit)
}
