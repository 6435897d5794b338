package demotest

import (
	"cmp"
	"slices"
	"strings"
)

// contact is a customer of customer-contacts.v1.
type contact struct {
	player
	rentals int
	last    string // 2006-01-02 15:04:05
}

// Contacts computes customer-contacts.v1 for a country's code or "all".
func (c *Company) Contacts(in Period, country, locale string) Document {
	all, rentals := c.contacts(in, country), 0
	d := Document{Ties: ties(all, func(a, b contact) bool { return a.last == b.last })}
	for _, p := range all {
		d.Table.Lines = append(d.Table.Lines, Line{Body, []any{p.name, p.email, strings.ReplaceAll(p.phone, " ", ""), p.country, p.last[:10], p.rentals}})
		rentals += p.rentals
	}
	if len(all) > 0 {
		d.Table.Totals = []Line{{Total, []any{say(locale, "Toplam", "Total"), nil, nil, nil, nil, rentals}}}
	}
	return d
}

func (c *Company) contacts(in Period, country string) []contact {
	by := map[int]contact{}
	for _, r := range c.rentals {
		if !in.has(r.at) {
			continue
		}
		p := c.players[r.player]
		if !p.mayContact || country != "all" && p.country != country {
			continue
		}
		known := by[p.id]
		by[p.id] = contact{p, known.rentals + 1, max(known.last, r.at)}
	}
	var all []contact
	for _, p := range by {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b contact) int {
		return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
	return all
}

// Heartbeat computes tiny.v1.
func (c *Company) Heartbeat(note string) Document {
	return Document{Table: Table{Lines: []Line{{Body, []any{note, len(c.games)}}}}}
}
