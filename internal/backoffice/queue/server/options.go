package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	nats "github.com/nats-io/nats-server/v2/server"

	"peyk/internal/backoffice/queue/secret"
)

// Store bounds what events take on disk, in bytes; the stream itself keeps half
// as much.
const Store = 2 << 30

const (
	syncInterval = time.Second
	memory       = 32 << 20
)

// options are those of NATS for a settled configuration.
func options(c Config) (*nats.Options, error) {
	o := &nats.Options{
		ServerName:         c.Name,
		DontListen:         c.Listen == "",
		NoSigs:             true,
		JetStream:          true,
		StoreDir:           c.Dir,
		SyncInterval:       syncInterval,
		JetStreamMaxMemory: memory,
		JetStreamMaxStore:  Store,
	}
	if c.Listen == "" {
		return o, nil
	}
	var err error
	if o.Host, o.Port, err = hostPort(c.Listen); err != nil {
		return nil, err
	}
	if o.TLSConfig, err = c.tls(); err != nil {
		return nil, err
	}
	o.TLS, o.TLSVerify = o.TLSConfig != nil, c.byCertificate()
	if c.PasswordFile != "" {
		if _, err := secret.Read(c.PasswordFile); err != nil {
			return nil, err
		}
		o.CustomClientAuthentication = doorman{c.User, c.PasswordFile, c.Log}
	}
	if c.ClusterListen == "" {
		return o, nil
	}
	return o, c.cluster(o)
}

// cluster adds what the servers of a cluster need to find and know each other.
func (c Config) cluster(o *nats.Options) (err error) {
	o.LameDuckDuration, o.LameDuckGracePeriod = lameDuck, lameWait
	o.Cluster.Name = c.ClusterName
	if o.Cluster.Host, o.Cluster.Port, err = hostPort(c.ClusterListen); err != nil {
		return err
	}
	if o.Cluster.TLSConfig, err = c.tls(); err != nil {
		return err
	}
	var known *url.Userinfo
	if c.PasswordFile != "" {
		secrets, err := secret.Read(c.PasswordFile)
		if err != nil {
			return err
		}
		user := c.User
		if user == "" {
			user = common
		}
		// What it presents when it connects; whom it lets in the doorman says.
		o.Cluster.Username, o.Cluster.Password = user, secrets[0].Reveal()
		known = url.UserPassword(user, o.Cluster.Password)
		o.CustomRouterAuthentication = doorman{user, c.PasswordFile, c.Log}
	}
	for _, r := range c.Routes {
		if _, _, err := net.SplitHostPort(r); err != nil {
			return fmt.Errorf("route to another server: %w", err)
		}
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats-route", User: known, Host: r})
	}
	return nil
}

// hostPort is an address as NATS wants it: there a port of 0 means the usual
// one, and -1 a free one.
func hostPort(addr string) (string, int, error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(p)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("address %s: %q is no port", addr, p)
	}
	if port == 0 {
		port = nats.RANDOM_PORT
	}
	return host, port, nil
}

// byCertificate reports whether it is by their certificates that clients and
// other servers are known.
func (c Config) byCertificate() bool { return c.CA != "" && c.PasswordFile == "" }

// tls is nil where there is no certificate.
func (c Config) tls() (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("read the certificate %s with the key %s: %w", c.Cert, c.Key, err)
		}
		return &pair, nil
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	t := &tls.Config{
		MinVersion:           tls.VersionTLS13,
		GetCertificate:       func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return read() },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return read() },
	}
	if c.CA == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read the authorities: %s holds no certificate in PEM", c.CA)
	}
	t.RootCAs, t.ClientCAs = pool, pool
	if c.byCertificate() {
		t.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return t, nil
}

// doorman lets in who presents one of the secrets in the file, beside the user
// or as a token.
type doorman struct {
	user, file string
	log        *slog.Logger
}

// Check is asked by NATS for each connection.
func (d doorman) Check(c nats.ClientAuthentication) bool {
	secrets, err := secret.Read(d.file)
	if err != nil {
		d.log.Error("nobody is let in to the queue server", "error", err)
		return false
	}
	o := c.GetOpts()
	if d.user == "" {
		return secret.Among(o.Token, secrets)
	}
	return o.Username == d.user && secret.Among(o.Password, secrets)
}
