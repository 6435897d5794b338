package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

const (
	peyk  = "peyk@kule.example"
	derya = "derya@kule.example"
)

func goAhead(context.Context) error { return nil }

// TestReplyAtEachVerb holds every reply and every loss at every verb against
// the table at classify.
func TestReplyAtEachVerb(t *testing.T) {
	t.Parallel()
	setup := []mail.Verb{mail.Connect, mail.Hello}
	transaction := []mail.Verb{mail.MailFrom, mail.RcptTo, mail.Data, mail.FinalDot}
	replies := map[string]report.Class{
		"421 closing": report.Throttled, "450 busy": report.Transient, "451 error": report.Transient,
		"450 4.7.1 greylisted": report.Throttled, "452 full": report.Throttled,
		"550 no such user": report.Permanent, "552 too big": report.Permanent, "554 no": report.Permanent,
	}
	check := func(verb mail.Verb, line string, want report.Class) {
		t.Run(fmt.Sprintf("%s/%s", verb, line), func(t *testing.T) {
			t.Parallel()
			expectClass(t, verb, line, want)
		})
	}
	for line, want := range replies {
		for _, verb := range setup {
			check(verb, line, report.Transient)
		}
		for _, verb := range transaction {
			check(verb, line, want)
		}
	}
	for _, line := range []string{hangUp, silent, "?? what", "700 odd"} {
		for _, verb := range append(setup, transaction[:3]...) {
			check(verb, line, report.Transient)
		}
		check(mail.FinalDot, line, report.Unknown)
	}
	check(mail.FinalDot, "354 still waiting", report.Unknown)
}

func expectClass(t *testing.T, verb mail.Verb, line string, want report.Class) {
	t.Helper()
	r := startRelay(t, map[mail.Verb][]string{verb: {line}})
	_, err := r.sender(t).Send(t.Context(), peyk, derya, []byte("Subject: x\r\n\r\nhi\r\n"), goAhead)
	if got := report.ClassOf(err); err == nil || got != want {
		t.Fatalf("class is %s (%v), want %s; the relay heard %s", got, err, want, r.heard())
	}
	reply, said := mail.ReplyOf(err)
	if isReply := line[0] == '4' || line[0] == '5'; said != isReply {
		t.Fatalf("reply in the error: %v, want %v (%v)", said, isReply, err)
	}
	if said && (reply.Verb != verb || reply.String() != string(verb)+": "+line) {
		t.Fatalf("the error carries %q, want %q at %s", reply, line, verb)
	}
}

func TestSentCarriesTheReply(t *testing.T) {
	t.Parallel()
	for _, yes := range []string{"250 2.0.0 queued as ABC", "250-2.0.0 queued\r\n250 2.0.0 as ABC", "251 forwarded"} {
		r := startRelay(t, map[mail.Verb][]string{mail.FinalDot: {yes}})
		reply, err := r.sender(t).Send(t.Context(), peyk, derya, []byte("Subject: x\r\n\r\n.dot\r\n"), goAhead)
		if err != nil {
			t.Fatalf("relay said %q: %v", yes, err)
		}
		if reply.Verb != mail.FinalDot || reply.Code/10 != 25 || strings.ContainsAny(reply.Text, "\r\n") {
			t.Errorf("relay said %q, reply is %+v", yes, reply)
		}
		if got := r.received(); len(got) != 1 || got[0] != "Subject: x\r\n\r\n.dot\r\n" {
			t.Errorf("the relay received %q", got)
		}
	}
}

// TestLossBeforeTheFinalDot: a body too large for the socket's buffers breaks
// while it is written, so no dot was ever sent.
func TestLossBeforeTheFinalDot(t *testing.T) {
	t.Parallel()
	large := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 1<<18))
	for line, want := range map[string]report.Class{hangUp: report.Transient, "552 5.3.4 too big": report.Permanent} {
		r := startRelay(t, map[mail.Verb][]string{mail.Body: {line}})
		_, err := r.sender(t).Send(t.Context(), peyk, derya, large, goAhead)
		// The relay's answer can be lost when the connection is reset under it.
		if got := report.ClassOf(err); err == nil || got != want && got != report.Transient {
			t.Errorf("relay did %s during the body: class %s (%v), want %s", line, got, err, want)
		}
	}
}

func TestRefusalBeforeDataComesBackUntouched(t *testing.T) {
	t.Parallel()
	r := startRelay(t, nil)
	sender := r.sender(t)
	no := errors.New("cancelled meanwhile")
	asked := 0
	_, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), func(context.Context) error {
		asked++
		if heard := r.heard(); !strings.HasSuffix(heard, "MAIL RCPT") {
			t.Errorf("asked after %q, want just before DATA", heard)
		}
		return no
	})
	if err != no || asked != 1 {
		t.Fatalf("got %v after asking %d times, want the refusal itself, asked once", err, asked)
	}
	if heard := r.heard(); !strings.HasSuffix(heard, "RSET") || strings.Contains(heard, "DATA") {
		t.Errorf("the relay heard %q, want RSET and no DATA", heard)
	}
	if _, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), goAhead); err != nil || r.connections() != 1 {
		t.Errorf("next mail: %v over %d connections, want the same one", err, r.connections())
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	r := startRelay(t, nil)
	sender := r.sender(t)
	for range 20 {
		if _, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), goAhead); err != nil {
			t.Fatal(err)
		}
	}
	if r.connections() != 1 || len(r.received()) != 20 {
		t.Errorf("%d mails over %d connections, want 20 over 1", len(r.received()), r.connections())
	}
}

// TestStaleConnection: whatever has become of an idle connection, the next
// mail goes out once, and the caller is asked once.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	stale := map[string]func(*relay){
		"dropped":      (*relay).drop,
		"421 at RSET":  func(r *relay) { r.say(mail.Reset, "421 idle too long", "") },
		"500 at RSET":  func(r *relay) { r.say(mail.Reset, "500 what", "") },
		"lost at RSET": func(r *relay) { r.say(mail.Reset, hangUp, "") },
		"421 at MAIL":  func(r *relay) { r.say(mail.MailFrom, "421 too many mails", "") },
		"lost at MAIL": func(r *relay) { r.say(mail.MailFrom, hangUp, "") },
		"lost at RCPT": func(r *relay) { r.say(mail.RcptTo, hangUp, "") },
	}
	for name, spoil := range stale {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRelay(t, map[mail.Verb][]string{})
			sender := r.sender(t)
			asked := 0
			count := func(context.Context) error { asked++; return nil }
			for i := range 2 {
				if _, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), count); err != nil {
					t.Fatalf("mail %d: %v; the relay heard %s", i, err, r.heard())
				}
				if i == 0 {
					spoil(r)
				}
			}
			if asked != 2 || len(r.received()) != 2 || r.connections() != 2 {
				t.Errorf("asked %d times, %d mails, %d connections; want 2 of each", asked, len(r.received()), r.connections())
			}
		})
	}
}

// TestLostAtDataAfterReuse: once the caller has committed, nothing is tried
// again behind its back, and without a final dot it is not unknown either.
func TestLostAtDataAfterReuse(t *testing.T) {
	t.Parallel()
	r := startRelay(t, map[mail.Verb][]string{})
	sender := r.sender(t)
	if _, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), goAhead); err != nil {
		t.Fatal(err)
	}
	_, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), func(context.Context) error { r.drop(); return nil })
	if report.ClassOf(err) != report.Transient || report.CodeOf(err) != "relay-lost" {
		t.Errorf("got %v, want Transient relay-lost", err)
	}
}

// TestCancelledAfterTheDot: giving up on a relay that does not answer leaves
// the question open.
func TestCancelledAfterTheDot(t *testing.T) {
	t.Parallel()
	r := startRelay(t, map[mail.Verb][]string{mail.FinalDot: {silent}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-r.taken; cancel() }()
	_, err := r.sender(t).Send(ctx, peyk, derya, []byte("x\r\n"), goAhead)
	if report.ClassOf(err) != report.Unknown {
		t.Errorf("got %v, want Unknown", err)
	}
}

func TestHostileAddressesNeverReachTheRelay(t *testing.T) {
	t.Parallel()
	r := startRelay(t, nil)
	for _, to := range []string{"", "a", "a@b>\r\nDATA", "a@b> SIZE=0", "a b@c", `"a"@b`, "şeyma@kule.example", "a@b@c", "a@büro.example"} {
		_, err := r.sender(t).Send(t.Context(), peyk, to, nil, goAhead)
		if report.CodeOf(err) != "address-unusable" || report.ClassOf(err) != report.Permanent {
			t.Errorf("to %q: %v, want address-unusable", to, err)
		}
	}
	if r.connections() != 0 {
		t.Errorf("the relay was called %d times", r.connections())
	}
}

// A look at the relay goes over a connection that mails use too, makes a new one
// where that broke, and tells of a relay that is not there.
func TestCheck(t *testing.T) {
	t.Parallel()
	r := startRelay(t, map[mail.Verb][]string{})
	sender := r.sender(t)
	look := func(when string, connections int) {
		t.Helper()
		if err := sender.Check(t.Context()); err != nil || r.connections() != connections {
			t.Errorf("%s: %v over %d connections, want %d", when, err, r.connections(), connections)
		}
	}
	look("at first", 1)
	look("again", 1)
	if _, err := sender.Send(t.Context(), peyk, derya, []byte("x\r\n"), goAhead); err != nil || r.connections() != 1 {
		t.Errorf("a mail: %v over %d connections, want the one there is", err, r.connections())
	}
	r.say(mail.Reset, "500 what", "")
	look("where the idle one is of no more use", 2)
	r.drop()
	look("where the idle one was cut", 3)
	r.listener.Close()
	r.drop()
	if err := sender.Check(t.Context()); err == nil {
		t.Error("a relay that is not there passes for one that is")
	}
}
