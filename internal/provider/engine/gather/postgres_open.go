package gather

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/strictyaml"
)

// connectTime bounds the making of one connection.
const connectTime = 10 * time.Second

// addPostgres prepares the pool of a PostgreSQL; it connects when it is read.
// After a mistake it gives nil.
func addPostgres(n strictyaml.Node, dir string) database {
	f := n.Fields("url", "password-file", "password-env")
	address, password := f.Need("url"), passwordOf(f, dir)
	if address.Text() == "" || password == nil {
		return nil
	}
	if err := checkURL(address.Text()); err != nil {
		address.Fail("%v", err)
		return nil
	}
	pool, err := openPool(address.Text(), password)
	if err != nil {
		address.Fail("%v", err)
		return nil
	}
	return postgres{pool}
}

// checkURL refuses what holds a password, or may: a text that is no URL is not
// repeated.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Query().Get("host") == "" {
		return errors.New("a URL like postgres://reader@db.example/shop is needed here")
	}
	_, has := u.User.Password()
	for key := range u.Query() {
		has = has || strings.Contains(strings.ToLower(key), "pass") && !strings.EqualFold(key, "passfile")
	}
	if has {
		return errors.New("a password does not stand in the URL: name its file in password-file, or its variable in password-env")
	}
	return nil
}

// passwordOf says where the password comes from: asked again for each
// connection, for a password changes. nil: a mistake.
func passwordOf(f strictyaml.Fields, dir string) func() (string, error) {
	file, env := f.Get("password-file"), f.Get("password-env")
	password, from := func() (string, error) { return "", nil }, file
	switch {
	case file.Present() && env.Present():
		env.Fail("a password comes from a file or from a variable, not from both")
		return nil
	case file.Present():
		path := resolve(dir, file.Text())
		password = func() (string, error) {
			data, err := os.ReadFile(path)
			return strings.TrimRight(string(data), "\r\n"), err
		}
	case env.Present():
		name := env.Text()
		from, password = env, func() (string, error) {
			value, ok := os.LookupEnv(name)
			if !ok {
				return "", fmt.Errorf("the variable %s is not set", name)
			}
			return value, nil
		}
	}
	if _, err := password(); err != nil {
		from.Fail("%v", err)
		return nil
	}
	return password
}

func openPool(address string, password func() (string, error)) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MinConns, config.MinIdleConns, config.MaxConns = 0, 0, readersPerDatabase
	if config.ConnConfig.ConnectTimeout == 0 || config.ConnConfig.ConnectTimeout > connectTime {
		config.ConnConfig.ConnectTimeout = connectTime
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "peyk"
	}
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		secret, err := password()
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		if secret != "" { // else what the address names, a passfile for one
			c.Password = secret
		}
		return nil
	}
	return pgxpool.NewWithConfig(context.Background(), config)
}
