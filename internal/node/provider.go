package node

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
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
	"time"

	"github.com/google/uuid"

	"peyk/internal/protocol"
	"peyk/internal/provider/app"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/constant"
	"peyk/internal/provider/files"
	"peyk/internal/provider/store"
	"peyk/internal/telemetry"
)

// The times of the provider's process.
const (
	providerRetention = 7 * 24 * time.Hour
	providerTombstone = 30 * 24 * time.Hour
	predecessorTime   = 10 * time.Second // a provider that is still stopping
	providerStop      = 10 * time.Second
)

// The descriptors the provider's listeners are handed over as (os/exec,
// ExtraFiles).
const (
	appDescriptor   = 3
	filesDescriptor = 4
)

// ServeProvider is the whole of the provider's process: it reads its order from
// the first line of stdin, says hello on stdout, and works until stdin closes
// or ctx ends.
func ServeProvider(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	in := bufio.NewReader(stdin)
	order, err := readOrder(in)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLog(os.Stderr, order.LogLevel)
	if err != nil {
		return err
	}
	p, err := openProvider(ctx, order, log.With("company", "provider"))
	if err != nil {
		return errors.Join(err, sayHello(stdout, ProviderHello{Error: err.Error()}))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends when the company does, in whatever way
		stop()
	}()
	profiled, err := telemetry.Profile(order.Profile, "provider")
	if err != nil {
		return errors.Join(err, p.close())
	}
	if err := sayHello(stdout, ProviderHello{PublicKey: p.key.Public().String()}); err != nil {
		return errors.Join(err, profiled(), p.close())
	}
	return errors.Join(p.serve(ctx), profiled())
}

func readOrder(in *bufio.Reader) (o ProviderOrder, err error) {
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err != nil {
		return o, fmt.Errorf("read the order on standard input (this command is started by peyk up): %w", err)
	}
	return o, nil
}

func sayHello(stdout io.Writer, h ProviderHello) error {
	line, err := json.Marshal(h)
	if err == nil {
		_, err = stdout.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("say hello to the company: %w", err)
	}
	return nil
}

// reports is an engine that is closed in the end.
type reports interface {
	app.Engine
	io.Closer
}

// openEngine gives what makes the reports.
func openEngine(ctx context.Context, o ProviderOrder, log *slog.Logger) (reports, error) {
	if o.Nothing {
		return constant.New(), nil
	}
	return engine.Open(ctx, engine.Config{
		ReportDirs: o.Reports, SourceFiles: o.Sources, Company: o.Company, Logger: log,
	})
}

// provider is the other company in one process.
type provider struct {
	log    *slog.Logger
	key    protocol.SigningKey
	store  *store.Store
	engine reports
	app    *app.App
	doors  map[net.Listener]http.Handler
}

func openProvider(ctx context.Context, o ProviderOrder, log *slog.Logger) (*provider, error) {
	p := &provider{log: log, doors: map[net.Listener]http.Handler{}}
	var err error
	p.store, err = store.Open(ctx, store.Config{
		Dir: o.Dir, Now: time.Now, NewID: webhookID, Source: protocol.WebhookSource,
		Retention: providerRetention, Tombstone: providerTombstone, LockWait: predecessorTime,
	})
	if err != nil {
		return nil, err
	}
	if err := p.open(ctx, o); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// webhookID is unique and has no dot, which would move the borders of what is
// signed.
func webhookID() string { return "msg_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

func (p *provider) open(ctx context.Context, o ProviderOrder) (err error) {
	if p.key, err = signingKey(filepath.Join(o.Dir, "webhook.key")); err != nil {
		return err
	}
	if p.engine, err = openEngine(ctx, o, p.log); err != nil {
		return err
	}
	p.app = app.New(app.Config{
		Store: p.store, Engine: p.engine, Tokens: []string{o.Token},
		Webhook: app.Webhook{URL: o.WebhookURL, Token: o.Present, Keys: []protocol.SigningKey{p.key}, Client: &http.Client{Transport: webhookTransport()}},
		Now:     time.Now, Random: mathrand.Float64, Log: p.log,
	})
	for descriptor, h := range map[uintptr]http.Handler{
		appDescriptor:   p.app.Handler(),
		filesDescriptor: files.Handler(p.store.Reader, []string{o.Token}, p.log),
	} {
		l, err := inherited(descriptor)
		if err != nil {
			return err
		}
		p.doors[l] = h
	}
	return nil
}

// webhookTransport keeps enough connections for webhooks sent side by side.
func webhookTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.MaxIdleConnsPerHost = nil, 16
	return t
}

// inherited is a listener our parent opened, so that its address outlives us.
func inherited(descriptor uintptr) (net.Listener, error) {
	f := os.NewFile(descriptor, "listener")
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("take over the listener %d (this command is started by peyk up): %w", descriptor, err)
	}
	return l, f.Close()
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

// serve works until ctx ends, then stops in order: doors, jobs, store.
func (p *provider) serve(ctx context.Context) error {
	var servers []*http.Server
	for l, h := range p.doors {
		s := server(h, p.log)
		servers = append(servers, s)
		go func() {
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				p.log.Error("a door closed by itself", "address", l.Addr().String(), "error", err)
			}
		}()
	}
	p.app.Run(ctx) // returns when what ran is finished or queued again
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerStop)
	defer cancel()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Shutdown(limit))
	}
	return errors.Join(append(errs, p.close())...)
}

func (p *provider) close() error {
	var errs []error
	if p.engine != nil {
		errs = append(errs, p.engine.Close())
	}
	return errors.Join(append(errs, p.store.Close())...)
}
