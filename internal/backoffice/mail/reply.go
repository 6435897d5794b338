package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"peyk/internal/report"
)

// Verb is the point of an SMTP dialogue something happened at.
type Verb string

// The verbs, in the order of a dialogue.
const (
	Connect  Verb = "CONNECT" // dial and greeting
	Hello    Verb = "EHLO"
	TLS      Verb = "TLS" // STARTTLS, or the handshake of implicit TLS
	Auth     Verb = "AUTH"
	Reset    Verb = "RSET" // before the next mail on a kept connection
	MailFrom Verb = "MAIL"
	RcptTo   Verb = "RCPT"
	Data     Verb = "DATA"
	Body     Verb = "BODY" // between 354 and the final dot
	FinalDot Verb = "."
)

// Reply is what a relay said. The zero Reply says that it said nothing.
type Reply struct {
	Verb Verb   `json:"verb"`
	Code int    `json:"code"`
	Text string `json:"text"` // one line, without the code, at most 500 characters
}

// String gives the reply as a log shows it.
func (r Reply) String() string { return fmt.Sprintf("%s: %d %s", r.Verb, r.Code, r.Text) }

func newReply(verb Verb, code int, text string) Reply {
	text = clean(text)
	if utf8.RuneCountInString(text) > 500 {
		text = string([]rune(text)[:500])
	}
	return Reply{verb, code, text}
}

// ReplyOf finds the relay's reply in an error of Send; false if the relay
// said nothing.
func ReplyOf(err error) (Reply, bool) {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.Reply, true
	}
	return Reply{}, false
}

// refusal is a reply other than the one hoped for.
type refusal struct{ Reply }

func (r *refusal) Error() string { return r.String() }

// Classify is what Send answers for what went wrong at a verb: a reply of the
// relay (*textproto.Error), or how the connection was lost. It is for a twin of
// the relay.
func Classify(verb Verb, err error) error { return classify(verb, err) }

// classify turns what went wrong at a verb into a *report.Error.
//
//	                        4yz         5yz         lost, late, unreadable
//	CONNECT..AUTH, RSET     Transient   Transient   Transient
//	MAIL, RCPT, DATA, BODY  Transient*  Permanent   Transient
//	final dot               Transient*  Permanent   Unknown
//
//	* Throttled if the relay asks for less: 421, 452, or X.7.X (greylisting).
//
// Before MAIL nothing was said about this mail: a relay that refuses us, or
// our password, is a fault to repair, and no reason to bounce what waits.
func classify(verb Verb, err error) error {
	var said *textproto.Error
	if !errors.As(err, &said) || said.Code/100 != 4 && said.Code/100 != 5 {
		return lost(verb, err)
	}
	reply := newReply(verb, said.Code, said.Msg)
	failure := &report.Error{Cause: &refusal{reply}}
	switch {
	case !aboutTheMail(verb):
		failure.Class, failure.Code = report.Transient, "relay-refused"
		failure.Sentence = "The mail server is not taking our mail at the moment."
	case reply.Code/100 == 5:
		failure.Class, failure.Code = report.Permanent, "mail-bounced"
		failure.Sentence = "The mail server refused the mail for good."
	default:
		failure.Class, failure.Code = report.Transient, "mail-deferred"
		failure.Sentence = "The mail server asked us to try again later."
		if asksForLess(reply) {
			failure.Class = report.Throttled
		}
	}
	return failure
}

// lost is the class of a dialogue that ended without a usable reply.
func lost(verb Verb, err error) error {
	failure := &report.Error{
		Class:    report.Transient,
		Code:     "relay-lost",
		Sentence: "The mail server could not be reached.",
		Cause:    fmt.Errorf("smtp %s: %w", verb, err),
	}
	switch verb {
	case FinalDot:
		failure.Class, failure.Code = report.Unknown, "mail-unknown"
		failure.Sentence = "The mail server did not say whether it took the mail."
	case TLS, Auth:
		failure.Code = "relay-unusable"
		failure.Sentence = "The mail server and its settings do not fit together."
	}
	return failure
}

func aboutTheMail(verb Verb) bool {
	switch verb {
	case Connect, Hello, TLS, Auth, Reset:
		return false
	}
	return true
}

// asksForLess knows the replies that ask for a slower pace: service closing
// (421), out of resources (452), and an enhanced status of the policy kind
// (RFC 3463 section 3.8), which is what greylisting and rate limits send.
func asksForLess(r Reply) bool {
	return r.Code == 421 || r.Code == 452 || strings.HasPrefix(r.Text, "4.7.")
}

// gone reports whether the connection is of no more use after err: it broke,
// the relay said that it closes (421), or what it said leaves the dialogue at
// a point from which there is no next mail.
func gone(err error) bool {
	reply, said := ReplyOf(err)
	return !said || reply.Code == 421 || reply.Verb == Reset || reply.Verb == Body
}
