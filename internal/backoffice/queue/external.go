package queue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"

	"peyk/internal/backoffice/queue/secret"
	"peyk/internal/config"
)

// External says how servers outside are reached. Secrets lie in files that are
// read at each connection, so a changed one counts at once.
type External struct {
	URLs         []string // nats://host:port or tls://host:port, without secrets; further servers of their cluster are found by themselves
	Credentials  string   // file with credentials of NATS (.creds)
	User         string
	PasswordFile string // one a line, the first is presented; without a user it is a token
	CA           string // PEM file: who may vouch for the servers; "": the system's authorities
	Cert, Key    string // PEM files: what we show servers that ask
	Open         bool   // servers off loopback may be reached in plain: a private network vouches for them
	Replicas     int    // on how many servers of a cluster each event lies; 0: 1
}

func (e *External) settle() error {
	switch {
	case e.Replicas < 0 || e.Replicas > 5:
		return fmt.Errorf("events lie on 1 to 5 servers, not on %d", e.Replicas)
	case len(e.URLs) == 0:
		return errors.New("servers outside need at least one URL")
	case (e.Cert == "") != (e.Key == ""):
		return errors.New("certificate and key come together")
	case e.User != "" && e.PasswordFile == "":
		return fmt.Errorf("user %s needs a password file", e.User)
	case e.Credentials != "" && e.PasswordFile != "":
		return errors.New("there is a file with credentials and one with a password; which is meant?")
	}
	e.Replicas = max(e.Replicas, 1)
	for _, u := range e.URLs {
		if err := e.checkURL(u); err != nil {
			return err
		}
	}
	return e.readable()
}

// checkURL shows of a URL only its host: the rest may hold a secret.
func (e *External) checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("one of the servers' URLs is none")
	}
	switch {
	case u.User != nil:
		return fmt.Errorf("the URL of server %s holds a secret; write it into a file instead", u.Host)
	case u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "":
		return fmt.Errorf("the URL of server %.64q begins neither with nats:// nor with tls://", u.Host)
	case u.Scheme == "tls" || e.CA != "" || e.Cert != "" || e.Open || config.Loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("server %s is on another machine: say tls://, or that a private network lies between", u.Host)
}

// readable tries every file once, so that a wrong one is found at the start.
func (e *External) readable() error {
	o := nats.GetDefaultOptions()
	for _, option := range e.security() {
		if err := option(&o); err != nil {
			return err
		}
	}
	if e.Credentials != "" {
		if _, err := o.UserJWT(); err != nil {
			return fmt.Errorf("read the credentials in %s: %w", e.Credentials, err)
		}
		if _, err := o.SignatureCB([]byte("any")); err != nil {
			return fmt.Errorf("read the key in %s: %w", e.Credentials, err)
		}
	}
	if e.PasswordFile != "" {
		if _, err := secret.Read(e.PasswordFile); err != nil {
			return err
		}
	}
	return nil
}

// security is how we know the servers, and they us.
func (e *External) security() []nats.Option {
	options := []nats.Option{func(o *nats.Options) error {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13} // for servers that want TLS, or URLs that do
		return nil
	}}
	if e.CA != "" {
		options = append(options, nats.RootCAs(e.CA))
	}
	if e.Cert != "" {
		options = append(options, nats.ClientCert(e.Cert, e.Key))
	}
	switch {
	case e.Credentials != "":
		options = append(options, nats.UserCredentials(e.Credentials))
	case e.User != "":
		options = append(options, nats.UserInfoHandler(func() (string, string) { return e.User, e.present() }))
	case e.PasswordFile != "":
		options = append(options, nats.TokenHandler(e.present))
	}
	return options
}

// present is the secret of now. Of a file that cannot be read any more the
// servers' refusal tells.
func (e *External) present() string {
	secrets, err := secret.Read(e.PasswordFile)
	if err != nil {
		return ""
	}
	return secrets[0].Reveal()
}

// plainly puts the reason why the servers could not be had into one sentence.
func (e *External) plainly(err error) error {
	at := strings.Join(e.URLs, ", ")
	var untrusted *tls.CertificateVerificationError
	var told *net.OpError
	switch {
	case err == nil:
		return fmt.Errorf("the way to %s was lost", at)
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return fmt.Errorf("%s does not let us in %s: %w", at, e.as(), err)
	case errors.As(err, &untrusted):
		return fmt.Errorf("%s shows a certificate that %s: %w", at, e.vouching(), err)
	case errors.Is(err, nats.ErrTLS), errors.As(err, &told) && told.Op == "remote error": // so crypto/tls calls the other side's alert
		return fmt.Errorf("%s breaks TLS off with us, who show %s: %w", at, e.shown(), err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%s speaks no TLS, and we do not speak in plain: %w", at, err)
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("nobody answers at %s", at)
	}
	return fmt.Errorf("%s cannot be reached: %w", at, err)
}

// as is whom we present ourselves as.
func (e *External) as() string {
	switch {
	case e.Credentials != "":
		return "with the credentials in " + e.Credentials
	case e.User != "":
		return fmt.Sprintf("as user %s with the password in %s", e.User, e.PasswordFile)
	case e.PasswordFile != "":
		return "with the token in " + e.PasswordFile
	}
	return "without credentials or a password"
}

func (e *External) vouching() string {
	if e.CA == "" {
		return "none of the system's authorities vouches for"
	}
	return "none of the authorities in " + e.CA + " vouches for"
}

func (e *External) shown() string {
	if e.Cert == "" {
		return "no certificate"
	}
	return "the certificate in " + e.Cert
}
