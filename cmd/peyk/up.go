package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"peyk/internal/backoffice/mail"
	"peyk/internal/node"
	"peyk/internal/telemetry"
)

type upCommand struct {
	settings
	Data          string        `help:"Data directory." default:"data" type:"path"`
	Listen        string        `help:"Address of the pages and the API." default:"127.0.0.1:8080"`
	MailboxListen string        `help:"Address of the built-in mailbox's page." default:"127.0.0.1:8025"`
	SMTPListen    string        `help:"Address of the built-in mailbox's SMTP." default:"127.0.0.1:8026" name:"smtp-listen"`
	BehindProxy   bool          `help:"A proxy with TLS stands in front: listen anywhere, cookies are Secure."`
	PublicURL     string        `help:"Begins the links in letters." placeholder:"URL"`
	Reports       []string      `help:"Directory of report types (may be given more than once)." placeholder:"DIR" type:"existingdir"`
	Sources       []string      `help:"File naming the databases and folders report types may read." placeholder:"FILE" type:"existingfile"`
	Demo          bool          `help:"Bring a sample company with people, data and reports."`
	Nothing       bool          `help:"Offer one report, nothing.v1: a constant page of 1 KB, to measure the journey alone." hidden:""`
	Profile       string        `help:"Directory for profiles of where the CPU's time goes." hidden:"" type:"existingdir"`
	Company       string        `help:"Name in the head of documents." placeholder:"NAME"`
	Retention     time.Duration `help:"How long finished reports are kept; 0: until they are had." default:"720h"`
	LogLevel      string        `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`

	limitFlags
	mailFlags
}

// mailFlags say how letters go out.
type mailFlags struct {
	RelayHost         string        `help:"SMTP relay; without it mail goes to the built-in mailbox." placeholder:"HOST" group:"Mail"`
	RelayPort         int           `help:"Port of the relay." default:"587" group:"Mail"`
	RelayTLS          string        `help:"none (loopback only), starttls or implicit." default:"starttls" enum:"none,starttls,implicit" name:"relay-tls" group:"Mail"`
	RelayUser         string        `help:"User at the relay." placeholder:"USER" group:"Mail"`
	RelayPasswordFile string        `help:"File with the password at the relay." type:"existingfile" placeholder:"FILE" group:"Mail"`
	MailFrom          string        `help:"Sender of the letters." placeholder:"ADDRESS" group:"Mail"`
	MailUnknownWait   time.Duration `help:"Wait before a letter whose fate is unknown is sent once more." default:"10m" group:"Mail"`
}

// collectAt lets the heap grow fourfold between collections: the live data are a
// few megabytes, and a fifth of the time of a journey went into collecting.
const collectAt = 300

// stopTime is how long an orderly stop may take.
const stopTime = 20 * time.Second

func (c *upCommand) Run(ctx context.Context, out output, stopping onStop) error {
	debug.SetGCPercent(collectAt)
	log, err := telemetry.NewLog(os.Stderr, c.LogLevel)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own binary: %w", err)
	}
	company, from := c.Company, c.MailFrom
	if c.Demo {
		company, from = cmp.Or(company, demoCompany), cmp.Or(from, demoFrom)
	}
	in, err := node.Up(ctx, node.UpConfig{
		Dir: c.Data, Listen: c.Listen, MailboxListen: c.MailboxListen, SMTPListen: c.SMTPListen,
		BehindProxy: c.BehindProxy, PublicURL: c.PublicURL, Reports: c.Reports, Sources: c.Sources, Limits: c.limits(), Demo: c.Demo, Nothing: c.Nothing, Profile: c.Profile,
		CompanyName: company, Relay: c.relay(), From: mail.Person{Name: "Peyk", Address: cmp.Or(from, plainFrom)},
		Retention: c.Retention, Unknown: c.MailUnknownWait, LogLevel: c.LogLevel, Log: log, Self: self,
	})
	if err != nil {
		return err
	}
	profiled, err := telemetry.Profile(c.Profile, "company")
	if err != nil {
		return errors.Join(err, in.Stop(ctx))
	}
	c.greet(out, in)
	<-ctx.Done()
	stopping() // a second signal leaves now
	limit, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(profiled(), in.Stop(limit))
}

// The names where none are given.
const (
	demoCompany = "Kule Oyun Kiralama A.Ş."
	demoFrom    = "peyk@kule.example"
	plainFrom   = "peyk@localhost.localdomain"
)

// relay is nil where none is named.
func (c *mailFlags) relay() *mail.Settings {
	if c.RelayHost == "" {
		return nil
	}
	return &mail.Settings{
		Host: c.RelayHost, Port: c.RelayPort, Security: mail.Security(c.RelayTLS),
		User: c.RelayUser, PasswordFile: c.RelayPasswordFile,
	}
}

// greet says where to go next, and the passwords that were made just now.
func (c *upCommand) greet(out output, in *node.Instance) {
	fmt.Fprintf(out, "\nPeyk is running.\n\n  Pages    %s\n", in.Run().URLs.Web)
	if in.Run().URLs.Mailbox != "" {
		fmt.Fprintf(out, "  Mailbox  %s\n", in.Run().URLs.Mailbox)
	}
	fmt.Fprintf(out, "  Data     %s\n", c.Data)
	tellPasswords(out, in.Fresh())
	fmt.Fprint(out, "\nCtrl+C stops it.\n")
}

// tellPasswords shows, once, those that were made at this start.
func tellPasswords(out output, fresh []node.Person) {
	if len(fresh) == 0 {
		return
	}
	fmt.Fprint(out, "\nPasswords, shown once:\n\n")
	for _, p := range fresh {
		fmt.Fprintf(out, "  %-8s %s   %s\n", p.Name, p.Password, p.FullName)
	}
}
