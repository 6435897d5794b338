package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// writeCatalog writes games.csv: comma separated, UTF-8, a header, LF.
func (c company) writeCatalog(w io.Writer) error {
	publishers, genres := list(publisherNames), list(genreNames)
	out := csv.NewWriter(w)
	rows := [][]string{{"game_id", "name", "publisher", "genre", "released", "price_kurus"}}
	for _, g := range c.games {
		_, genre, _ := strings.Cut(genres[g.genre-1], "/")
		rows = append(rows, []string{
			strconv.Itoa(g.id), g.name, publishers[g.publisher-1], genre,
			g.released.Format(time.DateOnly), strconv.Itoa(g.price),
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the catalog: %w", err)
	}
	return nil
}
