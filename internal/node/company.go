package node

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/gateway/gate"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
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

// CompanyConfig says which of the company's stations run in this process, and
// how.
type CompanyConfig struct {
	Roles  []Role
	Dir    string // what has no place of its own below lies here
	Ledger string // a file of SQLite or a URL of PostgreSQL; "": Dir/ledger.db
	Blobs  string // the local storage; "": Dir/blobs
	Queue  *queue.External

	Front       net.Listener // the pages; the API, too, where API is nil
	API         net.Listener // the trigger's own
	Inner       net.Listener // plain, on loopback: web's way to the trigger beside it, where Front has TLS
	Reader      net.Listener
	Health      net.Listener // for processes without any of these
	Certificate Certificate
	Trigger     string         // origin of the API, for web alone
	Roots       *x509.CertPool // who may vouch for provider and trigger; nil: the system's

	Provider  ProviderAt
	Relay     mail.Settings
	From      mail.Person
	PublicURL string // begins the links in letters
	Secure    bool   // pages are reached over TLS
	Proxied   bool   // by way of a proxy
	Retention time.Duration
	Unknown   time.Duration // before a letter whose fate is unknown is sent again
	Lease     time.Duration // how long a dead process holds up its work; 0: 30 s
	Service   string        // what web presents to the trigger; "": a secret of Dir
	CLI       string        // what the command line presents; "": a secret of Dir
	Demo      bool
	Mailbox   string   // page of the built-in mailbox; "": none
	GateArgs  []string // the command line of a gate child
	Log       *slog.Logger
}

// ProviderAt is how the other company is reached and believed.
type ProviderAt struct {
	App, Files string         // base URLs
	Networks   []netip.Prefix // not of the internet, and may be dialed all the same
	Token      string         // what we present
	Expect     string         // what it presents to our reader
	Keys       []string       // its public keys
}

// Company is what runs of the back office in one process.
type Company struct {
	CompanyConfig
	Fresh     []Person // made at this start, with the passwords shown once
	People    []Person // of the demo, for the sign-in page
	ActsAs    string   // the account the command line acts as
	Admin     string   // the account that keeps the accounts
	ledger    ledger.Ledger
	queue     *queue.JetStream
	herald    *herald
	blobs     *blob.Dir
	gates     *gate.Pool
	relay     *mail.Sender
	passwords *access.Passwords

	trigger *trigger.Station // each nil where it runs elsewhere
	gateway *gateway.Station
	reader  *reader.Station
	trace   *trace.Station
	web     *web.Station
	health  *telemetry.Health
	around  *telemetry.Health // what is no reason against readiness
	pulse   *pulseTaker
	doors   doors
	inner   doors // plain

	work      context.Context // of the sweeps
	stopWork  context.CancelFunc
	consumers []func(context.Context) error
	swept     chan struct{}
	sweeps    int
}

// OpenCompany opens the stores and makes the stations; Start lets them work.
// The listeners belong to the company from here on.
func OpenCompany(ctx context.Context, c CompanyConfig) (*Company, error) {
	co := &Company{CompanyConfig: c, swept: make(chan struct{}), doors: doors{certificate: c.Certificate, log: c.Log}, inner: doors{log: c.Log}}
	co.work, co.stopWork = context.WithCancel(context.Background())
	co.pulse = newPulseTaker(time.Now)
	for _, step := range []func(context.Context) error{co.openStores, co.openPeople, co.openStations} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, co.Stop(ctx))
		}
	}
	return co, nil
}

// runs reports whether one of the roles runs in this process.
func (co *Company) runs(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(co.Roles, r) })
}

// openStores opens what outlives the process.
func (co *Company) openStores(ctx context.Context) (err error) {
	if err := os.MkdirAll(co.Dir, 0o700); err != nil {
		return fmt.Errorf("make the company's data directory: %w", err)
	}
	if err := co.loadSecrets(); err != nil {
		return err
	}
	if err := co.openLedger(ctx); err != nil {
		return err
	}
	if co.runs(Trigger, Gateway, Trace) {
		if co.blobs, err = blob.OpenDir(ctx, orIn(co.Blobs, co.Dir, "blobs"), time.Now); err != nil {
			return err
		}
	}
	q := queue.Config{External: co.Queue, Park: co.park, Log: co.Log, Now: time.Now}
	if co.Queue == nil {
		q.Dir = filepath.Join(co.Dir, "queue")
	}
	if co.queue, err = queue.Open(ctx, q); err != nil {
		return err
	}
	co.herald = newHerald(co.queue, co.Log)
	return nil
}

// openLedger opens the one that is named. That of SQLite is ours alone, so
// whoever held leases before is dead.
func (co *Company) openLedger(ctx context.Context) error {
	if isPostgres(co.Ledger) {
		l, err := postgres.Open(ctx, postgres.Config{URL: co.Ledger, Logger: co.Log})
		if err != nil {
			return err
		}
		co.ledger = l
		return nil
	}
	l, err := sqlite.Open(ctx, sqlite.Config{Path: orIn(co.Ledger, co.Dir, "ledger.db"), Now: time.Now, Logger: co.Log})
	if err != nil {
		return err
	}
	co.ledger = l
	return l.Abandon(ctx)
}

// isPostgres tells a URL of PostgreSQL from the name of a file.
func isPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// orIn is the path, or where none is given, name in dir.
func orIn(path, dir, name string) string {
	if path == "" {
		return filepath.Join(dir, name)
	}
	return path
}

// park keeps a payload nobody could read, for the operator.
func (co *Company) park(ctx context.Context, role, subject string, sequence uint64, raw []byte, cause error) error {
	return co.ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{
			Role: report.Role(role), Subject: subject, Sequence: sequence, Raw: raw, Cause: cause.Error(), At: tx.Now(),
		})
	})
}

// openPeople makes, where the trigger runs, the accounts of a first start and
// lets the programs in.
func (co *Company) openPeople(ctx context.Context) (err error) {
	if !co.runs(Web, Trigger) {
		return nil
	}
	if co.passwords, err = access.NewPasswords(access.DefaultCost(), rand.Reader); err != nil {
		return err
	}
	if co.runs(Trigger) {
		return co.settlePeople(ctx)
	}
	if co.Demo {
		co.People, err = demoNotes(co.Dir, nil)
	}
	return err
}

// openBorder makes the way to the other company.
func (co *Company) openBorder() (*protocol.Client, error) {
	hc := providerHTTP(co.Provider.Networks, co.Roots)
	hc.Transport = &meteredCalls{hc.Transport, co.Provider.App, co.Provider.Files, co.pulse}
	return protocol.NewClient(co.Provider.App, co.Provider.Files, protocol.StaticToken(co.Provider.Token), hc)
}
