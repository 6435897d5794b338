package demo

import (
	"context"
	"math"
	"time"
)

// shopTables is the shop's database. Times are text in the shop's own clock,
// 2006-01-02 15:04:05; a day alone is 2006-01-02.
const shopTables = `
create table publishers (
	id integer primary key, name text not null,
	royalty_percent integer not null -- of each rental fee
);
create table genres (id integer primary key, code text not null unique, name_tr text not null, name_en text not null);
create table countries (code text primary key, name_tr text not null, name_en text not null);
create table games (
	id integer primary key, name text not null, publisher_id integer not null references publishers,
	genre_id integer not null references genres, released text not null,
	price integer not null,  -- kuruş
	day_fee integer not null, -- kuruş
	rating real not null      -- the critics', 0 to 10
);
create table players (
	id integer primary key, name text not null, email text not null, phone text not null,
	country text not null references countries, joined text not null,
	may_contact integer not null -- 1: agreed to be written to or called
);
create table sales (
	id integer primary key, game_id integer not null references games, player_id integer not null references players,
	country text not null references countries, at text not null,
	amount integer not null -- kuruş
);
create table rentals (
	id integer primary key, game_id integer not null references games, player_id integer not null references players,
	country text not null references countries, at text not null, days integer not null,
	fee integer not null,      -- kuruş
	handling integer not null, -- kuruş: packing, shipping, taking back
	returned text              -- day, null while the game is out
);`

// shopIndexes serve the reports: all ask for a period and read nothing of the
// table itself.
const shopIndexes = `
create index sales_by_time on sales (at, game_id, country, player_id, amount);
create index rentals_by_time on rentals (at, game_id, country, player_id, fee, handling);
analyze;`

// writeShop fills shop.db.
func (c company) writeShop(ctx context.Context, f sqlFile) error {
	steps := []func(context.Context, sqlFile) error{
		func(ctx context.Context, f sqlFile) error { return f.do(ctx, shopTables) },
		c.writeLists, c.writeGames, c.writePlayers, c.writeSales, c.writeRentals,
		func(ctx context.Context, f sqlFile) error { return f.do(ctx, shopIndexes) },
	}
	for _, step := range steps {
		if err := step(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (c company) writeLists(ctx context.Context, f sqlFile) error {
	publishers, genres, lands := list(publisherNames), genres(), markets()
	d := newDice(c.seed, "royalties")
	if err := f.insert(ctx, "publishers", 3, len(publishers), func(i int) []any {
		return []any{i + 1, publishers[i], 2 * d.between(10, 24)}
	}); err != nil {
		return err
	}
	if err := f.insert(ctx, "genres", 4, len(genres), func(i int) []any {
		return []any{i + 1, genres[i].code, genres[i].turkish, genres[i].english}
	}); err != nil {
		return err
	}
	return f.insert(ctx, "countries", 3, len(lands), func(i int) []any {
		return []any{lands[i].code, lands[i].turkish, lands[i].english}
	})
}

func (c company) writeGames(ctx context.Context, f sqlFile) error {
	return f.insert(ctx, "games", 8, len(c.games), func(i int) []any {
		g := c.games[i]
		return []any{g.id, g.name, g.publisher, g.genre, g.released.Format(time.DateOnly), g.price, g.dayFee, g.score()}
	})
}

func (c company) writePlayers(ctx context.Context, f sqlFile) error {
	return f.insert(ctx, "players", 7, len(c.players), func(i int) []any {
		p := c.players[i]
		return []any{p.id, p.name, p.email, p.phone, p.country, p.joined.Format(time.DateOnly), p.mayContact}
	})
}

// writeSales draws the sales: a popular game, any player of that day, one of
// the discounts, and what people abroad pay more. Prices are whole liras, so
// that a report may leave the kuruş out and its rows still add up.
func (c company) writeSales(ctx context.Context, f sqlFile) error {
	d, pick := newDice(c.seed, "sales"), c.popular()
	at := c.calendar.moments(d, saleCount)
	return f.insert(ctx, "sales", 6, len(at), func(i int) []any {
		g, p := pick(d, at[i]), c.players[d.IntN(c.joinedBy(at[i]))]
		percent := of(d, []int{100, 100, 100, 100, 85, 75, 50})
		if p.country != "TR" {
			percent += 15
		}
		return []any{i + 1, g.id, p.id, p.country, stamp(at[i]), g.price / 100 * percent / 100 * 100}
	})
}

// writeRentals draws the rentals: mostly a weekend or a week; what was due in
// the last days may still be out. A fee is a multiple of 2.50 ₺ and a royalty
// an even percent of it, so the royalty of a rental is whole kuruş. Posting
// abroad costs more than some short rentals bring.
func (c company) writeRentals(ctx context.Context, f sqlFile) error {
	d, pick := newDice(c.seed, "rentals"), c.popular()
	at := c.calendar.moments(d, rentalCount)
	end := c.calendar.first.AddDate(0, 0, c.calendar.days())
	return f.insert(ctx, "rentals", 9, len(at), func(i int) []any {
		g, p, days := pick(d, at[i]), c.players[d.IntN(c.joinedBy(at[i]))], of(d, []int{2, 2, 3, 3, 7, 7, 7, 14, 30})
		handling := d.between(12, 24) * 100
		if p.country != "TR" {
			handling *= 2
		}
		late := int(math.Max(0, d.NormFloat64()*2-1))
		var returned any
		if back := at[i].AddDate(0, 0, days+late); back.Before(end) {
			returned = back.Format(time.DateOnly)
		}
		return []any{i + 1, g.id, p.id, p.country, stamp(at[i]), days, g.dayFee * days, handling, returned}
	})
}
