package demo

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

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
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, Reports), 0o755), syncFile(dir)); err != nil {
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
