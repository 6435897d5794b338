package demo

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// player is one customer.
type player struct {
	id                 int
	name, email, phone string
	country            string
	joined             time.Time
	mayContact         bool // agreed to be written to or called
}

// inventPlayers lets people join from three years before the data begin until
// yesterday, from the markets by their weight.
func inventPlayers(d dice, cal calendar) []player {
	lands := markets()
	where := newWheel(len(lands), func(i int) float64 { return lands[i].weight })
	all := make([]player, playerCount)
	for i := range all {
		all[i].joined = cal.first.AddDate(0, 0, d.between(-3*365, cal.days()-1))
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].joined.Before(all[j].joined) })
	for i := range all {
		land := lands[where.draw(d)]
		name := of(d, strings.Fields(land.first)) + " " + of(d, strings.Fields(land.last))
		all[i].id, all[i].country, all[i].name = i+1, land.code, name
		all[i].email = fmt.Sprintf("%s.%d@%s", address(name), i+1, of(d, []string{"example.com", "example.net", "example.org"}))
		all[i].phone = fmt.Sprintf("%s 000 %03d %02d %02d", land.dial, d.IntN(1000), d.IntN(100), d.IntN(100))
		all[i].mayContact = d.IntN(100) < 82
	}
	return all
}

// address writes a name in the letters every mail system takes: accents fall
// away, the letters that no decomposition reaches are named here.
func address(name string) string {
	plain := strings.NewReplacer("ı", "i", "ł", "l", "Ł", "L", "ß", "ss", "ø", "o", " ", ".", "'", "").Replace(name)
	fold := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)))
	ascii, _, err := transform.String(fold, plain)
	if err != nil { // the chain refuses no valid UTF-8
		return "player"
	}
	return strings.ToLower(ascii)
}

// joinedBy returns how many players there are at t; ids rise with the day of
// joining.
func (c company) joinedBy(t time.Time) int {
	return sort.Search(len(c.players), func(i int) bool { return c.players[i].joined.After(t) })
}
