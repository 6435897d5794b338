package node

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/server"
)

// ServeConfig is all of `peyk serve`: some roles in this process, the rest
// elsewhere.
type ServeConfig struct {
	Roles       []Role
	Dir         string
	Addresses   Addresses
	Certificate Certificate
	Authorities string // file of authorities trusted beside the system's
	BehindProxy bool   // others may reach what is plain here
	Company     CompanyConfig
	Provider    ProviderConfig
	Server      server.Config // of the queue role
	Log         *slog.Logger
}

// Addresses are where the roles listen.
type Addresses struct {
	Front, API, Reader, Health string
	SMTP, Mailbox              string
	App, Files                 string
}

// Serving is a running `peyk serve`.
type Serving struct {
	ServeConfig
	roots    *x509.CertPool
	queue    *server.Server
	mail     *postOffice
	company  *Company
	provider *provider
	endWork  context.CancelFunc // of the provider's
	ended    chan error         // how the provider's work ended
}

// Serve starts the roles. It returns when all are ready to work.
func Serve(ctx context.Context, c ServeConfig) (*Serving, error) {
	s := &Serving{ServeConfig: c}
	err := s.start(ctx)
	if err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerStop)
		defer cancel()
		return nil, errors.Join(err, s.Stop(stop))
	}
	return s, nil
}

func (s *Serving) start(ctx context.Context) (err error) {
	if err := s.Certificate.check(); err != nil {
		return err
	}
	if s.roots, err = Roots(s.Authorities); err != nil {
		return err
	}
	for _, part := range []struct {
		roles []Role
		start func(context.Context, []Role) error
	}{
		{[]Role{Queue}, s.startQueue},
		{[]Role{Mailbox}, s.startMailbox},
		{[]Role{App, Files}, s.startProvider},
		{Stations(), s.startCompany},
	} {
		mine := only(s.Roles, part.roles)
		if len(mine) == 0 {
			continue
		}
		if err := part.start(ctx, mine); err != nil {
			return fmt.Errorf("serve %s: %w", nameOf(mine), err)
		}
	}
	return nil
}

func (s *Serving) startQueue(ctx context.Context, _ []Role) (err error) {
	c := s.Server
	c.Dir, c.Log = filepath.Join(s.Dir, "queue"), s.Log
	s.queue, err = server.Open(ctx, c)
	return err
}

func (s *Serving) startMailbox(ctx context.Context, _ []Role) (err error) {
	smtp, err := listen(ctx, "mail", "--smtp-listen", s.Addresses.SMTP, false)
	if err != nil {
		return err
	}
	pages, err := listen(ctx, "mailbox", "--mailbox-listen", s.Addresses.Mailbox, false)
	if err != nil {
		return errors.Join(err, smtp.Close())
	}
	s.mail, err = openPostOffice(ctx, filepath.Join(s.Dir, "mailbox"), smtp, pages, s.Log)
	return err
}

// open reports whether listeners may be reached from other machines.
func (s *Serving) open() bool { return s.BehindProxy || s.Certificate != (Certificate{}) }

func (s *Serving) listener(what, flag, addr string) Listen {
	return func(ctx context.Context) (net.Listener, error) { return listen(ctx, what, flag, addr, s.open()) }
}

func (s *Serving) startProvider(ctx context.Context, roles []Role) (err error) {
	c := s.Provider
	c.Dir, c.Certificate, c.Roots, c.Log = filepath.Join(s.Dir, "provider"), s.Certificate, s.roots, s.Log.With("company", "provider")
	if slices.Contains(roles, App) {
		c.App = s.listener("reporting app", "--app-listen", s.Addresses.App)
	}
	if slices.Contains(roles, Files) {
		c.Files = s.listener("reporting files", "--files-listen", s.Addresses.Files)
	}
	if err := c.check(); err != nil {
		return err
	}
	if s.provider, err = openProvider(ctx, c); err != nil {
		return err
	}
	if c.App != nil {
		s.Log.InfoContext(ctx, "webhooks are signed with this key; the company believes it as --provider-key", "key", s.provider.key.Public().String())
	}
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	s.endWork, s.ended = end, make(chan error, 1)
	go func() { s.ended <- s.provider.run(work) }()
	return nil
}

// startCompany opens the listeners of the stations that run here, then the
// stations.
func (s *Serving) startCompany(ctx context.Context, roles []Role) (err error) {
	c := s.Company
	c.Roles, c.Dir, c.Certificate, c.Roots, c.Log = roles, filepath.Join(s.Dir, "company"), s.Certificate, s.roots, s.Log
	c.Secure, c.Proxied = s.open(), s.BehindProxy
	if err := c.check(); err != nil {
		return err
	}
	runs := func(r Role) bool { return slices.Contains(roles, r) }
	addr := s.Addresses
	for _, door := range []struct {
		wanted           bool
		to               *net.Listener
		what, flag, addr string
	}{
		{runs(Web) || runs(Trigger) && addr.API == "", &c.Front, "pages", "--listen", addr.Front},
		{runs(Trigger) && addr.API != "", &c.API, "API", "--api-listen", addr.API},
		{runs(Reader), &c.Reader, "webhooks", "--reader-listen", addr.Reader},
		{addr.Health != "", &c.Health, "health", "--health-listen", addr.Health},
	} {
		if !door.wanted {
			continue
		}
		if *door.to, err = s.listener(door.what, door.flag, door.addr)(ctx); err != nil {
			return errors.Join(err, c.closeListeners())
		}
	}
	if c.Certificate != (Certificate{}) && runs(Web) && runs(Trigger) && c.API == nil {
		if c.Inner, err = listen(ctx, "API", "--api-listen", "127.0.0.1:0", false); err != nil {
			return errors.Join(err, c.closeListeners())
		}
	}
	if c.PublicURL == "" && c.Front != nil {
		c.PublicURL = s.Certificate.scheme() + "://" + c.Front.Addr().String()
	}
	if s.company, err = OpenCompany(ctx, c); err != nil {
		return errors.Join(err, c.closeListeners())
	}
	return s.company.Start(ctx)
}

// check refuses what would start and then reach nobody.
func (c CompanyConfig) check() error {
	apart := len(c.Roles) < len(Stations())
	has := func(r Role) bool { return slices.Contains(c.Roles, r) }
	for _, need := range []struct {
		missing bool
		what    string
	}{
		{apart && c.Queue == nil, "--queue: a queue inside this process would be heard by nobody else (peyk serve queue runs one)"},
		{has(Web) && !has(Trigger) && c.Trigger == "", "--api: pages hand every act to the trigger"},
		{has(Web) && !has(Trigger) && c.Service == "", "--service-token-file: what web presents to the trigger, the same file for both"},
		{has(Gateway) && c.Provider.App == "", "--provider: where the other company's reporting app answers"},
		{has(Gateway) && c.Provider.Token == "", "--provider-token-file: what the company presents to the provider"},
		{has(Reader) && len(c.Provider.Keys) == 0, "--provider-key: the public key the provider signs its webhooks with (its app logs it at start)"},
		{has(Reader) && c.Provider.Expect == "", "--webhook-token-file: what the provider presents to the reader"},
		{has(Trace) && c.Relay.Host == "", "--relay-host: the mail relay (peyk serve mailbox runs a mailbox instead)"},
		{has(Trace) && c.PublicURL == "" && !has(Web), "--public-url: the links in letters begin with it"},
	} {
		if need.missing {
			return errors.New("it needs " + need.what)
		}
	}
	return nil
}

func (c CompanyConfig) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{c.Front, c.API, c.Inner, c.Reader, c.Health} {
		if l != nil {
			errs = append(errs, ignoreClosedListener(l.Close()))
		}
	}
	return errors.Join(errs...)
}

// ignoreClosedListener drops what closing twice says.
func ignoreClosedListener(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Fresh are the people made at this start, with the passwords shown once.
func (s *Serving) Fresh() []Person {
	if s.company == nil {
		return nil
	}
	return s.company.Fresh
}

// Doors lists where this process answers, by what it answers for.
func (s *Serving) Doors() (signs []string) {
	if s.company != nil {
		signs = append(signs, s.company.doors.signs...)
	}
	if s.provider != nil {
		signs = append(signs, s.provider.doors.signs...)
	}
	if s.mail != nil {
		signs = append(signs, s.mail.signs...)
	}
	if s.queue != nil {
		signs = append(signs, "queue "+s.queue.Addr().String())
	}
	return signs
}

// Stop ends everything in order: the company's intake and work, the provider's,
// mail, the queue.
func (s *Serving) Stop(ctx context.Context) error {
	var errs []error
	if s.company != nil {
		errs = append(errs, s.company.Stop(ctx))
	}
	if s.endWork != nil {
		s.endWork()
		errs = append(errs, <-s.ended)
	}
	if s.mail != nil {
		errs = append(errs, s.mail.close(ctx))
	}
	if s.queue != nil {
		errs = append(errs, s.queue.Close(ctx))
	}
	return errors.Join(errs...)
}

// QueueOf reads what --queue says: URLs of servers.
func QueueOf(urls []string, login queue.External) *queue.External {
	urls = slices.DeleteFunc(slices.Clone(urls), func(u string) bool { return strings.TrimSpace(u) == "" })
	if len(urls) == 0 {
		return nil
	}
	login.URLs = urls
	return &login
}
