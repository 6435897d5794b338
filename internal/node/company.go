package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/gateway/dial"
	"peyk/internal/backoffice/gateway/gate"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/reader"
	"peyk/internal/backoffice/trace"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/backoffice/web"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// MaxDocument bounds the files of one report, in bytes: what the gate takes.
const MaxDocument = 64 << 20

// CompanyConfig says how the company's roles run in this process.
type CompanyConfig struct {
	Dir       string // its data: ledger, queue, blobs, secrets
	Front     net.Listener
	Reader    net.Listener
	Provider  ProviderAt
	Relay     mail.Settings
	From      mail.Person
	PublicURL string // begins the links in letters
	Secure    bool   // pages are reached over TLS
	Retention time.Duration
	Unknown   time.Duration // before a letter whose fate is unknown is sent again
	Demo      bool
	GateArgs  []string // the command line of a gate child
	Log       *slog.Logger
}

// ProviderAt is how the other company is reached and believed.
type ProviderAt struct {
	App, Files string   // base URLs
	Token      string   // what we present
	Expect     string   // what it presents to our reader
	Keys       []string // its public keys
}

// Company is the back office in one process.
type Company struct {
	CompanyConfig
	secrets   secrets
	Fresh     []Person // made at this start, with the passwords shown once
	People    []Person // of the demo, for the sign-in page
	ActsAs    string   // the account the command line acts as
	Admin     string   // the account that keeps the accounts
	ledger    *sqlite.Ledger
	queue     *queue.JetStream
	herald    *herald
	blobs     *blob.Dir
	gates     *gate.Pool
	relay     *mail.Sender
	passwords *access.Passwords
	provider  *protocol.Client

	trigger *trigger.Station
	gateway *gateway.Station
	reader  *reader.Station
	trace   *trace.Station
	web     *web.Station
	health  *telemetry.Health
	servers []*http.Server

	work      context.Context // of the sweeps
	stopWork  context.CancelFunc
	consumers []func(context.Context) error
	swept     chan struct{}
	sweeps    int
}

// OpenCompany opens the stores and makes the stations; Start lets them work.
// The listeners belong to the company from here on.
func OpenCompany(ctx context.Context, c CompanyConfig) (*Company, error) {
	co := &Company{CompanyConfig: c, swept: make(chan struct{})}
	co.work, co.stopWork = context.WithCancel(context.Background())
	for _, step := range []func(context.Context) error{co.openStores, co.openBorder, co.openPeople, co.openStations} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, co.Stop(ctx))
		}
	}
	return co, nil
}

// openStores opens what outlives the process.
func (co *Company) openStores(ctx context.Context) (err error) {
	if err := os.MkdirAll(co.Dir, 0o700); err != nil {
		return fmt.Errorf("make the company's data directory: %w", err)
	}
	co.ledger, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(co.Dir, "ledger.db"), Now: time.Now, Logger: co.Log})
	if err != nil {
		return err
	}
	if err := co.ledger.Abandon(ctx); err != nil {
		return err
	}
	if co.secrets, err = loadSecrets(co.Dir); err != nil {
		return err
	}
	if co.blobs, err = blob.OpenDir(ctx, filepath.Join(co.Dir, "blobs"), time.Now); err != nil {
		return err
	}
	co.queue, err = queue.Open(ctx, queue.Config{
		Dir: filepath.Join(co.Dir, "queue"), Park: co.park, Log: co.Log, Now: time.Now,
	})
	co.herald = newHerald(co.queue, co.Log)
	return err
}

// park keeps a payload nobody could read, for the operator.
func (co *Company) park(ctx context.Context, role, subject string, sequence uint64, raw []byte, cause error) error {
	return co.ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{
			Role: report.Role(role), Subject: subject, Sequence: sequence, Raw: raw, Cause: cause.Error(), At: tx.Now(),
		})
	})
}

// openPeople makes the accounts of a first start and the programs' tokens.
func (co *Company) openPeople(ctx context.Context) (err error) {
	if co.passwords, err = access.NewPasswords(access.DefaultCost(), rand.Reader); err != nil {
		return err
	}
	if co.Demo {
		co.ActsAs, co.Admin = "derya", "cagri"
		co.Fresh, co.People, err = settleDemo(ctx, co.Dir, co.ledger, co.passwords)
	} else {
		co.Fresh, co.Admin, err = settleAdmin(ctx, co.ledger, co.passwords)
		co.ActsAs = co.Admin
	}
	if err != nil {
		return err
	}
	return co.ledger.Update(ctx, func(tx ledger.Tx) error {
		service, err1 := access.NewToken(co.secrets.Service, "", access.ScopeService, tx.Now())
		cli, err2 := access.NewToken(co.secrets.CLI, co.ActsAs, co.cliScope(), tx.Now())
		return errors.Join(err1, err2, tx.PutToken(service), tx.PutToken(cli))
	})
}

// cliScope is what the command line's token may: in a demo, act as anybody.
func (co *Company) cliScope() string {
	if co.Demo {
		return access.ScopeDemo
	}
	return access.ScopeCLI
}

// openBorder makes everything that touches the other company or the relay.
func (co *Company) openBorder(context.Context) (err error) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	hc := &http.Client{Transport: dial.Transport(loopback, nil), Timeout: 10 * time.Minute}
	co.provider, err = protocol.NewClient(co.Provider.App, co.Provider.Files, protocol.StaticToken(co.Provider.Token), hc)
	if err != nil {
		return err
	}
	if co.gates, err = gate.NewPool(gate.Config{Command: co.GateArgs, Children: 2, Log: co.Log}); err != nil {
		return err
	}
	co.relay, err = mail.NewSender(co.Relay)
	return err
}

// openStations makes the five stations.
func (co *Company) openStations(ctx context.Context) error {
	composer, err := mail.NewComposer()
	if err != nil {
		return err
	}
	keys := make([]protocol.VerifyingKey, len(co.Provider.Keys))
	for i, k := range co.Provider.Keys {
		if keys[i], err = protocol.ParseVerifyingKey("provider-"+strconv.Itoa(i+1), k); err != nil {
			return err
		}
	}
	worker := "company-" + strconv.Itoa(os.Getpid())
	co.trigger = trigger.New(trigger.Config{
		Store: co.ledger, Publish: co.herald, Blobs: co.blobs, Passwords: co.passwords, Retention: co.Retention, Log: co.Log,
	})
	co.gateway = gateway.New(gateway.Config{
		Store: co.ledger, Publish: co.queue, Provider: co.provider, Blobs: co.blobs, Gate: co.gates,
		Worker: worker, MaxBytes: MaxDocument, Log: co.Log,
	})
	co.reader = reader.New(reader.Config{
		Store: co.ledger, Publish: co.herald, Verifier: protocol.Verifier{Keys: keys, Now: time.Now}, Log: co.Log,
	})
	co.trace = trace.New(trace.Config{
		Store: co.ledger, Publish: co.queue, Blobs: co.blobs, Relay: co.relay, Composer: composer,
		From: co.From, Host: mailHost(co.From), PublicURL: co.PublicURL, UnknownWait: co.Unknown, Worker: worker, Log: co.Log,
	})
	co.health = co.checks()
	return co.openWeb()
}

func (co *Company) openWeb() error {
	api, err := url.Parse("http://" + co.Front.Addr().String())
	if err != nil {
		return fmt.Errorf("address of the trigger: %w", err)
	}
	public, err := url.Parse(co.PublicURL)
	if err != nil {
		return fmt.Errorf("public address of the pages: %w", err)
	}
	co.web, err = web.New(web.Config{
		Ledger: co.ledger, API: api, HTTP: toTrigger(), ServiceToken: co.secrets.Service,
		Passwords: co.passwords, Live: co.queue, PublicURL: public, Secure: co.Secure, BehindProxy: co.Secure,
		Demo: demoAccounts(co.People), Health: co.webHealth, Now: time.Now, Logger: co.Log,
	})
	return err
}

// toTrigger waits a minute for an answer to begin; a download may take longer.
func toTrigger() *http.Client {
	return &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Minute, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute}}
}

func demoAccounts(people []Person) (out []web.DemoAccount) {
	for _, p := range people {
		out = append(out, web.DemoAccount{Name: p.Name, FullName: p.FullName, Password: p.Password, Role: p.Title})
	}
	return out
}

// CLIToken lets the command line in.
func (co *Company) CLIToken() string { return co.secrets.CLI }
