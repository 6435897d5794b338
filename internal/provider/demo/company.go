package demo

import (
	"math"
	"strings"
	"time"
)

// How many of each there are.
const (
	gameCount    = 260
	playerCount  = 8_000
	saleCount    = 50_000
	rentalCount  = 50_000
	reviewCount  = 100_000
	sessionCount = 70_000
)

// game is one title of the catalog.
type game struct {
	id, publisher, genre int // from 1
	name                 string
	released             time.Time
	price                int     // kuruş, to buy
	dayFee               int     // kuruş, to rent for a day
	popularity           float64 // relative
	quality              float64 // chance that a review is positive
	rating               int     // the critics', in tenths: 0 to 100
}

// score is the critics' rating as people write it, 0.0 to 10.0.
func (g game) score() float64 { return float64(g.rating) / 10 }

// company is everything but the movements, which are drawn while they are
// written.
type company struct {
	seed     uint64
	calendar calendar
	games    []game   // by id
	players  []player // by id, which is the order they joined in
}

func newCompany(seed uint64, today time.Time) company {
	c := company{seed: seed, calendar: newCalendar(today)}
	c.games = inventGames(newDice(seed, "games"), c.calendar)
	rate(c.games, newDice(seed, "ratings"))
	c.players = inventPlayers(newDice(seed, "players"), c.calendar)
	return c
}

// inventGames gives popularity by rank after Zipf and Mandelbrot: few titles
// carry most of the business, and there is a long tail.
func inventGames(d dice, cal calendar) []game {
	titles := inventTitles(d)
	ranks := d.Perm(len(titles))
	all := make([]game, len(titles))
	for i, title := range titles {
		all[i] = game{
			id: i + 1, name: title,
			publisher: 1 + d.IntN(len(list(publisherNames))), genre: 1 + d.IntN(len(list(genreNames))),
			released:   releaseDay(d, cal),
			price:      (d.between(8, 60)*50 - 1) * 100,
			dayFee:     d.between(6, 24) * 250,
			popularity: math.Pow(float64(ranks[i]+4), -0.75),
			quality:    0.60 + 0.38*math.Sqrt(d.Float64()),
		}
	}
	favour(all[:len(list(signatureTitles))], d, cal)
	return all
}

// favour makes games what everybody knows and likes, since before the data
// begin, so that they lead the reports.
func favour(games []game, d dice, cal calendar) {
	for i := range games {
		g := &games[i]
		g.released = cal.first.AddDate(0, 0, -d.between(30, 3*365))
		g.popularity = math.Pow(float64(d.between(4, 30)), -0.75)
		g.quality = 0.94 + 0.04*d.Float64()
	}
}

// rate has critics agree with players by and large, and be harder to please.
func rate(games []game, d dice) {
	for i := range games {
		games[i].rating = min(max(int(math.Round(100*games[i].quality-16+12*d.NormFloat64())), 0), 100)
	}
}

// inventTitles puts the signature titles first, then as many Turkish as English
// ones, none twice.
func inventTitles(d dice) []string {
	titles := list(signatureTitles)
	tr := crossTitles(d, turkishFirst, turkishLast, list(turkishTails))
	en := crossTitles(d, englishFirst, englishLast, list(englishTails))
	for i := 0; len(titles) < gameCount; i++ {
		titles = append(titles, tr[i], en[i])
	}
	return titles[:gameCount]
}

// crossTitles pairs every first word with every last one, in drawn order, and
// gives one title in five a tail.
func crossTitles(d dice, first, last string, tails []string) []string {
	var all []string
	for _, a := range strings.Fields(first) {
		for _, b := range strings.Fields(last) {
			all = append(all, a+" "+b)
		}
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range all {
		if d.IntN(5) == 0 {
			all[i] += ": " + of(d, tails)
		}
	}
	return all
}

// releaseDay lies within the nine years before the data begin, or for one title
// in four inside them.
func releaseDay(d dice, cal calendar) time.Time {
	if d.IntN(4) == 0 {
		return cal.first.AddDate(0, 0, d.IntN(cal.days()))
	}
	return cal.first.AddDate(0, 0, -1-d.IntN(9*365))
}

// popular draws games by popularity; a game not yet released is drawn again.
func (c company) popular() func(d dice, at time.Time) game {
	w := newWheel(len(c.games), func(i int) float64 { return c.games[i].popularity })
	return func(d dice, at time.Time) game {
		for {
			if g := c.games[w.draw(d)]; !g.released.After(at) {
				return g
			}
		}
	}
}
