package definition

import (
	"io/fs"
	"slices"
	"strings"

	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

func sources(n strictyaml.Node, params []Parameter, places Places) []Source {
	var all []Source
	for _, e := range n.Entries() {
		all = append(all, source(e.Key, e.Value, params, places))
	}
	if n.Present() && len(all) == 0 {
		n.Fail("at least one source is needed")
	}
	return all
}

func source(key, n strictyaml.Node, params []Parameter, places Places) Source {
	f := n.Fields("title", "database", "sql", "file", "folder", "rows", "at-cap", "timeout")
	s := Source{Name: identifier(key, plain, "small_letters_and_digits"), Title: text(f.Get("title"))}
	if strings.HasPrefix(s.Name, "sqlite_") {
		key.Fail("names beginning with sqlite_ are SQLite's own")
	}
	if s.Name == Combined {
		key.Fail("%s is the table of the combined rows; a source needs another name", Combined)
	}
	s.limits(f)
	if s.Title == (report.Text{}) {
		s.Title.EN = inWords(s.Name)
	}
	switch fromFile, fromDatabase := f.Get("file").Present(), f.Get("database").Present(); {
	case fromFile && fromDatabase:
		n.Fail("a source has a database or a file, not both")
	case fromFile:
		s.file(n, places)
	default:
		s.Database = place(f.Need("database"), "database", places.Databases)
		s.Query = sqlFor(places.Dialects[s.Database], f.Need("sql"), params)
		if f.Get("folder").Present() {
			f.Get("folder").Fail("a folder belongs to a file")
		}
	}
	return s
}

// Combined is the name further queries know the combined rows by.
const Combined = "result"

// limits says how much is read of the source and what happens beyond.
func (s *Source) limits(f strictyaml.Fields) {
	if rows := f.Get("rows"); rows.Present() {
		if s.Rows = int(rows.Int()); s.Rows < 1 {
			rows.Fail("rows is the most that is read: 1 or more")
		}
	}
	if f.Get("at-cap").Present() {
		s.Partial = f.Get("at-cap").OneOf("fail", "partial") == "partial"
	}
	s.Timeout = duration(f.Get("timeout"))
}

func (s *Source) file(n strictyaml.Node, places Places) {
	f := n.Fields("title", "file", "folder", "rows", "at-cap", "timeout")
	s.File = f.Get("file").Text()
	if !fs.ValidPath(s.File) || !strings.HasSuffix(s.File, ".csv") {
		f.Get("file").Fail("%q is not the path of a .csv file inside a folder", s.File)
	}
	if folder := f.Get("folder"); folder.Present() {
		s.Folder = place(folder, "folder", places.Folders)
	} else if len(places.Folders) == 0 {
		f.Get("file").Fail("the sources file names no folder to look in")
	}
}

func place(n strictyaml.Node, what string, known []string) string {
	name := n.Text()
	if n.Present() && !slices.Contains(known, name) {
		n.Fail("the sources file has no %s %q; %s", what, name, strictyaml.DidYouMean(name, known))
	}
	return name
}

// sqlOf reads a query over the workbench.
func sqlOf(n strictyaml.Node, params []Parameter) query.Query {
	return sqlFor(query.SQLite, n, params)
}

// sqlFor reads a query and holds its placeholders against the parameters.
func sqlFor(d query.Dialect, n strictyaml.Node, params []Parameter) query.Query {
	if !n.Present() {
		return query.Query{}
	}
	q, err := query.ParseFor(d, n.Text())
	if err != nil {
		n.Fail("%v", err)
		return query.Query{}
	}
	for _, p := range q.Placeholders {
		checkPlaceholder(n, p, params)
	}
	return q
}

func checkPlaceholder(n strictyaml.Node, used query.Placeholder, params []Parameter) {
	i := slices.IndexFunc(params, func(p Parameter) bool { return p.Name == used.Name })
	switch {
	case used == query.Placeholder{Name: Locale}:
	case i >= 0 && params[i].Type == "": // a mistake told already
	case i < 0:
		n.Fail("%s names no parameter; %s", used, strictyaml.DidYouMean(used.Name, names(params)))
	case params[i].Type == DateRange && used.Field != "from" && used.Field != "to":
		n.Fail("%s: a date range has two ends, :%s.from and :%s.to (the first day after it)", used, used.Name, used.Name)
	case params[i].Type != DateRange && used.Field != "":
		n.Fail("%s: a parameter of type %s is written :%s", used, params[i].Type, used.Name)
	}
}

func names(params []Parameter) []string {
	all := make([]string, len(params))
	for i, p := range params {
		all[i] = p.Name
	}
	return all
}
