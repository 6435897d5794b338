package mailbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// newServer speaks SMTP for a store.
func newServer(s *store, log *slog.Logger) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{store: s, log: log}, nil
	}))
	server.Domain = "localhost"
	server.MaxMessageBytes = MaxMessage
	server.MaxRecipients = 100
	server.ReadTimeout = 5 * time.Minute
	server.WriteTimeout = time.Minute
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	return server
}

// session is one connection's mail transaction.
type session struct {
	store *store
	log   *slog.Logger
	from  string
	to    []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data stores the mail, and answers 250 with its id only when it is durable.
func (s *session) Data(r io.Reader) error {
	summary, err := s.store.add(s.from, s.to, r)
	if err != nil {
		return s.refuse(err)
	}
	// go-smtp has no other way to choose the words of a yes.
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: "kept as " + summary.ID}
}

// refuse turns a failure into a reply. Nothing is refused for good but a
// mail that is too large: all else is ours to repair, and mail can wait.
func (s *session) refuse(err error) error {
	var reply *smtp.SMTPError
	switch {
	case errors.As(err, &reply):
		return reply
	case errors.Is(err, errFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		s.log.LogAttrs(context.Background(), slog.LevelError, "mailbox has no room for a mail", slog.Any("error", err))
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "the mailbox is full"}
	default:
		s.log.LogAttrs(context.Background(), slog.LevelError, "mailbox could not keep a mail", slog.Any("error", err))
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the mail could not be stored"}
	}
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
