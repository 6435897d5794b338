package engine_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/provider/engine"
)

// world is a small company: two databases and a folder with games.csv, whose
// content depends on nothing but the seed.
type world struct {
	dir     string
	games   []game
	reviews []review
	sales   []sale
}

type game struct {
	id   int
	name string
}
type review struct {
	game     int
	at       string
	positive int
}
type sale struct {
	game        int
	at, country string
	amount      float64
}

var (
	asOf        = time.Date(2026, 11, 23, 11, 32, 41, 0, time.UTC)
	requestedAt = time.Date(2026, 11, 23, 11, 30, 0, 0, time.UTC)
	names       = []string{"Küçük Bostan", "Gece Treni: Doğu Ekspresi", "Moss & Ember", "Deniz Feneri", "Paper Kingdoms", "Anadolu Rallisi", "Ironwood Chess", "Yedi Tepe", "Orbit Nine", "Uçurtma Ustası", "İğde Ağacı", "Šumava"}
	countries   = []string{"Türkiye", "Almanya", "ABD", "Birleşik Krallık", "Fransa"}
)

func newWorld(tb testing.TB, seed uint64, games int) *world {
	tb.Helper()
	w := &world{dir: tb.TempDir()}
	r := rand.New(rand.NewPCG(seed, 7))
	day := func() string {
		return time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(425)).Format(time.DateOnly)
	}
	for id := 1; id <= games; id++ {
		w.games = append(w.games, game{id, fmt.Sprintf("%s %d", names[r.IntN(len(names))], id)})
		for range r.IntN(40) {
			w.reviews = append(w.reviews, review{id, day(), r.IntN(2)})
		}
		for range r.IntN(20) {
			w.sales = append(w.sales, sale{id, day(), countries[r.IntN(len(countries))], float64(r.IntN(1_000_000)) / 100})
		}
	}
	w.write(tb)
	return w
}

func (w *world) write(tb testing.TB) {
	tb.Helper()
	community := open(tb, filepath.Join(w.dir, "community.db"), "create table reviews (game_id integer, at date, positive integer)")
	for _, r := range w.reviews {
		must(tb, community, "insert into reviews values (?, ?, ?)", r.game, r.at, r.positive)
	}
	must(tb, community, "commit")
	shop := open(tb, filepath.Join(w.dir, "shop.db"), "create table sales (game_id integer, at date, country text, amount real)")
	for _, s := range w.sales {
		must(tb, shop, "insert into sales values (?, ?, ?, ?)", s.game, s.at, s.country, s.amount)
	}
	must(tb, shop, "commit")
	csv := "\ufeffgame_id,name\n"
	for _, g := range w.games {
		csv += fmt.Sprintf("%d,%q\n", g.id, g.name)
	}
	w.file(tb, "files/games.csv", csv)
	w.file(tb, "sources.yaml", "databases:\n  community: {sqlite: community.db}\n  shop: {sqlite: shop.db}\nfolders:\n  files: files\n")
}

func (w *world) file(tb testing.TB, name, content string) {
	tb.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(path, asOf, asOf); err != nil {
		tb.Fatal(err)
	}
}

func open(tb testing.TB, path, schema string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	must(tb, db, schema)
	must(tb, db, "begin")
	return db
}

func must(tb testing.TB, db *sql.DB, statement string, args ...any) {
	tb.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

func (w *world) engine(tb testing.TB, reports string) *engine.Engine {
	tb.Helper()
	e, err := engine.Open(context.Background(), engine.Config{
		ReportDirs: []string{reports}, SourceFiles: []string{filepath.Join(w.dir, "sources.yaml")},
		Company: "Kule Oyun Kiralama A.Ş.",
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

func topGames(locale string) engine.Job {
	return engine.Job{
		GUID: "01a2082b-96d0-7c3e-9a41-5d0be27f8c16", Generation: 1, Type: "top-games.v1",
		Parameters: map[string]json.RawMessage{
			"period": json.RawMessage(`{"from":"2025-01-01","to":"2026-01-01"}`),
			"count":  json.RawMessage("10"), "min_reviews": json.RawMessage("5"),
		},
		Locale: locale, TimeZone: "Europe/Istanbul", RequestedBy: "Derya Aksoy", RequestedAt: requestedAt, AsOf: asOf,
		Formats: []string{"pdf"},
	}
}

func noProgress(int, int, string) {}
