package demotest

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
)

// Company is everything the reports can see, read once.
type Company struct {
	reviews    []review
	sales      []sale
	rentals    []rental
	sessions   []session
	games      map[int]game
	players    map[int]player
	publishers map[int]publisher
	genres     map[int]names
	countries  map[string]names // by code
	catalog    []record
}

type names struct{ code, tr, en string }

func (n names) in(locale string) string { return say(locale, n.tr, n.en) }

type publisher struct {
	name    string
	royalty int // percent
}

type game struct {
	id, publisher, genre int
	name                 string
	rating               float64
}

type player struct {
	id                          int
	name, email, phone, country string
	mayContact                  bool
}

type review struct {
	at       string
	game     int
	positive bool
}

type sale struct {
	at, country         string
	game, player, kurus int
}

type rental struct {
	at, country                 string
	game, player, fee, handling int
}

type session struct {
	at                    string
	game, player, minutes int
}

// Period is the days from From up to and without To, as 2006-01-02. Times are
// text that sorts as time does.
type Period struct{ From, To string }

func (p Period) has(at string) bool { return at >= p.From && at < p.To }

// ReadCompany reads the data demo.Generate made in dir.
func ReadCompany(ctx context.Context, dir string) (*Company, error) {
	c := &Company{
		games: map[int]game{}, players: map[int]player{}, publishers: map[int]publisher{},
		genres: map[int]names{}, countries: map[string]names{},
	}
	shop, community := filepath.Join(dir, "shop.db"), filepath.Join(dir, "community.db")
	var err error
	c.catalog, err = readCSV(filepath.Join(dir, "games.csv"))
	return c, errors.Join(err,
		readTable(ctx, community, "reviews", func(r record) {
			c.reviews = append(c.reviews, review{r["at"], whole(r["game_id"]), r["positive"] == "1"})
		}),
		readTable(ctx, community, "sessions", func(r record) {
			c.sessions = append(c.sessions, session{r["at"], whole(r["game_id"]), whole(r["player_id"]), whole(r["minutes"])})
		}),
		readTable(ctx, shop, "sales", func(r record) {
			c.sales = append(c.sales, sale{r["at"], r["country"], whole(r["game_id"]), whole(r["player_id"]), whole(r["amount"])})
		}),
		readTable(ctx, shop, "rentals", func(r record) {
			c.rentals = append(c.rentals, rental{r["at"], r["country"], whole(r["game_id"]), whole(r["player_id"]), whole(r["fee"]), whole(r["handling"])})
		}),
		c.readLists(ctx, shop),
	)
}

func (c *Company) readLists(ctx context.Context, shop string) error {
	return errors.Join(
		readTable(ctx, shop, "games", func(r record) {
			rating, _ := decimal(r["rating"])
			id := whole(r["id"])
			c.games[id] = game{id, whole(r["publisher_id"]), whole(r["genre_id"]), r["name"], rating}
		}),
		readTable(ctx, shop, "players", func(r record) {
			id := whole(r["id"])
			c.players[id] = player{id, r["name"], r["email"], r["phone"], r["country"], r["may_contact"] == "1"}
		}),
		readTable(ctx, shop, "publishers", func(r record) {
			c.publishers[whole(r["id"])] = publisher{r["name"], whole(r["royalty_percent"])}
		}),
		readTable(ctx, shop, "genres", func(r record) {
			c.genres[whole(r["id"])] = names{r["code"], r["name_tr"], r["name_en"]}
		}),
		readTable(ctx, shop, "countries", func(r record) {
			c.countries[r["code"]] = names{r["code"], r["name_tr"], r["name_en"]}
		}),
	)
}

// Countries are the codes of all countries, in no order.
func (c *Company) Countries() []string {
	var all []string
	for code := range c.countries {
		all = append(all, code)
	}
	return all
}

// Genres are the codes of all genres, in no order.
func (c *Company) Genres() []string {
	var all []string
	for _, g := range c.genres {
		all = append(all, g.code)
	}
	return all
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
