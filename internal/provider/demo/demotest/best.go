package demotest

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"strconv"
)

// BestRow is one row of best-reviewed.v1: a game on a platform.
type BestRow struct {
	Name, Platform string
	Score          float64 // 0 to 10
	Reviews        int
	Units          Units
}

// Units are millions of copies sold.
type Units struct{ NorthAmerica, Europe, Japan, Other, Total float64 }

// BestDocument computes best-reviewed.v1 over sales.csv and reviews.csv in dir.
func BestDocument(dir string, year, count, minReviews int, locale string) (Document, error) {
	rows, all, err := BestReviewed(dir, year, count, minReviews)
	d := Document{Ties: ties(rows, func(a, b BestRow) bool { return a.Score == b.Score })}
	for _, r := range rows {
		u := r.Units
		d.Table.Lines = append(d.Table.Lines, Line{Body, []any{r.Name, r.Platform, r.Score, r.Reviews, u.NorthAmerica, u.Europe, u.Japan, u.Other, u.Total}})
	}
	if len(rows) > 0 {
		d.Table.Totals = []Line{{Total, []any{say(locale, "Toplam", "Total"), nil, nil, nil, all.NorthAmerica, all.Europe, all.Japan, all.Other, all.Total}}}
	}
	if all.Total > 0 {
		d.Table.Totals = append(d.Table.Totals, Line{Shares, []any{
			say(locale, "Pay", "Share"), nil, nil, nil, all.NorthAmerica / all.Total, all.Europe / all.Total, all.Japan / all.Total, all.Other / all.Total, 1.0,
		}})
	}
	d.Figures, d.Charts = bestFigures(rows, all), []Chart{bestChart(all, len(rows) > 0, locale)}
	return d, err
}

func bestFigures(rows []BestRow, all Units) []Figure {
	score, users := 0.0, 0
	for _, r := range rows {
		score, users = score+r.Score*float64(r.Reviews), users+r.Reviews
	}
	figures := []Figure{
		{all.Total, Record{"games": len(rows)}}, {ratio(score, float64(users)), Record{"users": users}}, {}, {},
	}
	if len(rows) == 0 {
		return figures
	}
	first, best := rows[0], slices.MaxFunc(rows, func(a, b BestRow) int {
		return cmp.Or(cmp.Compare(micro(a.Units.Total), micro(b.Units.Total)), cmp.Compare(b.Name, a.Name), cmp.Compare(b.Platform, a.Platform))
	})
	figures[2] = Figure{first.Score, Record{"name": first.Name, "platform": first.Platform}}
	figures[3] = Figure{best.Units.Total, Record{"name": best.Name, "platform": best.Platform}}
	return figures
}

func bestChart(all Units, any bool, locale string) (c Chart) {
	if !any {
		return c
	}
	units := map[string]float64{
		say(locale, "Kuzey Amerika", "North America"): all.NorthAmerica, say(locale, "Avrupa", "Europe"): all.Europe,
		say(locale, "Japonya", "Japan"): all.Japan, say(locale, "Diğer", "Other"): all.Other,
	}
	sums := map[string]int{}
	for region, u := range units {
		sums[region] = micro(u)
	}
	for _, region := range ranked(sums) {
		c.Points = append(c.Points, Point{Label: region.name, Value: units[region.name]})
	}
	if micro(all.Total) > 0 {
		c.Finding = Record{"top": c.Points[0].Label, "share": c.Points[0].Value / all.Total}
	}
	return c
}

// micro is millions of copies in copies: sums of fractions that differ only by
// the order they were added in are the same.
func micro(millions float64) int { return int(math.Round(millions * 1e6)) }

type gameOn struct{ name, platform string }

// BestReviewed computes best-reviewed.v1 over sales.csv and reviews.csv in dir.
func BestReviewed(dir string, year, count, minReviews int) ([]BestRow, Units, error) {
	sales, err := readCSV(filepath.Join(dir, "sales.csv"))
	if err != nil {
		return nil, Units{}, err
	}
	reviews, err := readCSV(filepath.Join(dir, "reviews.csv"))
	if err != nil {
		return nil, Units{}, err
	}
	best, units := bestScores(reviews), unitsOf(sales, strconv.Itoa(year))
	var rows []BestRow
	for key, u := range units {
		if row, ok := best[key]; ok && row.Reviews >= minReviews {
			row.Units = u
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b BestRow) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Reviews, a.Reviews),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Platform, b.Platform))
	})
	rows = rows[:min(count, len(rows))]
	var totals Units
	for _, r := range rows {
		totals.add(r.Units)
	}
	return rows, totals, nil
}

// bestScores keeps for each game the score most users gave.
func bestScores(reviews []record) map[gameOn]BestRow {
	best := map[gameOn]BestRow{}
	for _, r := range reviews {
		score, scored := decimal(r["user_score"])
		users, err := strconv.ParseUint(r["user_count"], 10, 31)
		if r["name"] == "" || !scored || score > 10 || err != nil {
			continue
		}
		key := gameOn{r["name"], r["platform"]}
		old, known := best[key]
		more := int(users) > old.Reviews || int(users) == old.Reviews && score > old.Score
		if !known || more {
			best[key] = BestRow{Name: key.name, Platform: key.platform, Score: score, Reviews: int(users)}
		}
	}
	return best
}

// unitsOf adds up the sales of the year by game, each row once.
func unitsOf(sales []record, year string) map[gameOn]Units {
	units, seen := map[gameOn]Units{}, map[[7]string]bool{}
	for _, r := range sales {
		row := [7]string{r["name"], r["platform"], r["year"], r["genre"], r["publisher"], r["region"], r["units_millions"]}
		if r["name"] == "" || r["year"] != year || seen[row] {
			continue
		}
		seen[row] = true
		sold, _ := decimal(r["units_millions"])
		key := gameOn{r["name"], r["platform"]}
		u := units[key]
		u.add(inRegion(r["region"], sold))
		units[key] = u
	}
	return units
}

func inRegion(region string, sold float64) Units {
	switch region {
	case "North America":
		return Units{NorthAmerica: sold, Total: sold}
	case "Europe":
		return Units{Europe: sold, Total: sold}
	case "Japan":
		return Units{Japan: sold, Total: sold}
	}
	return Units{Other: sold, Total: sold}
}

func (u *Units) add(v Units) {
	u.NorthAmerica += v.NorthAmerica
	u.Europe += v.Europe
	u.Japan += v.Japan
	u.Other += v.Other
	u.Total += v.Total
}

// decimal reads digits with at most one point among them; anything else is no
// number, and 0.
func decimal(s string) (float64, bool) {
	points := 0
	for i, c := range s {
		if c == '.' {
			points++
		}
		if (c < '0' || c > '9') && (c != '.' || i == 0 || points > 1) {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
