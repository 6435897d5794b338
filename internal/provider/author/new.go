package author

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed first/report.yaml first/sources.yaml first/orders.csv
var first embed.FS

// ErrName says that a report's file cannot be named so.
var ErrName = errors.New("a report file is named after its type: small letters, digits and dashes, like monthly-sales.yaml")

var fileName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.ya?ml$`)

// New writes a report file that runs, and beside it the sources it reads where
// there are none yet. A missing folder is made. It gives the files written.
func New(path string) (written []string, err error) {
	name := filepath.Base(path)
	if !fileName.MatchString(name) {
		return nil, fmt.Errorf("%s: %w", name, ErrName)
	}
	text, err := first.ReadFile("first/report.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the first report: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", path, err)
	}
	id := strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	if err := create(path, strings.Replace(string(text), "id: first.v1", "id: "+id+".v1", 1)); err != nil {
		return nil, err
	}
	written = []string{path}
	dir := filepath.Dir(path)
	if len((File{Path: path}).nearby()) > 0 {
		return written, nil
	}
	for _, name := range []string{"sources.yaml", "orders.csv"} {
		text, err := first.ReadFile("first/" + name)
		if err != nil {
			return written, fmt.Errorf("read the first %s: %w", name, err)
		}
		to := filepath.Join(dir, name)
		if err := create(to, string(text)); err != nil && !errors.Is(err, fs.ErrExist) {
			return written, err
		} else if err == nil {
			written = append(written, to)
		}
	}
	return written, nil
}

// create a file that is not there yet.
func create(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write a first report: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
