package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/reader"
)

// UpConfig is all of `peyk up`.
type UpConfig struct {
	Dir           string
	Listen        string
	MailboxListen string
	SMTPListen    string
	BehindProxy   bool
	PublicURL     string // "": where we listen
	Reports       []string
	Limits        Limits
	Sources       []string
	Demo          bool
	Nothing       bool   // the provider's only report is a constant page
	Profile       string // directory for profiles; "": none
	CompanyName   string
	Relay         *mail.Settings // nil: the built-in mailbox
	From          mail.Person
	Retention     time.Duration
	Unknown       time.Duration
	LogLevel      string
	Log           *slog.Logger
	Self          string // this binary, for the child processes
}

// Instance is a running `peyk up`.
type Instance struct {
	UpConfig
	company *Company
	child   *child
	mail    *postOffice // nil with a relay
	lock    *os.File

	mu  sync.Mutex
	run Run
}

// Up starts everything on one data directory.
func Up(ctx context.Context, c UpConfig) (*Instance, error) {
	in := &Instance{UpConfig: c}
	if err := in.start(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, in.Stop(stop))
	}
	return in, nil
}

func (in *Instance) start(ctx context.Context) (err error) {
	if in.BehindProxy && in.PublicURL == "" {
		return errors.New("--behind-proxy needs --public-url: the links in letters begin with it")
	}
	if err := os.MkdirAll(in.Dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if in.lock, err = lockDir(in.Dir); err != nil {
		return err
	}
	doors, err := in.listen(ctx)
	if err != nil {
		return err
	}
	if err := in.sample(ctx); err != nil {
		return errors.Join(err, doors.close())
	}
	if in.Relay == nil {
		in.mail, err = openPostOffice(ctx, filepath.Join(in.Dir, "company", "mailbox"), doors.smtp, doors.mailbox, in.Log)
		if err != nil {
			return err
		}
	}
	at, err := in.startProvider(ctx, doors)
	if err != nil {
		return errors.Join(err, doors.front.Close(), doors.reader.Close())
	}
	in.company, err = OpenCompany(ctx, CompanyConfig{
		Roles: Stations(), Dir: filepath.Join(in.Dir, "company"), Front: doors.front, Reader: doors.reader, Provider: at,
		Relay: in.relay(doors), From: in.From, PublicURL: in.publicURL(doors), Secure: in.BehindProxy, Proxied: in.BehindProxy,
		Retention: in.Retention, Unknown: in.Unknown, Demo: in.Demo, Mailbox: in.mailboxPage(doors), GateArgs: []string{in.Self, "pdf-gate"}, Log: in.Log,
	})
	if err != nil {
		return errors.Join(err, doors.front.Close(), doors.reader.Close())
	}
	if err := in.company.Start(ctx); err != nil {
		return err
	}
	return in.writeRun(doors, at)
}

// listeners are the addresses of an instance, taken before anything else so that a
// taken one is found at once.
type listeners struct {
	front, reader, app, files, smtp, mailbox net.Listener
}

func (in *Instance) listen(ctx context.Context) (d listeners, err error) {
	const anyPort = "127.0.0.1:0"
	type door struct {
		to               *net.Listener
		what, flag, addr string
	}
	all := []door{
		{&d.front, "pages", "--listen", in.Listen},
		{&d.reader, "webhooks", "", anyPort},
		{&d.app, "reporting app", "", anyPort},
		{&d.files, "reporting files", "", anyPort},
	}
	if in.Relay == nil {
		all = append(all, door{&d.smtp, "mail", "--smtp-listen", in.SMTPListen}, door{&d.mailbox, "mailbox", "--mailbox-listen", in.MailboxListen})
	}
	for _, door := range all {
		open := in.BehindProxy && door.to == &d.front
		if *door.to, err = listen(ctx, door.what, door.flag, door.addr, open); err != nil {
			return d, errors.Join(err, d.close())
		}
	}
	return d, nil
}

func (d listeners) close() error {
	var errs []error
	for _, l := range []net.Listener{d.front, d.reader, d.app, d.files, d.smtp, d.mailbox} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// sample makes the demo company's data.
func (in *Instance) sample(ctx context.Context) error {
	if !in.Demo {
		return nil
	}
	reports, sources, err := Sample(ctx, filepath.Join(in.Dir, "demo"))
	in.Reports = append([]string{reports}, in.Reports...)
	in.Sources = append([]string{sources}, in.Sources...)
	return err
}

// startProvider starts the other company's process.
func (in *Instance) startProvider(ctx context.Context, d listeners) (ProviderAt, error) {
	at := ProviderAt{App: urlOf(d.app), Files: urlOf(d.files), Networks: loopback(), Token: access.NewSecret(), Expect: access.NewSecret()}
	order := ProviderOrder{
		Dir: filepath.Join(in.Dir, "provider"), Reports: in.Reports, Sources: in.Sources, Nothing: in.Nothing, Profile: in.Profile, Company: in.CompanyName, Limits: in.Limits,
		Token: at.Token, Present: at.Expect, WebhookURL: urlOf(d.reader) + reader.Path, LogLevel: in.LogLevel,
	}
	var hello ProviderHello
	var err error
	in.child, hello, err = startChild(ctx, []string{in.Self, "provider-process"}, order, []net.Listener{d.app, d.files}, in.Log, in.childStarted)
	if err != nil {
		return at, errors.Join(err, d.app.Close(), d.files.Close())
	}
	at.Keys = []string{hello.PublicKey}
	return at, nil
}

// loopback is where a provider on this machine is.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func urlOf(l net.Listener) string { return "http://" + l.Addr().String() }

// childStarted notes the provider's new process id for scripts.
func (in *Instance) childStarted(pid int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.run.PIDs.Provider = pid
	if in.run.Token == "" {
		return // not written yet
	}
	if err := in.run.write(in.Dir); err != nil {
		in.Log.Error("run file not renewed", "error", err)
	}
}

func (in *Instance) relay(d listeners) mail.Settings {
	if in.Relay != nil {
		return *in.Relay
	}
	addr := d.smtp.Addr().(*net.TCPAddr)
	return mail.Settings{Host: addr.IP.String(), Port: addr.Port, Security: mail.Plain}
}

// mailboxPage is where people of this machine read the built-in mailbox.
func (in *Instance) mailboxPage(d listeners) string {
	if d.mailbox == nil || in.BehindProxy {
		return ""
	}
	return urlOf(d.mailbox)
}

func (in *Instance) publicURL(d listeners) string {
	if in.PublicURL != "" {
		return strings.TrimSuffix(in.PublicURL, "/")
	}
	return urlOf(d.front)
}

// writeRun tells scripts where everything is.
func (in *Instance) writeRun(d listeners, at ProviderAt) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.run.URLs = URLs{
		Web: urlOf(d.front), API: urlOf(d.front) + "/api/v1", Reader: urlOf(d.reader) + reader.Path,
		Provider: at.App, Files: at.Files,
	}
	if d.mailbox != nil {
		in.run.URLs.Mailbox, in.run.URLs.SMTP = urlOf(d.mailbox), d.smtp.Addr().String()
	}
	in.run.PIDs.Company = os.Getpid()
	in.run.Token, in.run.Demo, in.run.StartedAt = in.company.CLI, in.Demo, time.Now().UTC()
	in.run.ActsAs, in.run.Admin = in.company.ActsAs, in.company.Admin
	return in.run.write(in.Dir)
}

// Run is what the run file says now.
func (in *Instance) Run() Run {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.run
}

// Fresh are the people made at this start, with the passwords shown once.
func (in *Instance) Fresh() []Person { return in.company.Fresh }

// Stop ends everything in order. The run file goes last.
func (in *Instance) Stop(ctx context.Context) error {
	var errs []error
	if in.company != nil {
		errs = append(errs, in.company.Stop(ctx))
	}
	if in.child != nil {
		errs = append(errs, in.child.close(ctx))
	}
	if in.mail != nil {
		errs = append(errs, in.mail.close(ctx))
	}
	if in.lock != nil {
		if in.Run().Token != "" {
			errs = append(errs, os.Remove(runFile(in.Dir)))
		}
		errs = append(errs, in.lock.Close())
	}
	return errors.Join(errs...)
}
