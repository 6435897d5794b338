package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/gateway/dial"
	"peyk/internal/backoffice/gateway/gate"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/backoffice/reader"
	"peyk/internal/backoffice/trace"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/backoffice/web"
	"peyk/internal/protocol"
)

// openStations makes those that run here.
func (co *Company) openStations(context.Context) error {
	for _, s := range []struct {
		role Role
		open func() error
	}{
		{Trigger, co.openTrigger}, {Gateway, co.openGateway}, {Reader, co.openReader}, {Trace, co.openTrace}, {Web, co.openWeb},
	} {
		if !co.runs(s.role) {
			continue
		}
		if err := s.open(); err != nil {
			return fmt.Errorf("make %s: %w", s.role, err)
		}
	}
	co.health = co.checks()
	co.watchAround()
	return nil
}

func (co *Company) openTrigger() error {
	co.trigger = trigger.New(trigger.Config{
		Store: co.ledger, Publish: co.herald, Blobs: co.blobs, Passwords: co.passwords, Retention: co.Retention, Log: co.Log,
	})
	return nil
}

func (co *Company) openGateway() error {
	provider, err := co.openBorder()
	if err != nil {
		return err
	}
	if co.gates, err = gate.NewPool(gate.Config{Command: co.GateArgs, Children: 2, Log: co.Log}); err != nil {
		return err
	}
	co.gateway = gateway.New(gateway.Config{
		Store: co.ledger, Publish: co.queue, Provider: provider, Blobs: co.blobs, Gate: co.gates,
		Worker: worker(), Lease: co.Lease, MaxBytes: MaxDocument, Log: co.Log, Observe: co.pulse.observe(string(Gateway)),
	})
	return nil
}

func (co *Company) openReader() (err error) {
	if len(co.Provider.Keys) == 0 {
		return errors.New("no key of the provider's is known: nothing it says could be believed")
	}
	keys := make([]protocol.VerifyingKey, len(co.Provider.Keys))
	for i, k := range co.Provider.Keys {
		if keys[i], err = protocol.ParseVerifyingKey("provider-"+strconv.Itoa(i+1), k); err != nil {
			return err
		}
	}
	co.reader = reader.New(reader.Config{
		Store: co.ledger, Publish: co.herald, Verifier: protocol.Verifier{Keys: keys, Now: time.Now}, Log: co.Log,
	})
	return nil
}

func (co *Company) openTrace() error {
	composer, err := mail.NewComposer()
	if err != nil {
		return err
	}
	if co.relay, err = mail.NewSender(co.Relay); err != nil {
		return err
	}
	from, host, err := sender(co.From)
	if err != nil {
		return err
	}
	co.trace = trace.New(trace.Config{
		Store: co.ledger, Publish: co.queue, Blobs: co.blobs, Relay: meteredRelay{co.relay, co.pulse}, Composer: composer,
		From: from, Host: host, PublicURL: co.PublicURL, UnknownWait: co.Unknown,
		Worker: worker(), Lease: co.Lease, Log: co.Log, Observe: co.pulse.observe(string(Trace)),
	})
	return nil
}

func (co *Company) openWeb() error {
	api, err := url.Parse(co.triggerOrigin())
	if err != nil {
		return fmt.Errorf("address of the trigger: %w", err)
	}
	public, err := url.Parse(co.PublicURL)
	if err != nil {
		return fmt.Errorf("public address of the pages: %w", err)
	}
	co.web, err = web.New(web.Config{
		Ledger: co.ledger, API: api, HTTP: triggerHTTP(co.Roots), ServiceToken: co.Service,
		Passwords: co.passwords, Live: co.queue, PublicURL: public, Secure: co.Secure, BehindProxy: co.Proxied,
		Demo: demoAccounts(co.People), Mailbox: co.Mailbox, Health: co.webHealth, Queue: co.queue.Stats, Now: time.Now, Logger: co.Log,
	})
	return err
}

// sender gives who emails are from, as SMTP takes the address, and the right side
// of our Message-IDs: its domain.
func sender(from mail.Person) (wire mail.Person, host string, err error) {
	if from.Address, err = mailaddr.Wire(from.Address); err != nil {
		return from, "", fmt.Errorf("sender of emails (mail-from): %w", err)
	}
	return from, from.Address[strings.LastIndexByte(from.Address, '@')+1:], nil
}

// triggerOrigin is where web finds the trigger.
func (co *Company) triggerOrigin() string {
	switch {
	case !co.runs(Trigger):
		return co.Trigger
	case co.Inner != nil:
		return urlOf(co.Inner)
	case co.API != nil:
		return co.Certificate.scheme() + "://" + co.API.Addr().String()
	}
	return urlOf(co.Front)
}

// worker names this process in leases.
func worker() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unnamed"
	}
	return host + "-" + strconv.Itoa(os.Getpid())
}

// providerHTTP talks to the other company.
func providerHTTP(networks []netip.Prefix, roots *x509.CertPool) *http.Client {
	return &http.Client{Transport: dial.Transport(networks, &tls.Config{RootCAs: roots}), Timeout: 10 * time.Minute}
}

// triggerHTTP waits a minute for an answer to begin; a download may take longer.
func triggerHTTP(roots *x509.CertPool) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
		ResponseHeaderTimeout: time.Minute, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute,
	}}
}

func demoAccounts(people []Person) (out []web.DemoAccount) {
	for _, p := range people {
		out = append(out, web.DemoAccount{Name: p.Name, FullName: p.FullName, Password: p.Password, Role: p.Title})
	}
	return out
}
