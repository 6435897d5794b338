package demotest

import (
	"cmp"
	"slices"
	"time"
)

// spender is a player and what the player spent, in kuruş.
type spender struct {
	player                             player
	rentals, rented, purchases, bought int
}

func (s spender) total() int { return s.rented + s.bought }

func (s spender) cells(name, country any) []any {
	return []any{name, country, s.rentals, lira(s.rented), s.purchases, lira(s.bought), lira(s.total())}
}

// TopSpenders computes top-spenders.v1 for a country's code or "all".
func (c *Company) TopSpenders(in Period, count int, country, locale string) Document {
	listed, everybody := c.spenders(in, count, country)
	d := Document{Ties: ties(listed, func(a, b spender) bool { return a.total() == b.total() })}
	var all spender
	for _, s := range listed {
		d.Table.Lines = append(d.Table.Lines, Line{Body, s.cells(s.player.name, c.countries[s.player.country].in(locale))})
		all.rentals, all.rented = all.rentals+s.rentals, all.rented+s.rented
		all.purchases, all.bought = all.purchases+s.purchases, all.bought+s.bought
	}
	most := Figure{}
	if len(listed) > 0 {
		most = Figure{lira(listed[0].total()), Record{"player": listed[0].player.name}}
		whole := float64(all.total())
		d.Table.Totals = []Line{
			{Total, all.cells(say(locale, "Toplam", "Total"), nil)},
			{Shares, []any{say(locale, "Pay", "Share"), nil, nil, float64(all.rented) / whole, nil, float64(all.bought) / whole, 1.0}},
		}
	}
	d.Figures = []Figure{
		{lira(all.total()), Record{"players": len(listed)}},
		{ratio(float64(all.total()), float64(everybody)), Record{"everybody": ifAny(everybody, lira(everybody))}},
		{ratio(float64(all.rented), float64(all.total())), Record{"rentals": all.rentals}},
		most,
	}
	d.Charts = []Chart{c.spendingByDay(listed, in, locale)}
	return d
}

func ifAny(n int, v any) any {
	if n == 0 {
		return nil
	}
	return v
}

// spenders are the first count of those who spent anything, and what all of
// them spent.
func (c *Company) spenders(in Period, count int, country string) (listed []spender, everybody int) {
	by := map[int]spender{}
	for _, r := range c.rentals {
		if in.has(r.at) && (country == "all" || r.country == country) {
			s := by[r.player]
			s.rentals, s.rented = s.rentals+1, s.rented+r.fee
			by[r.player] = s
			everybody += r.fee
		}
	}
	for _, p := range c.sales {
		if in.has(p.at) && (country == "all" || p.country == country) {
			s := by[p.player]
			s.purchases, s.bought = s.purchases+1, s.bought+p.kurus
			by[p.player] = s
			everybody += p.kurus
		}
	}
	for id, s := range by {
		s.player = c.players[id]
		listed = append(listed, s)
	}
	slices.SortFunc(listed, func(a, b spender) int {
		return cmp.Or(cmp.Compare(b.total(), a.total()), cmp.Compare(b.rented, a.rented),
			cmp.Compare(a.player.name, b.player.name), cmp.Compare(a.player.id, b.player.id))
	})
	return listed[:min(count, len(listed))], everybody
}

// spendingByDay has two points for every day from the first to the last with
// spending.
func (c *Company) spendingByDay(listed []spender, in Period, locale string) Chart {
	is := map[int]bool{}
	for _, s := range listed {
		is[s.player.id] = true
	}
	rented, bought, all := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range c.rentals {
		if in.has(r.at) && is[r.player] {
			rented[r.at[:10]] += r.fee
			all[r.at[:10]] += r.fee
		}
	}
	for _, s := range c.sales {
		if in.has(s.at) && is[s.player] {
			bought[s.at[:10]] += s.kurus
			all[s.at[:10]] += s.kurus
		}
	}
	if len(all) == 0 {
		return Chart{}
	}
	chart := Chart{Finding: Record{"day": ranked(all)[0].name}}
	for _, day := range span(all, false) {
		chart.Points = append(chart.Points,
			Point{day, say(locale, "Kiralama", "Rentals"), lira(rented[day])}, Point{day, say(locale, "Satın alma", "Purchases"), lira(bought[day])})
	}
	return chart
}

// span is every day, or every first of a month, between the first and the last
// of sums.
func span(sums map[string]int, months bool) []string {
	first, last := "9999", ""
	for day := range sums {
		first, last = min(first, day), max(last, day)
	}
	var all []string
	for t := midnight(first); ; {
		day := t.Format(time.DateOnly)
		if day > last {
			return all
		}
		all = append(all, day)
		if months {
			t = t.AddDate(0, 1, 0)
		} else {
			t = t.AddDate(0, 0, 1)
		}
	}
}

// midnight of a day the data have; one that is none begins time.
func midnight(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t
}

func dayIn(locale, day string) string {
	return say(locale, midnight(day).Format("02.01.2006"), day)
}
