package gather

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"modernc.org/sqlite"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
	"peyk/internal/strictyaml"
)

// Places are what reports may read: databases and folders, by name. Safe for
// concurrent use.
type Places struct {
	databases map[string]database
	folders   map[string]*os.Root
	languages map[string]*sqlite.Driver
}

var placeName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_-]{0,62}$`)

// Open reads the sources files and opens all they name. A name may be given
// once in all files together. Paths are relative to the file they stand in.
// Mistakes in a file are strictyaml.Mistakes.
func Open(files []string) (*Places, error) {
	p := &Places{databases: map[string]database{}, folders: map[string]*os.Root{}}
	var err error
	if p.languages, err = languages(); err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := p.add(file); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

func (p *Places) add(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read sources file: %w", err)
	}
	doc := strictyaml.Parse(file, data)
	f := doc.Root.Fields("databases", "folders")
	for _, e := range f.Get("databases").Entries() {
		p.addDatabase(e, filepath.Dir(file))
	}
	for _, e := range f.Get("folders").Entries() {
		p.addFolder(e, filepath.Dir(file))
	}
	return doc.Err()
}

func (p *Places) addDatabase(e strictyaml.Entry, dir string) {
	name, f := nameOf(e.Key), e.Value.Fields("sqlite", "postgres")
	if _, twice := p.databases[name]; twice {
		e.Key.Fail("the database %q was named before", name)
		return
	}
	var db database
	if f.Get("postgres").Present() {
		if f.Get("sqlite").Present() {
			e.Value.Fail("a database is of sqlite or of postgres, not both")
			return
		}
		db = addPostgres(f.Get("postgres"), dir)
	} else {
		db = addSQLite(f.Need("sqlite"), dir)
	}
	if db != nil {
		p.databases[name] = db
	}
}

// addSQLite opens the database of a path; nil after a mistake.
func addSQLite(path strictyaml.Node, dir string) database {
	if path.Text() == "" {
		return nil
	}
	db, err := openDatabase(resolve(dir, path.Text()))
	if err != nil {
		path.Fail("%v", err)
		return nil
	}
	return db
}

func (p *Places) addFolder(e strictyaml.Entry, dir string) {
	name, path := nameOf(e.Key), e.Value.Text()
	if _, twice := p.folders[name]; twice {
		e.Key.Fail("the folder %q was named before", name)
		return
	}
	if path == "" {
		return
	}
	root, err := os.OpenRoot(resolve(dir, path))
	if err != nil {
		e.Value.Fail("%v", err)
		return
	}
	p.folders[name] = root
}

func nameOf(key strictyaml.Node) string {
	name := key.Text()
	if !placeName.MatchString(name) {
		key.Fail("%q is not a name: letters, digits, _ and -", name)
	}
	return name
}

func resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Names of all places, sorted.
func (p *Places) Names() definition.Places {
	dialects := make(map[string]query.Dialect, len(p.databases))
	for name, db := range p.databases {
		dialects[name] = db.dialect()
	}
	return definition.Places{
		Databases: slices.Sorted(maps.Keys(p.databases)),
		Folders:   slices.Sorted(maps.Keys(p.folders)),
		Dialects:  dialects,
	}
}

// Close closes all databases and folders.
func (p *Places) Close() error {
	var errs []error
	for _, db := range p.databases {
		errs = append(errs, db.close())
	}
	for _, root := range p.folders {
		errs = append(errs, root.Close())
	}
	return errors.Join(errs...)
}
