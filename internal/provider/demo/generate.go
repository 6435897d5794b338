package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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

// edition rises whenever Generate would write something else for the same seed
// and day, so that data made by an older one are made anew.
const edition = 1

//go:embed sources.yaml reports/*.yaml
var shipped embed.FS

// made is what Marker holds.
type made struct {
	Edition int    `json:"edition"`
	Seed    uint64 `json:"seed"`
	Day     string `json:"day"`
}

// Generate makes the company's data in dir, which it creates if need be, as of
// the day of today in today's location. Where the marker says that the same
// data are there already, it does nothing. Files in dir that are not its own
// stay untouched.
//
// A returned error names the file; the data are then as they were, or without
// marker.
func Generate(ctx context.Context, dir string, seed uint64, today time.Time) error {
	want := made{Edition: edition, Seed: seed, Day: today.Format(time.DateOnly)}
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
	if err := writeAll(ctx, aside, newCompany(seed, today)); err != nil {
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
func writeAll(ctx context.Context, aside string, c company) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return makeSQLFile(ctx, filepath.Join(aside, Shop), c.writeShop) })
	g.Go(func() error { return makeSQLFile(ctx, filepath.Join(aside, Community), c.writeCommunity) })
	g.Go(func() error { return writeCatalogFile(filepath.Join(aside, Catalog), c) })
	g.Go(func() error { return copyShipped(aside) })
	return g.Wait()
}

func writeCatalogFile(path string, c company) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(c.writeCatalog(f), f.Close())
}

func copyShipped(aside string) error {
	return fs.WalkDir(shipped, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := shipped.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(aside, name), b, 0o644)
	})
}

// publish makes the files durable, then visible, then says so. The old marker
// goes first: between two renames the data belong to no day.
func publish(aside, dir string, m made) error {
	names, err := syncTree(aside)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, Marker)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, Reports), 0o755); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(aside, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := errors.Join(syncFile(filepath.Join(dir, Reports)), syncFile(dir)); err != nil {
		return err
	}
	return writeMarker(aside, dir, m)
}

func writeMarker(aside, dir string, m made) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	temp := filepath.Join(aside, Marker)
	if err := os.WriteFile(temp, append(b, '\n'), 0o644); err != nil {
		return err
	}
	if err := syncFile(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(dir, Marker)); err != nil {
		return err
	}
	return syncFile(dir)
}

// syncTree syncs every file under root and returns their names relative to it.
func syncTree(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		names = append(names, name)
		return errors.Join(err, syncFile(path))
	})
	return names, err
}

// syncFile makes a file, or the names in a directory, survive a power cut.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
