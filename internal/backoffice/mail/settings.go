package mail

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"peyk/internal/config"
)

// Security is how the way to the relay is protected.
type Security string

// The ways. There is none that falls back to plain text.
const (
	Plain    Security = "none"     // to loopback only
	Upgrade  Security = "starttls" // RFC 3207; a relay without it is refused
	Implicit Security = "implicit" // RFC 8314
)

// Settings say which relay takes our mail.
type Settings struct {
	Host         string
	Port         int
	Security     Security
	User         string         // empty: no authentication
	PasswordFile string         // read at each new connection, so a changed one counts at once
	HELO         string         // our name to the relay; empty: localhost
	RootCAs      *x509.CertPool // nil: those of the system

	DialTimeout    time.Duration // until greeted; 0: 10 s
	CommandTimeout time.Duration // for each reply; 0: 1 min
	BodyTimeout    time.Duration // to hand over the message; 0: 3 min
	ReplyTimeout   time.Duration // after the final dot; 0: 10 min (RFC 5321 section 4.5.3.2.6: giving up early sends twice)
	IdleTimeout    time.Duration // an unused connection is kept this long; 0: 15 s
	MaxIdle        int           // unused connections kept; 0: 16
}

func (s Settings) withDefaults() Settings {
	s.HELO = orElse(s.HELO, "localhost")
	s.DialTimeout = orElse(s.DialTimeout, 10*time.Second)
	s.CommandTimeout = orElse(s.CommandTimeout, time.Minute)
	s.BodyTimeout = orElse(s.BodyTimeout, 3*time.Minute)
	s.ReplyTimeout = orElse(s.ReplyTimeout, 10*time.Minute)
	s.IdleTimeout = orElse(s.IdleTimeout, 15*time.Second)
	s.MaxIdle = orElse(s.MaxIdle, 16)
	return s
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (s Settings) check() error {
	switch {
	case s.Host == "" || strings.ContainsAny(s.Host, "\r\n /"):
		return fmt.Errorf("mail relay: %q is no host name", s.Host)
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("mail relay %s: port %d is not between 1 and 65535", s.Host, s.Port)
	case strings.ContainsAny(s.HELO, "\r\n "):
		return fmt.Errorf("mail relay %s: %q is no name to say hello with", s.Host, s.HELO)
	case (s.User == "") != (s.PasswordFile == ""):
		return fmt.Errorf("mail relay %s: user and password file come together", s.Host)
	}
	switch s.Security {
	case Upgrade, Implicit:
		return nil
	case Plain:
		if !config.Loopback(s.Host) {
			return fmt.Errorf("mail relay %s: plain SMTP is for loopback only; set security to starttls or implicit", s.Host)
		}
		return nil
	default:
		return fmt.Errorf("mail relay %s: security %q is none of none, starttls, implicit", s.Host, s.Security)
	}
}

// secret is a password that no log, error or dump shows.
type secret string

const redacted = "[redacted]"

func (secret) String() string               { return redacted }
func (secret) GoString() string             { return redacted }
func (secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// readSecret reads a password file; the line end an editor leaves is not
// part of the password.
func readSecret(path string) (secret, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read mail password: %w", err)
	}
	return secret(strings.TrimRight(string(b), "\r\n")), nil
}
