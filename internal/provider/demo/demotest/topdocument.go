package demotest

import (
	"cmp"
	"fmt"
	"slices"
)

// TopDocument computes top-games.v1. With everyCountry each has a column.
func (c *Company) TopDocument(in Period, count, minReviews int, locale string, everyCountry bool) Document {
	games, all := c.TopGames(in.From, in.To, count, minReviews)
	sums := map[string]int{}
	for code, kurus := range all.Kurus {
		sums[c.countries[code].in(locale)] += kurus
	}
	countries := ranked(sums)
	return Document{
		Table:   c.topTable(games, all, countries, locale, everyCountry),
		Figures: topFigures(games, all, countries),
		Charts:  []Chart{topChart(countries)},
		Ties:    ties(games, func(a, b TopRow) bool { return a.Share == b.Share }),
	}
}

// topTable lays the first countries side by side; the rest share a column, if
// they are more than one.
func (c *Company) topTable(games []TopRow, all TopRow, countries []amount, locale string, everyCountry bool) Table {
	t, column := Table{At: 3}, map[string]int{}
	own := len(countries)
	if !everyCountry && own > 6 {
		own = 5
	}
	for i, country := range countries {
		column[country.name] = min(i, own)
		if i < own {
			t.Spread = append(t.Spread, country.name)
		}
	}
	if others := len(countries) - own; others > 0 {
		t.Spread = append(t.Spread, say(locale, fmt.Sprintf("Diğer %d\u00a0ülke", others), fmt.Sprintf("%d other countries", others)))
	}
	for _, g := range games {
		t.Lines = append(t.Lines, Line{Body, c.topCells(g, t, column, locale)})
	}
	if len(games) == 0 {
		return t
	}
	all.Name, all.Share = say(locale, "Toplam", "Total"), float64(all.Positive)/float64(all.Reviews)
	total := c.topCells(all, t, column, locale)
	t.Totals = []Line{{Total, total}}
	if all.Total > 0 {
		shares := []any{say(locale, "Pay", "Share"), nil, nil}
		for _, v := range total[3:] {
			shares = append(shares, v.(float64)/lira(all.Total))
		}
		t.Totals = append(t.Totals, Line{Shares, shares})
	}
	return t
}

// topCells has nothing where a game sold nothing at all, which is not 0.
func (c *Company) topCells(g TopRow, t Table, column map[string]int, locale string) []any {
	cells := []any{g.Name, g.Share, g.Reviews}
	kurus, sold := make([]int, len(t.Spread)), make([]bool, len(t.Spread))
	for code, k := range g.Kurus {
		at := column[c.countries[code].in(locale)]
		kurus[at] += k
		sold[at] = true
	}
	for i := range kurus {
		if sold[i] {
			cells = append(cells, lira(kurus[i]))
		} else {
			cells = append(cells, nil)
		}
	}
	return append(cells, lira(g.Total))
}

func topFigures(games []TopRow, all TopRow, countries []amount) []Figure {
	figures := []Figure{
		{lira(all.Total), Record{"games": len(games), "countries": len(countries)}},
		{nil, nil},
		{ratio(float64(all.Positive), float64(all.Reviews)), Record{"reviews": all.Reviews}},
		{nil, nil},
	}
	if len(countries) == 0 {
		return figures
	}
	figures[1] = Figure{float64(countries[0].sum) / float64(all.Total), Record{"country": countries[0].name}}
	best := slices.MaxFunc(games, func(a, b TopRow) int {
		return cmp.Or(cmp.Compare(a.Total, b.Total), cmp.Compare(a.Share, b.Share), cmp.Compare(a.Reviews, b.Reviews), cmp.Compare(b.Name, a.Name))
	})
	figures[3] = Figure{lira(best.Total), Record{"name": best.Name}}
	return figures
}

func topChart(countries []amount) Chart {
	var chart Chart
	three := 0
	for i, country := range countries {
		chart.Points = append(chart.Points, Point{Label: country.name, Value: lira(country.sum)})
		if i < 3 {
			three += country.sum
		}
	}
	if len(countries) > 0 {
		chart.Finding = Record{"top": countries[0].name, "three": float64(three) / float64(sumOf(countries))}
	}
	return chart
}
