package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// dialogue is one greeted, secured and authenticated connection to the relay.
type dialogue struct {
	client   *smtp.Client
	conn     net.Conn // the TCP connection, below TLS: its deadline and its end are those of all
	settings Settings
	expiry   *time.Timer // ends it while it lies idle
}

// dial opens a dialogue up to the point where MAIL can be said.
func dial(ctx context.Context, s Settings) (*dialogue, error) {
	ctx, cancel := context.WithTimeout(ctx, s.DialTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, classify(Connect, err)
	}
	d := &dialogue{conn: conn, settings: s}
	release := d.endWith(ctx)
	if err := d.open(ctx); err != nil {
		release()
		d.close()
		return nil, err
	}
	if !release() {
		d.close()
		return nil, classify(Connect, context.Cause(ctx))
	}
	return d, nil
}

// endWith cuts the connection when ctx ends, which is the only way to stop a
// read or write that is under way. The function it returns lets go again; it
// is false if the cut was made.
func (d *dialogue) endWith(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, func() { _ = d.conn.Close() })
}

// within gives the next exchange its time.
func (d *dialogue) within(limit time.Duration) {
	_ = d.conn.SetDeadline(time.Now().Add(limit)) // a broken connection tells at the next read
}

func (d *dialogue) open(ctx context.Context) error {
	s := d.settings
	if s.Security == Plain && !d.toLoopback() {
		return classify(Connect, fmt.Errorf("%s is not on this machine and the way is not encrypted", d.conn.RemoteAddr()))
	}
	conn := d.conn
	if s.Security == Implicit {
		secured := tls.Client(conn, s.tls())
		if err := secured.HandshakeContext(ctx); err != nil {
			return classify(TLS, err)
		}
		conn = secured
	}
	d.within(s.DialTimeout)
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return classify(Connect, err)
	}
	client.SkipSMTPUTF8(true) // addresses are ASCII, see mailaddr; asking for more can only be refused
	d.client = client
	if err := client.Hello(s.HELO); err != nil {
		return classify(Hello, err)
	}
	if err := d.upgrade(); err != nil {
		return classify(TLS, err)
	}
	if err := d.authenticate(); err != nil {
		return classify(Auth, err)
	}
	return nil
}

func (d *dialogue) toLoopback() bool {
	addr, ok := d.conn.RemoteAddr().(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

func (s Settings) tls() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}

func (d *dialogue) upgrade() error {
	if d.settings.Security != Upgrade {
		return nil
	}
	if ok, _ := d.client.Extension("STARTTLS"); !ok {
		return errors.New("the relay does not offer it, and mail does not go out in the open")
	}
	return d.client.StartTLS(d.settings.tls())
}

// authenticate logs in with PLAIN, else LOGIN: inside TLS neither shows
// anything to anybody.
func (d *dialogue) authenticate() error {
	s := d.settings
	if s.User == "" {
		return nil
	}
	password, err := readSecret(s.PasswordFile)
	if err != nil {
		return err
	}
	_, offered := d.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		return d.client.Auth(smtp.PlainAuth("", s.User, string(password), s.Host, false))
	case slices.Contains(mechanisms, "LOGIN"):
		return d.client.Auth(smtp.LoginAuth(s.User, string(password), s.Host, false))
	default:
		return fmt.Errorf("the relay offers %q, we know PLAIN and LOGIN", offered)
	}
}
