package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"peyk/internal/config"
)

// Config says where the server lives and who reaches it. Dir and Log must be
// given.
type Config struct {
	Dir    string // what it keeps; made if missing
	Listen string // host:port of its clients, port 0 takes a free one; "": InProcessConn alone reaches it
	Name   string // unique in its cluster and never changed; "": peyk, outside a cluster
	Log    *slog.Logger

	User         string // of all clients; "": the password file holds tokens
	PasswordFile string // one a line; "": clients need none
	Cert, Key    string // PEM files; "": no TLS
	CA           string // PEM file: vouches for the other servers; without a password file also for clients, who have to show a certificate
	Open         bool   // others may reach it in plain and unknown: a private network vouches for them

	ClusterName   string   // the same for all its servers; "": peyk
	ClusterListen string   // host:port of the other servers; "": no cluster
	Routes        []string // host:port of the other servers; its own among them does no harm
}

// common is what servers and clusters are called that need no name of their
// own, and whom servers of a cluster present themselves as beside a token.
const common = "peyk"

func (c *Config) settle() error {
	if c.Dir == "" || c.Log == nil {
		return errors.New("it needs Dir and Log")
	}
	switch {
	case (c.Cert == "") != (c.Key == ""):
		return errors.New("certificate and key come together")
	case c.User != "" && c.PasswordFile == "":
		return fmt.Errorf("user %s needs a password file", c.User)
	case c.CA != "" && c.Cert == "":
		return errors.New("an authority for others' certificates needs a certificate of its own")
	case c.ClusterListen == "" && len(c.Routes) > 0:
		return errors.New("routes to other servers need an address they reach this one at")
	case c.ClusterListen != "" && c.Name == "":
		return errors.New("each server of a cluster needs a name that is its own for good")
	case strings.ContainsAny(c.Name+c.ClusterName, " \t\r\n.*>/\\"):
		return fmt.Errorf("%q and %q: names have no spaces, dots, stars or slashes", c.Name, c.ClusterName)
	}
	if c.Name == "" {
		c.Name = common
	}
	if c.ClusterName == "" {
		c.ClusterName = common
	}
	return errors.Join(c.guarded(c.Listen), c.guarded(c.ClusterListen))
}

// guarded refuses an address others could reach where nobody asks them who they
// are, or everybody between could listen.
func (c *Config) guarded(addr string) error {
	if addr == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	known := c.PasswordFile != "" || c.CA != ""
	if c.Open || c.Cert != "" && known || config.Loopback(host) {
		return nil
	}
	return fmt.Errorf("%s can be reached from other machines: it needs a certificate with its key, and a password file or an authority for their certificates; "+
		"where a private network stands around it, say so instead", addr)
}
