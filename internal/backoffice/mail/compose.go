package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Composer turns letters into rows. It is safe for concurrent use.
type Composer struct {
	texts *i18n.Bundle
	pages pages
}

// NewComposer reads the embedded texts and templates. Its error is a mistake
// in them, which a test would have shown.
func NewComposer() (*Composer, error) {
	texts, err := loadLocales()
	if err != nil {
		return nil, err
	}
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	return &Composer{texts, pages}, nil
}

// Compose makes the row of a letter, dated date. Nothing in it is random:
// the Message-ID and the boundaries follow from the letter's identity, so the
// same letter and date give the same row.
//
// The files' bytes are read once through open, for the digest of the whole;
// they are attached while they fit, else the letter only links to them.
// Errors: Poison "letter-unusable", Permanent "address-unusable", and those
// of Assemble.
func (c *Composer) Compose(ctx context.Context, l Letter, date time.Time, open Open) (Row, error) {
	if err := l.check(); err != nil {
		return Row{}, err
	}
	row, err := l.envelope()
	if err != nil {
		return Row{}, err
	}
	if l.Kind.Ready() {
		row.Attachments = attachments(l.Files)
	}
	if err := c.write(&row, l, date); err != nil {
		return Row{}, err
	}
	return row.seal(ctx, open)
}

// envelope starts the row with what follows from who writes to whom about
// what.
func (l Letter) envelope() (Row, error) {
	from, err := wireAddress(l.From.Address)
	if err != nil {
		return Row{}, fmt.Errorf("sender: %w", err)
	}
	to, err := wireAddress(l.To.Address)
	if err != nil {
		return Row{}, fmt.Errorf("recipient: %w", err)
	}
	return Row{From: from, To: to, MessageID: l.messageID(to)}, nil
}

// messageID is derived, never drawn: whoever sends this mail again sends it
// under the same one (RFC 5322 section 3.6.4). The recipient is in it as a
// hash, so that a Message-ID in a log names nobody. A letter somebody asked to
// have sent again is another message: a client that has the first would take it
// for the same and show nothing.
func (l Letter) messageID(to string) string {
	hash := sha256.Sum256([]byte(strings.ToLower(to)))
	again := ""
	if l.Again > 0 {
		again = ".again" + strconv.Itoa(l.Again)
	}
	return fmt.Sprintf("<%s.%d.%s%s.%s@%s>", l.GUID, l.Generation, l.Kind, again, hex.EncodeToString(hash[:6]), l.Host)
}

// write puts the letter into words and the words into header and parts.
func (c *Composer) write(row *Row, l Letter, date time.Time) error {
	w := newWords(c.texts, l.Locale, l.zone())
	content := w.compose(l, len(row.Attachments) > 0)
	lead := w.leadText(content)
	if w.err != nil {
		return w.err
	}
	var err error
	if row.Text, row.HTML, err = c.pages.render(content, lead); err != nil {
		return err
	}
	row.Subject = clean(content.Subject)
	row.Alternative = boundary(row.MessageID, "alternative")
	if len(row.Attachments) > 0 {
		row.Mixed = boundary(row.MessageID, "mixed")
	}
	row.Header, err = l.header(row, content, date)
	return err
}

func (l Letter) header(row *Row, c content, date time.Time) ([]Field, error) {
	header := []Field{
		mailbox("From", l.From, row.From),
		mailbox("To", l.To, row.To),
	}
	if l.ReplyTo != (Person{}) {
		address, err := wireAddress(l.ReplyTo.Address)
		if err != nil {
			return nil, fmt.Errorf("reply-to: %w", err)
		}
		header = append(header, mailbox("Reply-To", l.ReplyTo, address))
	}
	return append(header,
		unstructured("Subject", c.Subject),
		Field{"Date", date.In(l.zone()).Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		token("Message-ID", row.MessageID),
		Field{"Auto-Submitted", "auto-generated"}, // RFC 3834: no out-of-office answers
		Field{"Content-Language", c.Lang},
		Field{"X-Peyk-Request", l.GUID},
		Field{"MIME-Version", "1.0"},
	), nil
}

// boundary derives a boundary that no part can contain: "=_" appears neither
// in quoted-printable nor in base64 (RFC 2045 section 6.7).
func boundary(messageID, level string) string {
	sum := sha256.Sum256([]byte(level + "\n" + messageID))
	return "=_" + hex.EncodeToString(sum[:12])
}

// seal assembles the message once and notes its size and digest.
func (r Row) seal(ctx context.Context, open Open) (Row, error) {
	msg, err := r.message(ctx, open)
	if err != nil {
		return Row{}, fmt.Errorf("compose mail %s: %w", r.MessageID, err)
	}
	r.Size, r.SHA256 = int64(len(msg)), digest(msg)
	return r, nil
}
