package demotest

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
)

// TopRow is one row of top-games.v1: a game.
type TopRow struct {
	Name    string
	Share   float64 // of the reviews that are positive, 0 to 1
	Reviews int
	Kurus   map[string]int // sales by country code
	Total   int            // kuruş
	id      string
}

// Other is the key of TopRow.Kurus under which the countries without a column
// of their own are added up.
const Other = "other"

// Company is everything top-games.v1 can see, read once.
type Company struct {
	reviews []review
	sales   []sale
	catalog []record
}

type review struct {
	at, game string
	positive bool
}

type sale struct {
	at, game, country string
	kurus             int
}

// ReadCompany reads the data demo.Generate made in dir.
func ReadCompany(ctx context.Context, dir string) (*Company, error) {
	c, errs := &Company{}, [3]error{}
	errs[0] = readTable(ctx, filepath.Join(dir, "community.db"), "reviews", func(r record) {
		c.reviews = append(c.reviews, review{r["at"], r["game_id"], r["positive"] == "1"})
	})
	errs[1] = readTable(ctx, filepath.Join(dir, "shop.db"), "sales", func(r record) {
		c.sales = append(c.sales, sale{r["at"], r["game_id"], r["country"], whole(r["amount"])})
	})
	c.catalog, errs[2] = readCSV(filepath.Join(dir, "games.csv"))
	return c, errors.Join(errs[:]...)
}

// TopGames computes top-games.v1 for the days from from up to and without to
// (2006-01-02). The second result is the row of totals, without Name and Share.
func (c *Company) TopGames(from, to string, count, minReviews int) ([]TopRow, TopRow) {
	games := c.reviewed(from, to, minReviews)
	slices.SortFunc(games, func(a, b TopRow) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.Reviews, a.Reviews), cmp.Compare(a.Name, b.Name))
	})
	games = games[:min(count, len(games))]
	return games, c.addSales(games, from, to)
}

// reviewed counts the reviews of each game of the catalog and keeps the games
// with enough of them. Times are text that sorts as time does.
func (c *Company) reviewed(from, to string, least int) []TopRow {
	all, positive := map[string]int{}, map[string]int{}
	for _, r := range c.reviews {
		if r.at < from || r.at >= to {
			continue
		}
		all[r.game]++
		if r.positive {
			positive[r.game]++
		}
	}
	var rows []TopRow
	for _, g := range c.catalog {
		if id := g["game_id"]; all[id] > 0 && all[id] >= least {
			share := float64(positive[id]) / float64(all[id])
			rows = append(rows, TopRow{Name: g["name"], Share: share, Reviews: all[id], Kurus: map[string]int{}, id: id})
		}
	}
	return rows
}

// addSales gives each game its sales and returns the totals of all of them.
func (c *Company) addSales(games []TopRow, from, to string) TopRow {
	totals := TopRow{Kurus: map[string]int{}}
	place := map[string]int{}
	for i, g := range games {
		place[g.id] = i
		totals.Reviews += g.Reviews
	}
	for _, s := range c.sales {
		i, listed := place[s.game]
		if !listed || s.at < from || s.at >= to {
			continue
		}
		country := column(s.country)
		games[i].Kurus[country] += s.kurus
		games[i].Total += s.kurus
		totals.Kurus[country] += s.kurus
		totals.Total += s.kurus
	}
	return totals
}

func column(country string) string {
	if slices.Contains([]string{"TR", "DE", "US", "GB", "FR"}, country) {
		return country
	}
	return Other
}

// whole reads an integer the database gave; one it cannot read is -1 and shows
// up in every total.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
