package demotest

import (
	"cmp"
	"slices"
	"time"
)

// use is how a game was played.
type use struct {
	game              game
	sessions, minutes int
	players           map[int]bool
}

// Usage computes usage-above-rating.v1 for a genre's code.
func (c *Company) Usage(in Period, genre string, above float64, locale string) Document {
	games, players := c.used(in, genre, above)
	d := Document{Ties: ties(games, func(a, b use) bool { return a.minutes == b.minutes })}
	sessions, minutes := 0, 0
	for _, u := range games {
		d.Table.Lines = append(d.Table.Lines, Line{Body, []any{
			u.game.name, c.publishers[u.game.publisher].name, u.game.rating, u.sessions, float64(u.minutes) / 60, len(u.players),
			float64(u.minutes) / float64(u.sessions),
		}})
		sessions, minutes = sessions+u.sessions, minutes+u.minutes
	}
	each, most := ratio(float64(minutes), float64(sessions)), Figure{}
	if len(games) > 0 {
		d.Table.Totals = []Line{{Total, []any{say(locale, "Toplam", "Total"), nil, nil, sessions, float64(minutes) / 60, nil, each}}}
		most = Figure{float64(games[0].minutes) / 60, Record{"game": games[0].game.name}}
	}
	d.Figures = []Figure{
		{float64(minutes) / 60, Record{"games": len(games)}},
		{sessions, Record{"minutes": zero(each)}},
		{len(players), nil},
		most,
	}
	d.Charts = []Chart{c.usageChart(games, in, locale)}
	return d
}

// used are the games of the genre that were played, and everybody who did.
func (c *Company) used(in Period, genre string, above float64) (games []use, players map[int]bool) {
	by, players := map[int]*use{}, map[int]bool{}
	for _, s := range c.sessions {
		if !in.has(s.at) {
			continue
		}
		g := c.games[s.game]
		if c.genres[g.genre].code != genre || g.rating <= above {
			continue
		}
		u := by[g.id]
		if u == nil {
			u = &use{game: g, players: map[int]bool{}}
			by[g.id] = u
		}
		u.sessions, u.minutes = u.sessions+1, u.minutes+s.minutes
		u.players[s.player], players[s.player] = true, true
	}
	for _, u := range by {
		games = append(games, *u)
	}
	slices.SortFunc(games, func(a, b use) int {
		return cmp.Or(cmp.Compare(b.minutes, a.minutes), cmp.Compare(b.sessions, a.sessions),
			cmp.Compare(a.game.name, b.game.name), cmp.Compare(a.game.id, b.game.id))
	})
	return games, players
}

// usageChart is by day for periods up to 62 days, else by month.
func (c *Company) usageChart(games []use, in Period, locale string) Chart {
	months := midnight(in.To).Sub(midnight(in.From)) > 62*24*time.Hour
	is := map[int]bool{}
	for _, u := range games {
		is[u.game.id] = true
	}
	minutes := map[string]int{}
	for _, s := range c.sessions {
		if !in.has(s.at) || !is[s.game] {
			continue
		}
		start := s.at[:10]
		if months {
			start = s.at[:8] + "01"
		}
		minutes[start] += s.minutes
	}
	if len(minutes) == 0 {
		return Chart{}
	}
	label, unit := dayIn, say(locale, "gün", "day")
	if months {
		label, unit = monthIn, say(locale, "ay", "month")
	}
	chart := Chart{Finding: Record{"peak": label(locale, ranked(minutes)[0].name), "unit": unit}}
	for _, start := range span(minutes, months) {
		at := start
		if months {
			at = start[:7]
		}
		chart.Points = append(chart.Points, Point{Label: at, Value: float64(minutes[start]) / 60})
	}
	return chart
}

func monthIn(locale, day string) string {
	return say(locale, midnight(day).Format("01.2006"), day[:7])
}
