package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// The files Generate writes, relative to its directory. Reports is a directory
// of report types; Marker is written last and says the rest is whole.
const (
	Shop      = "shop.db"
	Community = "community.db"
	Catalog   = "games.csv"
	Sources   = "sources.yaml"
	Reports   = "reports"
	Marker    = "demo.json"
)

// edition rises whenever Generate would draw something else for the same seed
// and day, so that data made by an older one are made anew.
const edition = 3

// made is what Marker holds.
type made struct {
	Edition int    `json:"edition"`
	Seed    uint64 `json:"seed"`
	Day     string `json:"day"`
	Shipped string `json:"shipped"` // sha256, in hex, of the files that are only copied
}

// Generate makes the company's data in dir, which it creates if need be, as of
// the day of today in today's location. Where the marker says that the same
// data are there already, it does nothing. Files in dir that are not its own
// stay untouched.
//
// A returned error names the file; the data are then as they were, or without
// marker.
func Generate(ctx context.Context, dir string, seed uint64, today time.Time) error {
	files, err := readShipped()
	if err != nil {
		return err
	}
	want := made{Edition: edition, Seed: seed, Day: today.Format(time.DateOnly), Shipped: digest(files)}
	if have, err := readMarker(dir); err == nil && have == want {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	aside, err := freshAside(dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	if err := writeAll(ctx, aside, newCompany(seed, today), files); err != nil {
		return err
	}
	return publish(aside, dir, want)
}

func readMarker(dir string) (made, error) {
	var m made
	b, err := os.ReadFile(filepath.Join(dir, Marker))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

// freshAside makes the directory the files grow in, on the same file system as
// dir so that a rename is one step. What a killed process left there goes.
func freshAside(dir string) (string, error) {
	aside := filepath.Join(dir, ".making")
	if err := os.RemoveAll(aside); err != nil {
		return "", fmt.Errorf("clear %s: %w", aside, err)
	}
	if err := os.MkdirAll(filepath.Join(aside, Reports), 0o755); err != nil {
		return "", fmt.Errorf("make %s: %w", aside, err)
	}
	return aside, nil
}

// writeAll writes every file but the marker. The databases are made side by
// side: they share nothing but the company, which is only read.
func writeAll(ctx context.Context, aside string, c company, files []shippedFile) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return makeSQLFile(ctx, filepath.Join(aside, Shop), c.writeShop) })
	g.Go(func() error { return makeSQLFile(ctx, filepath.Join(aside, Community), c.writeCommunity) })
	g.Go(func() error { return writeCatalogFile(filepath.Join(aside, Catalog), c) })
	g.Go(func() error { return copyShipped(aside, files) })
	return g.Wait()
}

func writeCatalogFile(path string, c company) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(c.writeCatalog(f), f.Close())
}
