package document

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
)

const sales = 1_000_000

// database of our own on a server, filled.
type database struct {
	server, name, url string
}

// fillDatabase makes one with a million sales and 50,000 customers.
func fillDatabase(ctx context.Context, server string) (*database, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("the address of PostgreSQL: %w", err)
	}
	d := &database{server: server, name: fmt.Sprintf("peyk_bench_%d", os.Getpid())}
	u.Path = "/" + d.name
	d.url = u.String()
	if err := statements(ctx, server, "create database "+d.name); err != nil {
		return nil, err
	}
	err = statements(ctx, d.url,
		fmt.Sprintf(`create table sale as select i id, i %% 50000 customer, 'order number ' || i note,
			(i %% 100000)::numeric(12,2) / 100 amount, date '2025-01-01' + i %% 365 as at from generate_series(1, %d) i`, sales),
		"create table customer as select i id, 'customer ' || i as name, (array['TR','DE','US'])[1 + i % 3] country from generate_series(0, 49999) i",
		"vacuum analyze sale", "vacuum analyze customer")
	if err != nil {
		return nil, errors.Join(err, d.drop(ctx))
	}
	return d, nil
}

func (d *database) drop(ctx context.Context) error {
	return statements(context.WithoutCancel(ctx), d.server, "drop database "+d.name+" with (force)")
}

func statements(ctx context.Context, server string, all ...string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	for _, s := range all {
		if _, err = conn.Exec(ctx, s); err != nil {
			err = fmt.Errorf("%.40s: %w", s, err)
			break
		}
	}
	return errors.Join(err, conn.Close(ctx))
}

// million gathers the sales, joins them with the customers and adds them up by
// country.
func million(ctx context.Context, server string) (make func() (made, error), done func() error, err error) {
	dir, err := os.MkdirTemp("", "peyk-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a directory for the sources: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	places, err := placesOf(dir, server)
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	done = func() error { return errors.Join(places.Close(), remove()) }
	job, err := joined(dir)
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return func() (made, error) {
		got, err := places.Gather(ctx, job)
		if err != nil {
			return made{}, err
		}
		if n := got.Sources[0].Rows; n != sales || len(got.Table.Rows) != 3 {
			return made{}, fmt.Errorf("gathered %d sales into %d rows, want %d into 3", n, len(got.Table.Rows), sales)
		}
		return made{Rows: got.Sources[0].Rows + got.Sources[1].Rows}, nil
	}, done, nil
}

func placesOf(dir, server string) (*gather.Places, error) {
	file := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "databases:\n  shop: {postgres: {url: %q}}\n", server), 0o600); err != nil {
		return nil, fmt.Errorf("write the sources: %w", err)
	}
	return gather.Open([]string{file})
}

func joined(dir string) (gather.Job, error) {
	sale, err1 := query.ParseFor(query.PostgreSQL, "select id, customer, note, amount, at from sale")
	customer, err2 := query.ParseFor(query.PostgreSQL, "select id, name, country from customer")
	combine, err3 := query.ParseFor(query.SQLite, `select country, count(*) as sales, sum(amount) as amount, max(note) as note
		from sale join customer on customer.id = sale.customer group by country order by country collate reader`)
	return gather.Job{
		Sources: []definition.Source{{Name: "sale", Database: "shop", Query: sale}, {Name: "customer", Database: "shop", Query: customer}},
		Combine: combine, Locale: "tr", AsOf: time.Now(), RowCap: 2 * sales, TableCap: 1000, TempDir: dir,
	}, errors.Join(err1, err2, err3)
}
