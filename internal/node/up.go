package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/mail/mailbox"
	"peyk/internal/backoffice/reader"
	"peyk/internal/provider/demo"
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
	mailbox *mailbox.Mailbox
	pages   *http.Server // of the mailbox
	lock    *os.File

	mu  sync.Mutex
	run Run
}

// demoSeed makes the sample company the same everywhere.
const demoSeed = 1907

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
	doors, err := in.openDoors(ctx)
	if err != nil {
		return err
	}
	if err := in.sample(ctx); err != nil {
		return errors.Join(err, doors.close())
	}
	if err := in.startMailbox(ctx, doors); err != nil {
		return err
	}
	at, err := in.startProvider(ctx, doors)
	if err != nil {
		return errors.Join(err, doors.front.Close(), doors.reader.Close())
	}
	in.company, err = OpenCompany(ctx, CompanyConfig{
		Dir: filepath.Join(in.Dir, "company"), Front: doors.front, Reader: doors.reader, Provider: at,
		Relay: in.relay(doors), From: in.From, PublicURL: in.publicURL(doors), Secure: in.BehindProxy,
		Retention: in.Retention, Unknown: in.Unknown, Demo: in.Demo, GateArgs: []string{in.Self, "pdf-gate"}, Log: in.Log,
	})
	if err != nil {
		return errors.Join(err, doors.front.Close(), doors.reader.Close())
	}
	if err := in.company.Start(ctx); err != nil {
		return err
	}
	return in.writeRun(doors, at)
}

// doors are the addresses of an instance, taken before anything else so that a
// taken one is found at once.
type doors struct {
	front, reader, app, files, smtp, mailbox net.Listener
}

func (in *Instance) openDoors(ctx context.Context) (d doors, err error) {
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

func (d doors) close() error {
	var errs []error
	for _, l := range []net.Listener{d.front, d.reader, d.app, d.files, d.smtp, d.mailbox} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// sample makes the demo company's data, anew on each day: its yesterday ends
// where its people live.
func (in *Instance) sample(ctx context.Context) error {
	if !in.Demo {
		return nil
	}
	dir := filepath.Join(in.Dir, "demo")
	zone, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		return fmt.Errorf("the sample company's time zone: %w", err)
	}
	if err := demo.Generate(ctx, dir, demoSeed, time.Now().In(zone)); err != nil {
		return err
	}
	in.Reports = append([]string{filepath.Join(dir, "reports")}, in.Reports...)
	in.Sources = append([]string{filepath.Join(dir, "sources.yaml")}, in.Sources...)
	return nil
}

// startMailbox receives the mail where no relay is named.
func (in *Instance) startMailbox(ctx context.Context, d doors) (err error) {
	if in.Relay != nil {
		return nil
	}
	in.mailbox, err = mailbox.Open(ctx, filepath.Join(in.Dir, "company", "mailbox"), mailbox.Options{Log: in.Log})
	if err != nil {
		return err
	}
	in.pages = server(in.mailbox.Handler(), in.Log)
	for _, serve := range []func() error{
		func() error { return in.mailbox.Serve(d.smtp) },
		func() error { return in.pages.Serve(d.mailbox) },
	} {
		go func() {
			if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				in.Log.Error("the mailbox closed by itself", "error", err)
			}
		}()
	}
	return nil
}

// startProvider starts the other company's process.
func (in *Instance) startProvider(ctx context.Context, d doors) (ProviderAt, error) {
	at := ProviderAt{App: urlOf(d.app), Files: urlOf(d.files), Token: access.NewSecret(), Expect: access.NewSecret()}
	order := ProviderOrder{
		Dir: filepath.Join(in.Dir, "provider"), Reports: in.Reports, Sources: in.Sources, Nothing: in.Nothing, Profile: in.Profile, Company: in.CompanyName,
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

func (in *Instance) relay(d doors) mail.Settings {
	if in.Relay != nil {
		return *in.Relay
	}
	addr := d.smtp.Addr().(*net.TCPAddr)
	return mail.Settings{Host: addr.IP.String(), Port: addr.Port, Security: mail.Plain}
}

func (in *Instance) publicURL(d doors) string {
	if in.PublicURL != "" {
		return strings.TrimSuffix(in.PublicURL, "/")
	}
	return urlOf(d.front)
}

// writeRun tells scripts where everything is.
func (in *Instance) writeRun(d doors, at ProviderAt) error {
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
	in.run.Token, in.run.Demo, in.run.StartedAt = in.company.CLIToken(), in.Demo, time.Now().UTC()
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
	if in.mailbox != nil {
		errs = append(errs, in.mailbox.Close(ctx), in.pages.Shutdown(ctx))
	}
	if in.lock != nil {
		if in.Run().Token != "" {
			errs = append(errs, os.Remove(runFile(in.Dir)))
		}
		errs = append(errs, in.lock.Close())
	}
	return errors.Join(errs...)
}
