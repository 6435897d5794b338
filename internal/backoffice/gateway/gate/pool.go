package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Config says how documents are checked. Command and Log must be given.
type Config struct {
	Command  []string // starts a child that calls Serve on its stdin and stdout
	Children int      // how many documents at once; 0: 2
	Log      *slog.Logger
	Limits
}

// Pool checks documents in child processes. They are started when first needed
// and reused.
type Pool struct {
	cfg    Config
	limits []byte          // as the children are told
	slots  chan *child     // one per child that may be; nil: to be started
	ctx    context.Context // ends when the pool is closed
	end    context.CancelFunc
	close  sync.Once
	closed error // what closing met
}

// ErrClosed says that the pool takes no more documents.
var ErrClosed = errors.New("gate is closed")

// NewPool makes a pool. No child is started yet.
func NewPool(cfg Config) (*Pool, error) {
	if len(cfg.Command) == 0 || cfg.Log == nil {
		return nil, errors.New("gate: Command and Log must be given")
	}
	orDefault(&cfg.Children, 2)
	cfg.Limits = cfg.settled()
	limits, err := json.Marshal(cfg.Limits)
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	p := &Pool{cfg: cfg, limits: limits, slots: make(chan *child, cfg.Children)}
	p.ctx, p.end = context.WithCancel(context.Background())
	for range cfg.Children {
		p.slots <- nil
	}
	return p, nil
}

// Check reads size bytes of a kind and gives the number of pages of a document
// that may pass; only a PDF has any. A refusal is a *report.Error of class Lying; any other error says nothing
// about the document. If a child dies of it, a fresh one is asked too: the first
// may have been killed by somebody else.
func (p *Pool) Check(ctx context.Context, mediaType string, r io.Reader, size int64) (pages int, err error) {
	kind := Kind(mediaType)
	if !kind.known() {
		return 0, fmt.Errorf("check document: no check for %q", mediaType)
	}
	if size > p.cfg.Bytes {
		return 0, (&refusal{TooMuch, fmt.Sprintf("%d bytes, at most %d", size, p.cfg.Bytes)}).reportError()
	}
	c, err := p.take(ctx)
	if err != nil {
		return 0, fmt.Errorf("check document: %w", err)
	}
	defer func() { p.slots <- c }()
	doc := make([]byte, size) // with a slot in hand: the slots bound the memory
	if _, err := io.ReadFull(r, doc); err != nil {
		return 0, fmt.Errorf("check document: read its %d bytes: %w", size, err)
	}
	var v verdict
	for range 2 {
		if v, c, err = p.ask(ctx, c, kind, doc); !errors.Is(err, errDied) {
			break
		}
	}
	return settle(v, err)
}

// settle turns what became of a document into what Check gives.
func settle(v verdict, err error) (int, error) {
	switch {
	case errors.Is(err, errDied):
		return 0, (&refusal{Crashed, err.Error()}).reportError()
	case errors.Is(err, errSlow):
		return 0, (&refusal{TimedOut, err.Error()}).reportError()
	case err != nil:
		return 0, fmt.Errorf("check document: %w", err)
	case v.Refused != nil:
		return 0, v.Refused.reportError()
	}
	return v.Pages, nil
}

func (p *Pool) take(ctx context.Context) (*child, error) {
	if p.ctx.Err() != nil {
		return nil, ErrClosed
	}
	select {
	case c := <-p.slots:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.ctx.Done():
		return nil, ErrClosed
	}
}

var (
	errDied = errors.New("the child died of it")
	errSlow = errors.New("the child did not answer in time")
)

// ask has one child judge the document, starting it if need be. The child that
// comes back is the one to go on with: nil if it had to be killed.
func (p *Pool) ask(ctx context.Context, c *child, kind Kind, doc []byte) (verdict, *child, error) {
	if c == nil {
		var err error
		if c, err = startChild(p.cfg.Command, p.limits); err != nil {
			return verdict{}, nil, err
		}
	}
	limited, cancel := context.WithTimeoutCause(ctx, p.cfg.Time, errSlow)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()

	v, err := c.judge(limited, kind, doc)
	if err == nil {
		return v, c, nil
	}
	said := c.kill()
	switch {
	case p.ctx.Err() != nil:
		return verdict{}, nil, ErrClosed
	case limited.Err() != nil:
		return verdict{}, nil, context.Cause(limited)
	}
	p.cfg.Log.WarnContext(ctx, "gate child died", "error", err, "said", said)
	return verdict{}, nil, fmt.Errorf("%w: %w", errDied, err)
}

// Ready tells whether children can be started and judge: it has an idle one
// check a small document. A pool with no idle one is at work, hence ready.
func (p *Pool) Ready(ctx context.Context) error {
	select {
	case c := <-p.slots:
		p.slots <- c
		_, err := p.Check(ctx, string(PDF), strings.NewReader(tiny), int64(len(tiny)))
		return err
	case <-p.ctx.Done():
		return ErrClosed
	default:
		return nil
	}
}

// tiny is one empty page.
const tiny = "%PDF-1.4\n" +
	"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n" +
	"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>\nendobj\n" +
	"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \n" +
	"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n183\n%%EOF\n"

// Close ends the children, those at work too, and waits for them.
func (p *Pool) Close() error {
	p.close.Do(func() {
		p.end()
		for range cap(p.slots) {
			if c := <-p.slots; c != nil {
				p.closed = errors.Join(p.closed, c.end())
			}
		}
	})
	return p.closed
}

// endGrace is how long an idle child may take to notice that its stdin ended.
const endGrace = 5 * time.Second
