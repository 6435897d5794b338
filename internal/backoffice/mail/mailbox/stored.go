package mailbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// envelope is what SMTP knows of a mail beyond its bytes. It is the first
// line of the mail's file, as a header field, so that the file can be opened
// with any mail program; the bytes as they came in follow.
type envelope struct {
	From       string    `json:"from"`
	To         []string  `json:"to"`
	ReceivedAt time.Time `json:"received_at"`
}

const envelopeField = "X-Mailbox-Envelope: "

// storedMail reads a mail as it came in.
type storedMail struct {
	*bufio.Reader
	file   *os.File
	prefix int64 // bytes of the envelope line
}

func (m *storedMail) Close() error { return m.file.Close() }

func (m *storedMail) size() (int64, error) {
	info, err := m.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size() - m.prefix, nil
}

// open reads the envelope line of a mail and stands before its first byte.
func (s *store) open(id string) (*storedMail, envelope, error) {
	file, err := s.root.Open(id + ".eml")
	if err != nil {
		return nil, envelope{}, err
	}
	m := &storedMail{Reader: bufio.NewReader(file), file: file}
	line, err := m.ReadBytes('\n')
	m.prefix = int64(len(line))
	var env envelope
	if err == nil {
		err = json.Unmarshal(bytes.TrimPrefix(line, []byte(envelopeField)), &env)
	}
	if err != nil {
		file.Close()
		return nil, envelope{}, fmt.Errorf("read envelope of mail %s: %w", id, err)
	}
	return m, env, nil
}

// read summarizes a mail from its file.
func (s *store) read(id string) (Summary, error) {
	file, env, err := s.open(id)
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = file.Close() }()
	head, err := io.ReadAll(io.LimitReader(file, headLimit))
	if err != nil {
		return Summary{}, err
	}
	size, err := file.size()
	if err != nil {
		return Summary{}, err
	}
	return summarize(id, env, head, size), nil
}
