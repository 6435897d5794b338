package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables to the newest version, each step in a transaction,
// under a lock that all processes share.
func (l *Ledger) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if l.current(ctx, dir) {
		return nil // the usual case waits for nobody's lock
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("prepare to migrate: %w", err)
	}
	db := stdlib.OpenDBFromPool(l.reading)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir,
		goose.WithSlog(l.logger), goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range done {
		l.logger.InfoContext(ctx, "ledger migrated", "to", m.Source.Version, "took", m.Duration)
	}
	return nil
}

// current reports whether the tables are of the newest version. Before the first
// migration there is nothing to ask.
func (l *Ledger) current(ctx context.Context, dir fs.FS) bool {
	files, err := fs.Glob(dir, "*.sql")
	if err != nil {
		return false
	}
	var applied int // the table begins with a row of version 0
	err = l.reading.QueryRow(ctx, "SELECT count(DISTINCT version_id) FROM goose_db_version WHERE is_applied AND version_id > 0").Scan(&applied)
	return err == nil && applied == len(files)
}
