package demotest

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
)

// ContactRow is one row of customer-contacts.v1: a customer.
type ContactRow struct {
	Name, Email, Phone, Country string
	Rentals                     int
	LastRental                  string // 2006-01-02 15:04:05
	id                          int
}

// Contacts computes customer-contacts.v1 for the days from from up to and
// without to (2006-01-02), for a country's code or "all".
func Contacts(ctx context.Context, dir, from, to, country string) ([]ContactRow, error) {
	shop, rentals, last := filepath.Join(dir, "shop.db"), map[string]int{}, map[string]string{}
	err := readTable(ctx, shop, "rentals", func(r record) {
		if at, player := r["at"], r["player_id"]; at >= from && at < to {
			rentals[player]++
			last[player] = max(last[player], at)
		}
	})
	var rows []ContactRow
	err = errors.Join(err, readTable(ctx, shop, "players", func(r record) {
		id := r["id"]
		if rentals[id] == 0 || r["may_contact"] != "1" || country != "all" && r["country"] != country {
			return
		}
		number, e := strconv.Atoi(id)
		err = errors.Join(err, e)
		rows = append(rows, ContactRow{r["name"], r["email"], r["phone"], r["country"], rentals[id], last[id], number})
	}))
	slices.SortFunc(rows, func(a, b ContactRow) int {
		return cmp.Or(cmp.Compare(b.LastRental, a.LastRental), cmp.Compare(a.Name, b.Name), cmp.Compare(a.id, b.id))
	})
	return rows, err
}
