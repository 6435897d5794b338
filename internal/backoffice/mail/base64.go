package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
)

// writeBase64 encodes all of r into b in lines of base64Line bytes, the last
// one ended too.
func writeBase64(b *bytes.Buffer, r io.Reader) error {
	lines := &lineWriter{out: b}
	encoder := base64.NewEncoder(base64.StdEncoding, lines)
	if _, err := io.Copy(encoder, r); err != nil {
		return fmt.Errorf("encode attachment: %w", err)
	}
	encoder.Close() // flushes into a buffer: cannot fail
	lines.end()
	return nil
}

// lineWriter breaks a base64 stream into lines.
type lineWriter struct {
	out  *bytes.Buffer
	used int // bytes on the open line
}

// Write never fails: a buffer takes everything.
func (l *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		take := min(len(p), base64Line-l.used)
		l.out.Write(p[:take])
		p, l.used = p[take:], l.used+take
		if l.used == base64Line {
			l.end()
		}
	}
	return n, nil
}

// end ends the open line.
func (l *lineWriter) end() {
	if l.used > 0 {
		l.out.WriteString("\r\n")
		l.used = 0
	}
}
