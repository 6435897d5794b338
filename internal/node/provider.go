package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"peyk/internal/protocol"
	"peyk/internal/provider/app"
	"peyk/internal/provider/demo"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/constant"
	"peyk/internal/provider/files"
	"peyk/internal/provider/store"
)

// The times of the provider's process.
const (
	providerRetention = 7 * 24 * time.Hour
	providerTombstone = 30 * 24 * time.Hour
	predecessorTime   = 10 * time.Second // a provider that is still stopping
	providerStop      = 10 * time.Second
	storePoll         = 200 * time.Millisecond // files looks so often for the store the app makes
	choicesEvery      = 5 * time.Minute        // choices that come from queries are read anew
)

// Listen opens a listener when it is time to.
type Listen func(context.Context) (net.Listener, error)

// ProviderConfig says which of the other company's services run in this
// process, and how.
type ProviderConfig struct {
	Dir         string   // its data: reports, files, signing key
	Reports     []string // directories of report types
	Sources     []string // files that name what they may read
	Demo        bool     // besides them those of the sample company, with its data
	Nothing     bool     // instead of them, one that is a constant page
	Company     string   // in the head of documents
	Limits      Limits   // of the making of reports
	Token       string   // what the company presents
	WebhookURL  string   // the company's reader
	Present     string   // what we present there
	App         Listen   // of the reporting app; nil: it runs elsewhere
	Files       Listen   // of the reporting files; nil: they are served elsewhere
	Certificate Certificate
	Roots       *x509.CertPool // who may vouch for the company; nil: the system's
	Wait        time.Duration  // for another app on the same store to end
	Log         *slog.Logger
}

// Limits of the making of reports; zero: the default of each.
type Limits struct {
	Workers  int   `json:"workers"`   // reports made at a time
	RowCap   int   `json:"row_cap"`   // rows read of one source
	CostCap  int64 `json:"cost_cap"`  // rows a report may be estimated to read
	PageRows int   `json:"page_rows"` // rows of a table in a PDF
	Memory   int64 `json:"memory"`    // bytes of rows kept in memory by each
}

// demoSeed makes the sample company the same everywhere.
const demoSeed = 1907

// Sample makes the sample company's data, anew on each day: its yesterday ends
// where its people live.
func Sample(ctx context.Context, dir string) (reports, sources string, err error) {
	zone, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		return "", "", fmt.Errorf("the sample company's time zone: %w", err)
	}
	err = demo.Generate(ctx, dir, demoSeed, time.Now().In(zone))
	return filepath.Join(dir, "reports"), filepath.Join(dir, "sources.yaml"), err
}

// reports is an engine that is closed in the end.
type reports interface {
	app.Engine
	Refresh(ctx context.Context) error
	io.Closer
}

// openEngine gives what makes the reports.
func (c ProviderConfig) openEngine(ctx context.Context) (reports, error) {
	if c.Nothing {
		return constant.New(), nil
	}
	if c.Demo {
		reports, sources, err := Sample(ctx, filepath.Join(c.Dir, "demo"))
		if err != nil {
			return nil, err
		}
		c.Reports, c.Sources = append(c.Reports, reports), append(c.Sources, sources)
	}
	bench := filepath.Join(c.Dir, "workbench")
	if err := os.MkdirAll(bench, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of workbenches: %w", err)
	}
	e, err := engine.Open(ctx, engine.Config{
		ReportDirs: c.Reports, SourceFiles: c.Sources, Company: c.Company, TempDir: bench, Logger: c.Log,
		RowCap: c.Limits.RowCap, CostCap: c.Limits.CostCap, PageRows: c.Limits.PageRows, Memory: c.Limits.Memory,
	})
	if err != nil {
		return nil, err // not a nil engine, which would be closed
	}
	return e, nil
}

// check refuses what would start and then be of no use to anybody.
func (c ProviderConfig) check() error {
	for _, need := range []struct {
		missing bool
		what    string
	}{
		{c.Token == "", "--provider-token-file: what the company presents to it, the same file for both"},
		{c.App != nil && c.WebhookURL == "", "--webhook-url: where the company's reader answers"},
		{c.App != nil && c.Present == "", "--webhook-token-file: what it presents to the company's reader"},
	} {
		if need.missing {
			return errors.New("it needs " + need.what)
		}
	}
	return nil
}

// provider is what runs of the other company in one process.
type provider struct {
	ProviderConfig
	key    protocol.SigningKey
	store  *store.Store  // nil without the app
	reader *store.Reader // nil with it
	engine reports
	app    *app.App
	doors  doors
}

func openProvider(ctx context.Context, c ProviderConfig) (*provider, error) {
	p := &provider{ProviderConfig: c, doors: doors{certificate: c.Certificate, log: c.Log}}
	open := p.openReader
	if c.App != nil {
		open = p.openApp
	}
	err := open(ctx)
	if err == nil && c.Files != nil {
		err = p.openFiles(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// webhookID is unique and has no dot, which would move the borders of what is
// signed.
func webhookID() string { return "msg_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// openApp takes the store, and listens only then: one that waits for another
// to end should be found by nobody.
func (p *provider) openApp(ctx context.Context) (err error) {
	p.store, err = store.Open(ctx, store.Config{
		Dir: p.Dir, Now: time.Now, NewID: webhookID, Source: protocol.WebhookSource,
		Retention: providerRetention, Tombstone: providerTombstone, LockWait: p.Wait,
	})
	if err != nil {
		return err
	}
	if p.key, err = signingKey(filepath.Join(p.Dir, "webhook.key")); err != nil {
		return err
	}
	if p.engine, err = p.openEngine(ctx); err != nil {
		return err
	}
	p.app = app.New(app.Config{
		Store: p.store, Engine: p.engine, Tokens: []string{p.Token}, Workers: p.Limits.Workers,
		Webhook: app.Webhook{
			URL: p.WebhookURL, Token: p.Present, Keys: []protocol.SigningKey{p.key},
			Client: &http.Client{Transport: webhookTransport(p.Roots)},
		},
		Now: time.Now, Random: mathrand.Float64, Log: p.Log,
	})
	l, err := p.App(ctx)
	if err == nil {
		p.doors.open("reporting app", l, withHealth(p.app.Handler(), p.store.Ping))
	}
	return err
}

// openReader waits for the app to make the store: both may start at once.
func (p *provider) openReader(ctx context.Context) (err error) {
	tick := time.NewTicker(storePoll)
	defer tick.Stop()
	for told := false; ; told = true {
		if p.reader, err = store.OpenReader(ctx, p.Dir, time.Now); err == nil {
			return nil
		}
		if !told {
			p.Log.WarnContext(ctx, "no store to serve files from yet; is the reporting app running?", "dir", p.Dir, "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (p *provider) openFiles(ctx context.Context) error {
	from := p.reader
	if p.store != nil {
		from = p.store.Reader
	}
	l, err := p.Files(ctx)
	if err == nil {
		p.doors.open("reporting files", l, withHealth(files.Handler(from, []string{p.Token}, p.Log), from.Ping))
	}
	return err
}

// withHealth lets whoever watches over the process ask how it is.
func withHealth(h http.Handler, check func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := check(r.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// webhookTransport keeps enough connections for webhooks sent side by side.
func webhookTransport(roots *x509.CertPool) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.MaxIdleConnsPerHost = nil, 16
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
	return t
}

// signingKey reads the key webhooks are signed with, or makes it.
func signingKey(path string) (protocol.SigningKey, error) {
	raw, err := os.ReadFile(path)
	if err == nil {
		return protocol.ParseSigningKey("webhook", string(raw))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return protocol.SigningKey{}, fmt.Errorf("read the signing key: %w", err)
	}
	key, err := protocol.GenerateSigningKey("webhook", rand.Reader)
	if err != nil {
		return key, err
	}
	return key, writePrivate(path, []byte(key.Secret()+"\n"))
}

// run works until ctx ends, then stops in order: doors, jobs, store.
func (p *provider) run(ctx context.Context) error {
	if p.app != nil {
		var choices sync.WaitGroup
		choices.Go(func() { p.refresh(ctx) })
		p.app.Run(ctx) // returns when what ran is finished or queued again
		choices.Wait()
	}
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerStop)
	defer cancel()
	return errors.Join(p.doors.close(limit), p.close())
}

// refresh keeps the catalog's choices as the databases have them.
func (p *provider) refresh(ctx context.Context) {
	tick := time.NewTicker(choicesEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := p.engine.Refresh(ctx); err != nil && ctx.Err() == nil {
			p.Log.WarnContext(ctx, "choices could not be read anew; the old ones stay", "error", err)
		}
	}
}

func (p *provider) close() error {
	var errs []error
	if p.engine != nil {
		errs = append(errs, p.engine.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	if p.reader != nil {
		errs = append(errs, p.reader.Close())
	}
	return errors.Join(errs...)
}
