package demo

import "context"

// communityTables is the community site's database, run by another department:
// it knows games by the shop's number and nothing else of the shop.
const communityTables = `
create table reviews (
	id integer primary key, game_id integer not null,
	positive integer not null, -- 1 or 0
	at text not null           -- 2006-01-02 15:04:05, the shop's clock
);`

const communityIndexes = `
create index reviews_by_time on reviews (at, game_id, positive);
analyze;`

// writeCommunity fills community.db: popular games are reviewed more, and each
// review is positive with the chance that is the game's quality.
func (c company) writeCommunity(ctx context.Context, f sqlFile) error {
	if err := f.do(ctx, communityTables); err != nil {
		return err
	}
	d, pick := newDice(c.seed, "reviews"), c.popular()
	at := c.calendar.moments(d, reviewCount)
	if err := f.insert(ctx, "reviews", 4, len(at), func(i int) []any {
		g := pick(d, at[i])
		return []any{i + 1, g.id, d.Float64() < g.quality, stamp(at[i])}
	}); err != nil {
		return err
	}
	return f.do(ctx, communityIndexes)
}
