package demo

import (
	"context"
	"time"
)

// communityTables is the community site's database, run by another department:
// it knows games and players by the shop's numbers and nothing else of the shop.
const communityTables = `
create table reviews (
	id integer primary key, game_id integer not null,
	positive integer not null, -- 1 or 0
	at text not null           -- 2006-01-02 15:04:05, the shop's clock
);
create table sessions ( -- somebody played
	id integer primary key, game_id integer not null, player_id integer not null,
	at text not null, -- the beginning
	minutes integer not null
);`

const communityIndexes = `
create index reviews_by_time on reviews (at, game_id, positive);
create index sessions_by_time on sessions (at, game_id, player_id, minutes);
analyze;`

// writeCommunity fills community.db.
func (c company) writeCommunity(ctx context.Context, f sqlFile) error {
	if err := f.do(ctx, communityTables); err != nil {
		return err
	}
	if err := c.writeReviews(ctx, f); err != nil {
		return err
	}
	if err := c.writeSessions(ctx, f); err != nil {
		return err
	}
	return f.do(ctx, communityIndexes)
}

// writeReviews draws the reviews: popular games are reviewed more, and each
// review is positive with the chance that is the game's quality.
func (c company) writeReviews(ctx context.Context, f sqlFile) error {
	d, pick := newDice(c.seed, "reviews"), c.popular()
	at := c.calendar.moments(d, reviewCount)
	return f.insert(ctx, "reviews", 4, len(at), func(i int) []any {
		g := pick(d, at[i])
		return []any{i + 1, g.id, d.Float64() < g.quality, stamp(at[i])}
	})
}

// writeSessions draws the sessions: a quarter of the players have three in four,
// half an hour as a rule and now and then a whole evening.
func (c company) writeSessions(ctx context.Context, f sqlFile) error {
	d, pick := newDice(c.seed, "sessions"), c.popular()
	at := c.calendar.moments(d, sessionCount)
	return f.insert(ctx, "sessions", 5, len(at), func(i int) []any {
		g, p := pick(d, at[i]), c.players[c.keen(d, at[i])]
		return []any{i + 1, g.id, p.id, stamp(at[i]), d.between(5, 60) + d.between(0, 60)*d.IntN(3)}
	})
}

// keen picks a place among the players there are at t: every fourth nine times as
// often as one of the others.
func (c company) keen(d dice, t time.Time) int {
	n := d.IntN(c.joinedBy(t))
	if d.IntN(3) > 0 {
		n -= n % 4
	}
	return n
}
