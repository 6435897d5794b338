package demotest

import (
	"cmp"
	"slices"
)

// TopRow is one game of top-games.v1.
type TopRow struct {
	Name              string
	Share             float64 // of the reviews that are positive, 0 to 1
	Reviews, Positive int
	Kurus             map[string]int // sales by country code
	Total             int            // kuruş
	id                int
}

// TopGames computes the games of top-games.v1 for the days from from up to and
// without to (2006-01-02). The second result adds them up, without Name and
// Share.
func (c *Company) TopGames(from, to string, count, minReviews int) ([]TopRow, TopRow) {
	in := Period{from, to}
	games := c.reviewed(in, minReviews)
	slices.SortFunc(games, func(a, b TopRow) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.Reviews, a.Reviews), cmp.Compare(a.Name, b.Name))
	})
	games = games[:min(count, len(games))]
	return games, c.addSales(games, in)
}

// reviewed counts the reviews of each game of the catalog and keeps the games
// with enough of them.
func (c *Company) reviewed(in Period, least int) []TopRow {
	all, positive := map[int]int{}, map[int]int{}
	for _, r := range c.reviews {
		if !in.has(r.at) {
			continue
		}
		all[r.game]++
		if r.positive {
			positive[r.game]++
		}
	}
	var rows []TopRow
	for _, g := range c.catalog {
		if id := whole(g["game_id"]); all[id] > 0 && all[id] >= least {
			rows = append(rows, TopRow{
				Name: g["name"], Share: float64(positive[id]) / float64(all[id]), Reviews: all[id], Positive: positive[id],
				Kurus: map[string]int{}, id: id,
			})
		}
	}
	return rows
}

// addSales gives each game its sales and returns the totals of all of them.
func (c *Company) addSales(games []TopRow, in Period) TopRow {
	totals := TopRow{Kurus: map[string]int{}}
	place := map[int]int{}
	for i, g := range games {
		place[g.id] = i
		totals.Reviews += g.Reviews
		totals.Positive += g.Positive
	}
	for _, s := range c.sales {
		i, listed := place[s.game]
		if !listed || !in.has(s.at) {
			continue
		}
		games[i].Kurus[s.country] += s.kurus
		games[i].Total += s.kurus
		totals.Kurus[s.country] += s.kurus
		totals.Total += s.kurus
	}
	return totals
}
