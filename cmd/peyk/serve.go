package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/queue"
	queueserver "peyk/internal/backoffice/queue/server"
	"peyk/internal/node"
	"peyk/internal/telemetry"
)

type serveCommand struct {
	settings
	Roles []string `arg:"" optional:"" help:"web, trigger, gateway, reader, trace (these five if none is named), queue, mailbox; or, for the provider, app, files."`

	Data        string        `help:"Data directory: what has no other place lies here." default:"data" type:"path" group:"Everywhere"`
	LogLevel    string        `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" group:"Everywhere"`
	TLSCert     string        `help:"Certificate shown to those who connect, PEM; without it they connect in plain, on loopback only." name:"tls-cert" type:"existingfile" placeholder:"FILE" group:"Everywhere"`
	TLSKey      string        `help:"Its key, PEM." name:"tls-key" type:"existingfile" placeholder:"FILE" group:"Everywhere"`
	TLSCA       string        `help:"Authorities believed beside the system's, PEM." name:"tls-ca" type:"existingfile" placeholder:"FILE" group:"Everywhere"`
	BehindProxy bool          `help:"A proxy with TLS, or a private network, stands in front: listen anywhere in plain." group:"Everywhere"`
	Lease       time.Duration `help:"How long a dead process holds up its work." default:"30s" group:"Everywhere"`

	Ledger  string `help:"The ledger: a file of SQLite, for one process alone, or postgres://… for many." placeholder:"FILE|URL" group:"The company's stores"`
	Blobs   string `help:"Directory of finished reports; gateway, trigger and trace share it." type:"path" placeholder:"DIR" group:"The company's stores"`
	Service string `help:"File with the secret web presents to the trigger; made if missing." name:"service-token-file" type:"path" placeholder:"FILE" group:"The company's stores"`
	CLI     string `help:"File with the secret of the command line (--token-file); made if missing." name:"cli-token-file" type:"path" placeholder:"FILE" group:"The company's stores"`

	queueFlags
	stationFlags
	mailFlags
	serverFlags
	providerFlags
	limitFlags
}

// queueFlags say how the company reaches its queue.
type queueFlags struct {
	Queue             []string `help:"Servers of the queue, nats://… or tls://…; without it the queue runs inside this process." placeholder:"URL" group:"The company's queue"`
	QueueCredentials  string   `help:"File with credentials (.creds)." type:"existingfile" placeholder:"FILE" group:"The company's queue"`
	QueueUser         string   `help:"User at the queue." placeholder:"USER" group:"The company's queue"`
	QueuePasswordFile string   `help:"File with the password, or with a token where there is no user." type:"existingfile" placeholder:"FILE" group:"The company's queue"`
	QueueCA           string   `help:"Authorities that may vouch for the servers, PEM." name:"queue-ca" type:"existingfile" placeholder:"FILE" group:"The company's queue"`
	QueueCert         string   `help:"Certificate we show them, PEM." type:"existingfile" placeholder:"FILE" group:"The company's queue"`
	QueueKey          string   `help:"Its key, PEM." type:"existingfile" placeholder:"FILE" group:"The company's queue"`
	QueueReplicas     int      `help:"On how many servers of a cluster events lie." default:"1" enum:"1,3,5" group:"The company's queue"`
}

// stationFlags are for the company's five.
type stationFlags struct {
	Listen           string         `help:"Address of the pages, and of the API where it has no other." default:"127.0.0.1:8080" group:"The stations"`
	APIListen        string         `help:"Address of the API alone." name:"api-listen" placeholder:"ADDRESS" group:"The stations"`
	API              string         `help:"Where web finds the trigger, e.g. https://trigger.example:8081." name:"api" placeholder:"URL" group:"The stations"`
	PublicURL        string         `help:"Where people find the pages; begins the links in letters." placeholder:"URL" group:"The stations"`
	ReaderListen     string         `help:"Address the provider sends its webhooks to." default:"127.0.0.1:8082" group:"The stations"`
	HealthListen     string         `help:"Address of /healthz and /readyz, for processes without another." placeholder:"ADDRESS" group:"The stations"`
	Provider         string         `help:"The provider's reporting app." placeholder:"URL" group:"The stations"`
	ProviderFiles    string         `help:"The provider's reporting files, where they are elsewhere." placeholder:"URL" group:"The stations"`
	ProviderNetworks []netip.Prefix `help:"Networks the provider may be in that are not of the internet, e.g. 10.1.0.0/16." name:"provider-network" placeholder:"CIDR" group:"The stations"`
	ProviderKeys     []string       `help:"Public keys the provider signs webhooks with." name:"provider-key" placeholder:"KEY" group:"The stations"`
	Retention        time.Duration  `help:"How long finished reports are kept; 0: until they are had." default:"720h" group:"The stations"`
	Demo             bool           `help:"The people, or the data, of the sample company." group:"The stations"`
}

// serverFlags are for the queue's own server and the mailbox.
type serverFlags struct {
	QueueListen   string   `help:"Address of the queue's server." default:"127.0.0.1:4222" group:"The roles queue and mailbox"`
	QueueName     string   `help:"Name of this server, unique in its cluster." placeholder:"NAME" group:"The roles queue and mailbox"`
	ClusterListen string   `help:"Address for the other servers of a cluster." placeholder:"ADDRESS" group:"The roles queue and mailbox"`
	ClusterRoutes []string `help:"The other servers' addresses for that." name:"cluster-route" placeholder:"HOST:PORT" group:"The roles queue and mailbox"`
	MailboxListen string   `help:"Address of the mailbox's page." default:"127.0.0.1:8025" group:"The roles queue and mailbox"`
	SMTPListen    string   `help:"Address of the mailbox's SMTP." default:"127.0.0.1:8026" name:"smtp-listen" group:"The roles queue and mailbox"`
}

// providerFlags are for the other company, but for the two secrets both know.
type providerFlags struct {
	ProviderTokenFile string   `help:"File with the secret the company presents to the provider; both name it, made if missing." type:"path" placeholder:"FILE" group:"The provider"`
	WebhookTokenFile  string   `help:"File with the secret the provider presents to the company; both name it, made if missing." type:"path" placeholder:"FILE" group:"The provider"`
	AppListen         string   `help:"Address of the reporting app." default:"127.0.0.1:8090" group:"The provider"`
	FilesListen       string   `help:"Address of the reporting files." default:"127.0.0.1:8091" group:"The provider"`
	WebhookURL        string   `help:"The company's reader, e.g. https://peyk.example/hooks/reports." placeholder:"URL" group:"The provider"`
	Reports           []string `help:"Directory of report types (may be given more than once)." placeholder:"DIR" type:"existingdir" group:"The provider"`
	Sources           []string `help:"File naming the databases and folders report types may read." placeholder:"FILE" type:"existingfile" group:"The provider"`
	Company           string   `help:"Name in the head of documents." placeholder:"NAME" group:"The provider"`
	Standby           bool     `help:"Wait for another app on the same data to end, and take over." group:"The provider"`
	Nothing           bool     `help:"Offer one report, nothing.v1: a constant page of 1 KB, to measure the journey alone." hidden:""`
}

// standbyTime is as good as for ever.
const standbyTime = 10 * 365 * 24 * time.Hour

func (c *serveCommand) Run(ctx context.Context, out output, stopping onStop) error {
	debug.SetGCPercent(collectAt)
	log, err := telemetry.NewLog(os.Stderr, c.LogLevel)
	if err != nil {
		return err
	}
	roles, err := node.ParseRoles(c.Roles)
	if err != nil {
		return err
	}
	config := node.ServeConfig{
		Roles: roles, Dir: c.Data, Authorities: c.TLSCA, BehindProxy: c.BehindProxy, Log: log.With("process", strings.Join(c.Roles, "+")),
		Certificate: node.Certificate{CertFile: c.TLSCert, KeyFile: c.TLSKey},
		Addresses: node.Addresses{
			Front: c.Listen, API: c.APIListen, Reader: c.ReaderListen, Health: c.HealthListen,
			SMTP: c.SMTPListen, Mailbox: c.MailboxListen, App: c.AppListen, Files: c.FilesListen,
		},
		Server: c.server(),
	}
	if config.Company, err = c.company(); err != nil {
		return err
	}
	if config.Provider, err = c.provider(); err != nil {
		return err
	}
	s, err := node.Serve(ctx, config)
	if err != nil && ctx.Err() != nil {
		return nil // told to end before it was ready, as one that waits for another to
	}
	if err != nil {
		return err
	}
	c.greet(out, roles, s)
	<-ctx.Done()
	stopping() // a second signal leaves now
	limit, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return s.Stop(limit)
}

// company is what the stations need.
func (c *serveCommand) company() (node.CompanyConfig, error) {
	self, err := os.Executable()
	if err != nil {
		return node.CompanyConfig{}, fmt.Errorf("find our own binary: %w", err)
	}
	from := c.MailFrom
	if c.Demo {
		from = cmp.Or(from, demoFrom)
	}
	config := node.CompanyConfig{
		Ledger: c.Ledger, Blobs: c.Blobs, Trigger: strings.TrimSuffix(c.API, "/"),
		Queue: node.QueueOf(c.Queue, queue.External{
			Credentials: c.QueueCredentials, User: c.QueueUser, PasswordFile: c.QueuePasswordFile,
			CA: c.QueueCA, Cert: c.QueueCert, Key: c.QueueKey, Replicas: c.QueueReplicas, Open: c.BehindProxy,
		}),
		Provider: node.ProviderAt{
			App: c.Provider, Files: cmp.Or(c.ProviderFiles, c.Provider), Networks: c.ProviderNetworks, Keys: c.ProviderKeys,
		},
		From: mail.Person{Name: "Peyk", Address: cmp.Or(from, plainFrom)}, PublicURL: strings.TrimSuffix(c.PublicURL, "/"),
		Retention: c.Retention, Unknown: c.MailUnknownWait, Lease: c.Lease, Demo: c.Demo, GateArgs: []string{self, "pdf-gate"},
	}
	if relay := c.relay(); relay != nil {
		config.Relay = *relay
	}
	err = errors.Join(
		secret(&config.Service, c.Service), secret(&config.CLI, c.CLI),
		secret(&config.Provider.Token, c.ProviderTokenFile), secret(&config.Provider.Expect, c.WebhookTokenFile))
	return config, err
}

// provider is what app and files need.
func (c *serveCommand) provider() (node.ProviderConfig, error) {
	config := node.ProviderConfig{
		Reports: c.Reports, Sources: c.Sources, Limits: c.limits(), Nothing: c.Nothing, Company: c.Company, WebhookURL: c.WebhookURL, Demo: c.Demo,
	}
	if c.Standby {
		config.Wait = standbyTime
	}
	if c.Demo {
		config.Company = cmp.Or(config.Company, demoCompany)
	}
	return config, errors.Join(secret(&config.Token, c.ProviderTokenFile), secret(&config.Present, c.WebhookTokenFile))
}

// server is what the queue's own server needs.
func (c *serveCommand) server() queueserver.Config {
	return queueserver.Config{
		Listen: c.QueueListen, Name: c.QueueName, ClusterListen: c.ClusterListen, Routes: c.ClusterRoutes, Open: c.BehindProxy,
		User: c.QueueUser, PasswordFile: c.QueuePasswordFile, Cert: c.TLSCert, Key: c.TLSKey, CA: c.QueueCA,
	}
}

// secret reads the one in a file, if a file is named.
func secret(to *string, path string) (err error) {
	if path != "" {
		*to, err = node.SecretFile(path)
	}
	return err
}

// greet says what runs where.
func (c *serveCommand) greet(out output, roles []node.Role, s *node.Serving) {
	fmt.Fprintf(out, "Peyk serves %v.\n", roles)
	for _, door := range s.Doors() {
		fmt.Fprintf(out, "  %s\n", door)
	}
	tellPasswords(out, s.Fresh())
}
