package mailbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// Message is one mail taken apart.
type Message struct {
	Summary
	Header      []Field      `json:"headers"`
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	Attachments []Attachment `json:"attachments"`
}

// Field is one header field, decoded.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attachment is one attached file; N counts from 1.
type Attachment struct {
	N         int    `json:"n"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"` // as declared by the sender
	Size      int64  `json:"size"`       // bytes, decoded

	content []byte
}

// Limits of what is taken apart: a mail may claim anything.
const (
	maxDepth = 8
	maxParts = 200
)

// message reads a mail from the disk and takes it apart. A mail that is no
// good MIME is shown as far as it goes.
func (s *store) message(id string) (Message, error) {
	summary, ok := s.find(id)
	if !ok {
		return Message{}, errUnknownMail
	}
	file, _, err := s.open(id)
	if err != nil {
		return Message{}, err
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(file)
	if err != nil {
		return Message{}, fmt.Errorf("read mail %s: %w", id, err)
	}
	m := Message{Summary: summary, Header: fields(raw), Attachments: []Attachment{}}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Text = strings.ToValidUTF8(string(raw), "\uFFFD")
		return m, nil
	}
	parts := 0
	m.take(textproto.MIMEHeader(msg.Header), msg.Body, maxDepth, &parts)
	return m, nil
}

// fields lists the header fields in their order, unfolded and decoded.
func fields(raw []byte) []Field {
	var list []Field
	for line := range strings.SplitSeq(string(raw[:min(len(raw), headLimit)]), "\r\n") {
		switch {
		case line == "":
			return list
		case (line[0] == ' ' || line[0] == '\t') && len(list) > 0:
			list[len(list)-1].Value += line
		default:
			name, value, _ := strings.Cut(line, ":")
			list = append(list, Field{name, value})
		}
		last := &list[len(list)-1]
		last.Value = strings.TrimSpace(last.Value)
	}
	return list
}

// take files one part, or the parts inside it, where they belong.
func (m *Message) take(header textproto.MIMEHeader, body io.Reader, depth int, parts *int) {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		mediaType = "text/plain"
	}
	if strings.HasPrefix(mediaType, "multipart/") && depth > 0 {
		m.takeAll(multipart.NewReader(body, params["boundary"]), depth-1, parts)
		return
	}
	content := unpack(header.Get("Content-Transfer-Encoding"), body)
	disposition, names, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	attached := err == nil && disposition == "attachment"
	switch {
	case !attached && mediaType == "text/plain" && m.Text == "":
		m.Text = strings.ToValidUTF8(string(content), "\uFFFD")
	case !attached && mediaType == "text/html" && m.HTML == "":
		m.HTML = strings.ToValidUTF8(string(content), "\uFFFD")
	default:
		n := len(m.Attachments) + 1
		name := decode(names["filename"])
		if name == "" {
			name = decode(params["name"])
		}
		if name == "" {
			name = fmt.Sprintf("%d", n)
		}
		m.Attachments = append(m.Attachments, Attachment{n, name, mediaType, int64(len(content)), content})
	}
}

func (m *Message) takeAll(reader *multipart.Reader, depth int, parts *int) {
	for *parts < maxParts {
		part, err := reader.NextRawPart()
		if err != nil {
			return // the end, or what there is of it
		}
		*parts++
		m.take(part.Header, part, depth, parts)
	}
}

// unpack undoes a transfer encoding, as far as it is whole.
func unpack(encoding string, body io.Reader) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, _ := io.ReadAll(body) // shown as far as it goes
	return content
}
