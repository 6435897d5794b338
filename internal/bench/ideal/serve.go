package ideal

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"peyk/internal/protocol"
)

// Order is the first line a process of the ideal reads from its standard input.
type Order struct {
	Dir      string `json:"dir"`
	Token    string `json:"token"`
	Relay    int    `json:"relay,omitempty"`    // the company's: port of loopback
	Document []byte `json:"document,omitempty"` // the provider's: what every report is
	Hooks    string `json:"hooks,omitempty"`    // the provider's: where the company takes webhooks
}

// Hello is what it answers when it listens. The company is told the provider's
// as a second line.
type Hello struct {
	URL       string `json:"url"`
	PublicKey string `json:"public_key,omitempty"` // the provider's
}

// ServeCompany is the whole of the company's process. It works until stdin
// closes or ctx ends.
func ServeCompany(ctx context.Context, stdin io.Reader, stdout io.Writer, log *slog.Logger) error {
	in := json.NewDecoder(bufio.NewReader(stdin))
	var o Order
	if err := in.Decode(&o); err != nil {
		return fmt.Errorf("read the order of the ideal company: %w", err)
	}
	c, err := OpenCompany(ctx, o.Dir, o.Token, o.Relay, log)
	if err != nil {
		return err
	}
	door, err := open(ctx, c.Handler())
	if err != nil {
		return errors.Join(err, c.Close())
	}
	err = json.NewEncoder(stdout).Encode(Hello{URL: door.url})
	var peer Hello
	if err == nil {
		err = in.Decode(&peer)
	}
	if err == nil {
		err = c.introduce(peer)
	}
	if err == nil {
		untilClosed(ctx, in)
	}
	return errors.Join(err, door.close(), c.Close())
}

func (c *Company) introduce(peer Hello) error {
	key, err := protocol.ParseVerifyingKey("ideal", peer.PublicKey)
	if err != nil {
		return err
	}
	c.Meet(Provider{URL: peer.URL, Verifier: protocol.Verifier{Keys: []protocol.VerifyingKey{key}, Now: time.Now}})
	return nil
}

// ServeProvider is the whole of the provider's process.
func ServeProvider(ctx context.Context, stdin io.Reader, stdout io.Writer, log *slog.Logger) error {
	in := json.NewDecoder(bufio.NewReader(stdin))
	var o Order
	if err := in.Decode(&o); err != nil {
		return fmt.Errorf("read the order of the ideal provider: %w", err)
	}
	key, err := protocol.GenerateSigningKey("ideal", rand.Reader)
	if err != nil {
		return err
	}
	p, err := OpenReporter(ctx, o.Dir, o.Token, o.Hooks, o.Document, key, log)
	if err != nil {
		return err
	}
	door, err := open(ctx, p.Handler())
	if err != nil {
		return errors.Join(err, p.Close())
	}
	err = json.NewEncoder(stdout).Encode(Hello{URL: door.url, PublicKey: key.Public().String()})
	if err == nil {
		untilClosed(ctx, in)
	}
	return errors.Join(err, door.close(), p.Close())
}

// untilClosed waits for the end of stdin, or of ctx.
func untilClosed(ctx context.Context, in *json.Decoder) {
	closed := make(chan struct{})
	go func() {
		var none struct{}
		_ = in.Decode(&none) // ends when stdin does
		close(closed)
	}()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

// door is a server on a free port of loopback.
type door struct {
	server *http.Server
	url    string
}

func open(ctx context.Context, h http.Handler) (*door, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // until it is closed
	return &door{s, "http://" + l.Addr().String()}, nil
}

func (d *door) close() error { return d.server.Close() }
