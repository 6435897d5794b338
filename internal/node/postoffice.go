package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"peyk/internal/backoffice/mail/mailbox"
)

// postOffice is the built-in mailbox with its two doors.
type postOffice struct {
	mailbox *mailbox.Mailbox
	pages   *http.Server
	signs   []string // where its doors are
}

// openPostOffice takes mail at one listener and shows it at the other.
func openPostOffice(ctx context.Context, dir string, smtp, pages net.Listener, log *slog.Logger) (*postOffice, error) {
	m, err := mailbox.Open(ctx, dir, mailbox.Options{Log: log})
	if err != nil {
		return nil, errors.Join(err, smtp.Close(), pages.Close())
	}
	p := &postOffice{mailbox: m, pages: httpServer(m.Handler(), log), signs: []string{"mailbox " + urlOf(pages), "SMTP " + smtp.Addr().String()}}
	for _, serve := range []func() error{
		func() error { return m.Serve(smtp) },
		func() error { return p.pages.Serve(pages) },
	} {
		go func() {
			if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				log.ErrorContext(ctx, "the mailbox closed by itself", "error", err)
			}
		}()
	}
	return p, nil
}

func (p *postOffice) close(ctx context.Context) error {
	return errors.Join(p.mailbox.Close(ctx), p.pages.Shutdown(ctx))
}
