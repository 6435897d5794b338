package demotest

import (
	"cmp"
	"slices"
)

// business is what some rentals come to, in kuruş.
type business struct {
	publisher, genre     string
	rentals, fees, costs int
}

func (b business) profit() int { return b.fees - b.costs }

func (b *business) add(o business) {
	b.rentals += o.rentals
	b.fees += o.fees
	b.costs += o.costs
}

// cells are those of a line; its first two stand before them.
func (b business) cells(first, second any) []any {
	return []any{first, second, b.rentals, lira(b.fees), lira(b.costs), lira(b.profit()), float64(b.profit()) / float64(b.fees)}
}

// RentalsByPublisher computes rentals-by-publisher.v1.
func (c *Company) RentalsByPublisher(in Period, locale string) Document {
	lines, publishers, all := c.rented(in, locale)
	d := Document{Ties: ties(lines, func(a, b business) bool { return a.publisher == b.publisher && a.profit() == b.profit() })}
	for i, l := range lines {
		d.Table.Lines = append(d.Table.Lines, Line{Body, l.cells(l.publisher, l.genre)})
		if i+1 == len(lines) || lines[i+1].publisher != l.publisher {
			of := say(locale, "Ara toplam: ", "Subtotal: ") + l.publisher
			d.Table.Lines = append(d.Table.Lines, Line{Subtotal, publishers[l.publisher].cells(of, nil)})
		}
	}
	if len(lines) > 0 {
		d.Table.Totals = []Line{{Total, all.cells(say(locale, "Toplam", "Total"), nil)}}
	}
	d.Figures, d.Charts = rentalFigures(lines, publishers, all), []Chart{rentalChart(lines, publishers, all, locale)}
	return d
}

// rented adds the rentals up by publisher and genre, by publisher, and all.
func (c *Company) rented(in Period, locale string) ([]business, map[string]business, business) {
	parts, publishers, all := map[[2]string]business{}, map[string]business{}, business{}
	for _, r := range c.rentals {
		if !in.has(r.at) {
			continue
		}
		g := c.games[r.game]
		p := c.publishers[g.publisher]
		one := business{p.name, c.genres[g.genre].in(locale), 1, r.fee, r.fee*p.royalty/100 + r.handling}
		part, publisher := parts[[2]string{one.publisher, one.genre}], publishers[p.name]
		part.publisher, part.genre = one.publisher, one.genre
		part.add(one)
		publisher.add(one)
		all.add(one)
		parts[[2]string{one.publisher, one.genre}], publishers[p.name] = part, publisher
	}
	var lines []business
	for _, part := range parts {
		lines = append(lines, part)
	}
	slices.SortFunc(lines, func(a, b business) int {
		return cmp.Or(cmp.Compare(publishers[b.publisher].profit(), publishers[a.publisher].profit()), cmp.Compare(a.publisher, b.publisher),
			cmp.Compare(b.profit(), a.profit()), cmp.Compare(a.genre, b.genre))
	})
	return lines, publishers, all
}

func rentalFigures(lines []business, publishers map[string]business, all business) []Figure {
	genres, profits := map[string]bool{}, map[string]int{}
	for _, l := range lines {
		genres[l.genre] = true
	}
	for name, p := range publishers {
		profits[name] = p.profit()
	}
	most := Figure{}
	if best := ranked(profits); len(best) > 0 {
		most = Figure{lira(best[0].sum), Record{"publisher": best[0].name}}
	}
	return []Figure{
		{all.rentals, Record{"publishers": len(publishers), "genres": len(genres)}},
		{lira(all.fees), Record{"each": zero(ratio(lira(all.fees), float64(all.rentals)))}},
		{lira(all.profit()), Record{"margin": zero(ratio(float64(all.profit()), float64(all.fees)))}},
		most,
	}
}

// rentalChart gives the five genres with the greatest revenue a part of their
// own in each bar.
func rentalChart(lines []business, publishers map[string]business, all business, locale string) Chart {
	genres, bars := map[string]int{}, map[string]int{}
	for _, l := range lines {
		genres[l.genre] += l.fees
	}
	for name, p := range publishers {
		bars[name] = p.fees
	}
	var chart Chart
	for i, bar := range ranked(bars) {
		if i == 0 {
			chart.Finding = Record{"publisher": bar.name, "share": float64(bar.sum) / float64(all.fees)}
		}
		sums := map[string]int{}
		for _, l := range lines {
			if l.publisher == bar.name {
				sums[l.genre] += l.fees
			}
		}
		for _, genre := range ranked(sums) {
			chart.Points = append(chart.Points, Point{bar.name, genre.name, lira(genre.sum)})
		}
	}
	return chart
}
