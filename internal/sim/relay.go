package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"

	"peyk/internal/backoffice/mail"
	"peyk/internal/sim/check"
)

// relay is the company's mail server and, at once, its sink: it writes down
// every message whose final dot it saw.
type relay struct{ w *World }

// Send has the dialogue in two points: up to RCPT, and from DATA on.
func (r *relay) Send(ctx context.Context, _, to string, msg []byte, beforeData func(context.Context) error) (mail.Reply, error) {
	v := r.w.enter(address, "")
	if !v.effect {
		return mail.Reply{}, refusal(v.fault)
	}
	if err := r.w.leave(v, nil); err != nil {
		return mail.Reply{}, err
	}
	if err := beforeData(ctx); err != nil {
		return mail.Reply{}, err
	}
	v = r.w.enter(deliver, "")
	at := r.w.sink(to, msg, v)
	if !v.effect || v.fault != "" {
		return mail.Reply{}, refusal(v.fault)
	}
	if err := r.w.leave(v, nil); err != nil {
		return mail.Reply{}, err
	}
	r.w.log.Mail[at].Code = 250 // the sender hears it
	return mail.Reply{Verb: mail.FinalDot, Code: 250, Text: "2.0.0 queued"}, nil
}

// sink writes the message down if its dot was seen.
func (w *World) sink(to string, msg []byte, v verdict) int {
	m := check.Mail{At: w.clock.tick(), To: to, Taken: v.effect}
	switch code, verb := parseFault(v.fault); {
	case v.effect || v.fault == "lost at the dot":
	case verb == mail.FinalDot:
		m.Code = code
	default:
		return -1
	}
	sum := sha256.Sum256(msg)
	m.SHA256 = hex.EncodeToString(sum[:])
	m.MessageID, m.Attached = readMessage(msg)
	w.log.Mail = append(w.log.Mail, m)
	return len(w.log.Mail) - 1
}

// parseFault reads "450 at RCPT".
func parseFault(f fault) (code int, verb mail.Verb) {
	number, at, ok := strings.Cut(string(f), " at ")
	if !ok {
		return 0, ""
	}
	code, _ = strconv.Atoi(number) // 0 for what is lost there
	return code, mail.Verb(at)
}

// refusal is what the sender is told of a fault, in the words of the real one.
func refusal(f fault) error {
	lost := errors.New(string(f))
	switch f {
	case "ECONNREFUSED", "ECONNRESET":
		return mail.Classify(mail.Connect, f.err())
	case "no STARTTLS":
		return mail.Classify(mail.TLS, lost)
	case "lost before the dot":
		return mail.Classify(mail.Body, lost)
	case "lost at the dot", "lost after the dot":
		return mail.Classify(mail.FinalDot, lost)
	}
	code, verb := parseFault(f)
	return mail.Classify(verb, &textproto.Error{Code: code, Msg: "as the dice say"})
}

// readMessage finds the Message-ID and the digests of what is attached.
func readMessage(msg []byte) (id string, attached map[string]string) {
	m, err := netmail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		panic(fmt.Errorf("a letter nobody can read: %w", err))
	}
	id = m.Header.Get("Message-ID")
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/mixed") {
		return id, nil
	}
	attached = map[string]string{}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err != nil {
			return id, attached
		}
		if name := p.FileName(); name != "" {
			h := sha256.New()
			if _, err := io.Copy(h, base64.NewDecoder(base64.StdEncoding, p)); err != nil {
				panic(fmt.Errorf("an attachment nobody can read: %w", err))
			}
			attached[name] = hex.EncodeToString(h.Sum(nil))
		}
	}
}
