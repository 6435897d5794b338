package mailbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/emersion/go-smtp"
)

// MaxMessage is the largest mail taken, in bytes.
const MaxMessage = 25 << 20

// Options of a mailbox. The zero value works.
type Options struct {
	Log      *slog.Logger     // nil: nothing is logged
	Now      func() time.Time // nil: time.Now
	Random   io.Reader        // nil: crypto/rand; makes the names of mails unguessable
	Zone     *time.Location   // the pages' times; nil: this machine's
	MaxBytes int64            // all mails together; 0: 4 GB
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 30
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return o
}

// Mailbox holds mails. It is safe for concurrent use.
type Mailbox struct {
	store *store
	log   *slog.Logger
	smtp  *smtp.Server
	gate  *gate
	pages http.Handler
}

// Open opens the mailbox in dir, which is created if needed, and reads the
// headers of what it holds. Close ends it.
func Open(ctx context.Context, dir string, o Options) (*Mailbox, error) {
	o = o.withDefaults()
	store, err := openStore(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("open mailbox %s: %w", dir, err)
	}
	m := &Mailbox{store: store, log: o.Log, gate: newGate()}
	m.smtp = newServer(store, o.Log)
	if m.pages, err = newHandler(store, o); err != nil {
		_ = store.close()
		return nil, fmt.Errorf("open mailbox %s: %w", dir, err)
	}
	return m, nil
}

// Serve takes mail at a listener until Close, then returns nil. A listener
// that others can reach is refused: the mailbox has no login.
func (m *Mailbox) Serve(listener net.Listener) error {
	addr, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsLoopback() {
		return fmt.Errorf("the built-in mailbox listens on this machine only; %s can be reached from elsewhere: use 127.0.0.1 or [::1]", listener.Addr())
	}
	if err := ignoreClosed(m.smtp.Serve(m.gate.lead(listener))); err != nil {
		return fmt.Errorf("serve mail at %s: %w", listener.Addr(), err)
	}
	return nil
}

// Handler is the pages and the API. It answers requests for this machine's
// own names only, so that no page of another site can read the mail through
// a name it points here (DNS rebinding).
func (m *Mailbox) Handler() http.Handler { return m.pages }

// Messages lists what matches, newest first; nil matches all.
func (m *Mailbox) Messages(match func(Summary) bool) []Summary { return m.store.list(match) }

// Wait gives the oldest mail that matches, and waits for it if there is none
// yet. Its only error is that of ctx.
func (m *Mailbox) Wait(ctx context.Context, match func(Summary) bool) (Summary, error) {
	for {
		changed := m.store.changes()
		if found := m.store.list(match); len(found) > 0 {
			return found[len(found)-1], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Summary{}, fmt.Errorf("wait for a mail: %w", context.Cause(ctx))
		}
	}
}

// Close stops taking mail. A mail that was received whole is stored and
// answered; one that is under way is not, and its sender tries again. When
// ctx ends, what is left is cut off.
func (m *Mailbox) Close(ctx context.Context) error {
	m.gate.close()
	err := m.smtp.Shutdown(ctx)
	m.gate.cut()
	if err = errors.Join(ignoreClosed(err), m.store.close()); err != nil {
		return fmt.Errorf("close mailbox: %w", err)
	}
	return nil
}

// ignoreClosed forgets that a listener was closed: the gate did that.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
