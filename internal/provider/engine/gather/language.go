package gather

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"modernc.org/sqlite"
)

// Reader is the name of the collation that sorts as the reader of the
// report's language would.
const Reader = "reader"

// private opens connections of a driver that is registered nowhere.
type private struct {
	driver *sqlite.Driver
	name   string
}

func (p private) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.driver.Open(p.name)
}

func (p private) Driver() driver.Driver { return p.driver }

// languages makes the drivers of workbenches: one for each language, for a
// collation belongs to a driver, and for as long as the program runs.
func languages() (map[string]*sqlite.Driver, error) {
	all := map[string]*sqlite.Driver{}
	for _, locale := range []string{"en", "tr"} {
		all[locale] = &sqlite.Driver{}
		if err := all[locale].RegisterCollationUtf8(Reader, order(locale)); err != nil {
			return nil, fmt.Errorf("register the collation of %s: %w", locale, err)
		}
	}
	return all, nil
}

// language of a workbench: English where the locale is of no other.
func (p *Places) language(locale string) *sqlite.Driver {
	base, _, _ := strings.Cut(locale, "-")
	if d, ok := p.languages[base]; ok {
		return d
	}
	return p.languages["en"]
}

// order compares texts by a language's rules. Two that these rules hold equal
// differ by their bytes: grouping by the collation must not make one of them.
func order(locale string) func(a, b string) int {
	collators := sync.Pool{New: func() any { return collate.New(language.Make(locale)) }}
	return func(a, b string) int {
		c := collators.Get().(*collate.Collator) //nolint:forcetypeassert // the pool has nothing else
		defer collators.Put(c)
		return cmp.Or(c.CompareString(a, b), strings.Compare(a, b))
	}
}
