package mailbox

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"time"
)

// Summary is what a list shows of a mail.
type Summary struct {
	ID         string    `json:"id"`   // orders by arrival
	From       string    `json:"from"` // the From field, decoded; else the envelope's sender
	To         []string  `json:"to"`   // the envelope's recipients
	Subject    string    `json:"subject"`
	ReceivedAt time.Time `json:"received_at"`
	MessageID  string    `json:"message_id"`
	Size       int64     `json:"size"`           // bytes as they came in
	GUID       string    `json:"guid,omitempty"` // the X-Peyk-Request field
}

// headLimit is how much of a mail is looked at for its header.
const headLimit = 64 << 10

// headBuffer keeps the beginning of what is written to it.
type headBuffer struct{ bytes.Buffer }

func (b *headBuffer) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), headLimit-b.Len())])
	return len(p), nil
}

// summarize reads the header; a mail whose header nobody can read is listed
// by its envelope.
func summarize(id string, env envelope, head []byte, size int64) Summary {
	s := Summary{ID: id, From: env.From, To: env.To, ReceivedAt: env.ReceivedAt, Size: size}
	msg, err := mail.ReadMessage(bytes.NewReader(head))
	if err != nil {
		return s
	}
	if from := sender(msg.Header.Get("From")); from != "" {
		s.From = from
	}
	s.Subject = decode(msg.Header.Get("Subject"))
	s.MessageID = msg.Header.Get("Message-Id")
	s.GUID = msg.Header.Get("X-Peyk-Request")
	return s
}

// sender writes a From field as people read it: Peyk <peyk@kule.example>.
func sender(field string) string {
	address, err := mail.ParseAddress(field)
	switch {
	case err != nil:
		return decode(field)
	case address.Name == "":
		return address.Address
	default:
		return address.Name + " <" + address.Address + ">"
	}
}

// decode reads encoded words; what cannot be decoded stays as it is.
func decode(value string) string {
	var decoder mime.WordDecoder
	decoded, err := decoder.DecodeHeader(value)
	if err != nil {
		decoded = value
	}
	return strings.ToValidUTF8(decoded, "\uFFFD")
}

// SentTo matches mails by recipient: a whole address, or, without an @, a
// part of one. The case of letters does not count.
func SentTo(to string) func(Summary) bool {
	to = strings.ToLower(strings.TrimSpace(to))
	return func(s Summary) bool {
		for _, address := range s.To {
			address = strings.ToLower(address)
			if address == to || !strings.Contains(to, "@") && strings.Contains(address, to) {
				return true
			}
		}
		return false
	}
}

// About matches mails by the request they are about.
func About(guid string) func(Summary) bool {
	return func(s Summary) bool { return strings.EqualFold(s.GUID, strings.TrimSpace(guid)) }
}

// Both matches what two conditions match; a nil one always does.
func Both(a, b func(Summary) bool) func(Summary) bool {
	return func(s Summary) bool { return (a == nil || a(s)) && (b == nil || b(s)) }
}
