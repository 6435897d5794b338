package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

// certify makes a certificate for localhost and the pool that trusts it.
func certify(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// account is a relay's session that wants a password and forgets the mail.
type account struct{ in bool }

func (*account) AuthMechanisms() []string { return []string{sasl.Plain} }
func (a *account) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "peyk" || password != "çok gizli" {
			return errors.New("no")
		}
		a.in = true
		return nil
	}), nil
}

func (a *account) Mail(string, *smtp.MailOptions) error {
	if !a.in {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (*account) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*account) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (*account) Reset()                               {}
func (*account) Logout() error                        { return nil }

// secureRelay is a whole SMTP server with TLS and accounts.
func secureRelay(t *testing.T, implicit, offerTLS bool) (port int, roots *x509.CertPool) {
	t.Helper()
	certificate, roots := certify(t)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &account{}, nil }))
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	if offerTLS {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return port, roots
}

func passwordFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWayToTheRelay: mail goes out protected, or it waits.
func TestWayToTheRelay(t *testing.T) {
	t.Parallel()
	good := passwordFile(t, "çok gizli\n")
	for name, c := range map[string]struct {
		security           mail.Security
		offerTLS, distrust bool
		password           string
		code               string // empty: sent
	}{
		"starttls":                 {mail.Upgrade, true, false, good, ""},
		"implicit":                 {mail.Implicit, true, false, good, ""},
		"no starttls offered":      {mail.Upgrade, false, false, good, "relay-unusable"},
		"unknown certificate":      {mail.Upgrade, true, true, good, "relay-unusable"},
		"unknown certificate, tls": {mail.Implicit, true, true, good, "relay-unusable"},
		"wrong password":           {mail.Implicit, true, false, passwordFile(t, "açık"), "relay-refused"},
		"password file gone":       {mail.Implicit, true, false, "/nowhere/password", "relay-unusable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, roots := secureRelay(t, c.security == mail.Implicit, c.offerTLS)
			if c.distrust {
				roots = x509.NewCertPool()
			}
			s, err := mail.NewSender(mail.Settings{
				Host: "localhost", Port: port, Security: c.security, User: "peyk", PasswordFile: c.password, HELO: "peyk.kule.example", RootCAs: roots,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 2 { // the second over the same connection
				_, err = s.Send(t.Context(), peyk, derya, []byte("x\r\n"), goAhead)
				if c.code == "" && err != nil || c.code != "" && (report.CodeOf(err) != c.code || report.ClassOf(err) != report.Transient) {
					t.Fatalf("got %v, want %q", err, c.code)
				}
			}
		})
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]mail.Settings{
		"no host":           {Port: 25, Security: mail.Plain},
		"no port":           {Host: "localhost", Security: mail.Plain},
		"no security":       {Host: "localhost", Port: 25},
		"plain to others":   {Host: "mail.kule.example", Port: 25, Security: mail.Plain},
		"user alone":        {Host: "localhost", Port: 25, Security: mail.Plain, User: "peyk"},
		"line end in HELO":  {Host: "localhost", Port: 25, Security: mail.Plain, HELO: "a\r\nMAIL"},
		"opportunistic tls": {Host: "localhost", Port: 25, Security: "maybe"},
	} {
		if _, err := mail.NewSender(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
