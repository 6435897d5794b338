package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/quotedprintable"
	"strings"

	"peyk/internal/report"
)

// Open gives the bytes that lie under a key in our own storage. It returns
// an error that wraps fs.ErrNotExist if there are none.
type Open func(ctx context.Context, key string) (io.ReadCloser, error)

// Assemble makes the message a row stands for: the same bytes each time.
// Attachments that are gone or differ from the row, and a whole that differs
// from the row's digest, are a *report.Error: Permanent, "bytes-damaged".
// Any other failure to read comes back as it is.
func Assemble(ctx context.Context, row Row, open Open) ([]byte, error) {
	msg, err := row.message(ctx, open)
	if err != nil {
		return nil, fmt.Errorf("assemble mail %s: %w", row.MessageID, err)
	}
	if got := digest(msg); got != row.SHA256 {
		return nil, damaged(fmt.Errorf("assemble mail %s: sha256 is %s, the row says %s", row.MessageID, got, row.SHA256))
	}
	return msg, nil
}

// message writes the whole: header fields, then the two texts as
// multipart/alternative, inside multipart/mixed when files are attached
// (RFC 2046 section 5.1).
func (r Row) message(ctx context.Context, open Open) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(max(r.Size, 16<<10)))
	writeFields(&b, r.Header)
	if len(r.Attachments) == 0 {
		writeFields(&b, []Field{multipart("alternative", r.Alternative)})
		b.WriteString("\r\n")
		r.writeTexts(&b)
		return b.Bytes(), nil
	}
	writeFields(&b, []Field{multipart("mixed", r.Mixed)})
	b.WriteString("\r\n")
	openPart(&b, r.Mixed, []Field{multipart("alternative", r.Alternative)})
	r.writeTexts(&b)
	for _, a := range r.Attachments {
		openPart(&b, r.Mixed, a.Header)
		if err := a.write(ctx, &b, open); err != nil {
			return nil, fmt.Errorf("attach %s: %w", a.Key, err)
		}
	}
	closeParts(&b, r.Mixed)
	return b.Bytes(), nil
}

func (r Row) writeTexts(b *bytes.Buffer) {
	writeText(b, r.Alternative, "text/plain", r.Text)
	writeText(b, r.Alternative, "text/html", r.HTML)
	closeParts(b, r.Alternative)
}

func writeText(b *bytes.Buffer, boundary, mediaType, text string) {
	openPart(b, boundary, []Field{
		{"Content-Type", mediaType + "; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	})
	qp := quotedprintable.NewWriter(b)
	_, _ = qp.Write([]byte(text)) // into a buffer: cannot fail
	_ = qp.Close()
	b.WriteString("\r\n")
}

func multipart(subtype, boundary string) Field {
	return Field{"Content-Type", fmt.Sprintf("multipart/%s;\r\n boundary=%q", subtype, boundary)}
}

func openPart(b *bytes.Buffer, boundary string, header []Field) {
	b.WriteString("--" + boundary + "\r\n")
	writeFields(b, header)
	b.WriteString("\r\n")
}

func closeParts(b *bytes.Buffer, boundary string) { b.WriteString("--" + boundary + "--\r\n") }

func writeFields(b *bytes.Buffer, fields []Field) {
	for _, f := range fields {
		b.WriteString(f.Name + ":")
		if !strings.HasPrefix(f.Value, "\r\n") { // folded right after the colon
			b.WriteString(" ")
		}
		b.WriteString(f.Value + "\r\n")
	}
}

// write encodes the attachment's bytes and holds them against the row. It
// reads at most one byte more than there should be.
func (a Attachment) write(ctx context.Context, b *bytes.Buffer, open Open) error {
	content, err := open(ctx, a.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return damaged(err)
	}
	if err != nil {
		return err
	}
	defer content.Close()

	hash := sha256.New()
	counted := &counter{r: io.TeeReader(io.LimitReader(content, a.Size+1), hash)}
	if err := writeBase64(b, counted); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); counted.n != a.Size || got != a.SHA256 {
		return damaged(fmt.Errorf("read %d bytes with sha256 %s, the row says %d with %s", counted.n, got, a.Size, a.SHA256))
	}
	return nil
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func damaged(cause error) error {
	return &report.Error{
		Class:    report.Permanent,
		Code:     "bytes-damaged",
		Sentence: "The stored report is damaged, so it was not sent.",
		Cause:    cause,
	}
}
