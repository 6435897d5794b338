package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"
)

// writeCatalog writes games.csv: comma separated, UTF-8, a header, LF.
func (c company) writeCatalog(w io.Writer) error {
	publishers, genres := list(publisherNames), genres()
	out := csv.NewWriter(w)
	rows := [][]string{{"game_id", "name", "publisher", "genre", "released", "price_kurus", "rating"}}
	for _, g := range c.games {
		rows = append(rows, []string{
			strconv.Itoa(g.id), g.name, publishers[g.publisher-1], genres[g.genre-1].english,
			g.released.Format(time.DateOnly), strconv.Itoa(g.price), strconv.FormatFloat(g.score(), 'f', 1, 64),
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the catalog: %w", err)
	}
	return nil
}
