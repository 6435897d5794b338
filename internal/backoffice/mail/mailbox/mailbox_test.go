package mailbox_test

import (
	"context"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/mail/mailbox"
	"peyk/internal/report"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		beVictim(dir)
	}
	goleak.VerifyTestMain(m)
}

// open opens a mailbox that takes mail at the port it gives.
func open(t *testing.T, dir string, o mailbox.Options) (*mailbox.Mailbox, int) {
	t.Helper()
	box, err := mailbox.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- box.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		box.Close(ctx) // a test may have closed it
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return box, listener.Addr().(*net.TCPAddr).Port
}

func sender(t testing.TB, port int) *mail.Sender {
	t.Helper()
	s, err := mail.NewSender(mail.Settings{Host: "127.0.0.1", Port: port, Security: mail.Plain})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func goAhead(context.Context) error { return nil }

func message(n int) []byte {
	return fmt.Appendf(nil, "From: Peyk <peyk@kule.example>\r\nSubject: mail %d\r\nMessage-ID: <%d@kule.example>\r\nX-Peyk-Request: guid-%d\r\n\r\n.dots\r\n\r\nand text\r\n", n, n, n)
}

func send(t testing.TB, s *mail.Sender, to string, msg []byte) mail.Reply {
	t.Helper()
	reply, err := s.Send(context.Background(), "peyk@kule.example", to, msg, goAhead)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestMailIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, port := open(t, dir, mailbox.Options{Now: func() time.Time { return time.Date(2026, 11, 23, 11, 34, 0, 0, time.UTC) }})
	reply := send(t, sender(t, port), "derya@kule.example", message(7))

	got, err := box.Wait(t.Context(), mailbox.About("guid-7"))
	if err != nil {
		t.Fatal(err)
	}
	want := mailbox.Summary{
		ID: got.ID, From: "Peyk <peyk@kule.example>", To: []string{"derya@kule.example"}, Subject: "mail 7",
		ReceivedAt: time.Date(2026, 11, 23, 11, 34, 0, 0, time.UTC), MessageID: "<7@kule.example>",
		Size: int64(len(message(7))), GUID: "guid-7",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("listed as %+v, want %+v", got, want)
	}
	if !strings.HasSuffix(reply.Text, "kept as "+got.ID) {
		t.Errorf("the reply %q does not name the mail %s", reply, got.ID)
	}
	if raw := fetch(t, box, "/api/messages/"+got.ID+"/raw").Body.String(); raw != string(message(7)) {
		t.Errorf("raw mail is %q, want %q", raw, message(7))
	}
}

// TestOrderSurvivesRestart also leaves a half-written file and one that is no
// mail behind.
func TestOrderSurvivesRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, port := open(t, dir, mailbox.Options{})
	s := sender(t, port)
	for n := range 25 {
		send(t, s, "derya@kule.example", message(n))
	}
	before := first.Messages(nil)
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	leave(t, filepath.Join(dir, "incoming-5f1c"), "half a ma")
	leave(t, filepath.Join(dir, "000000000099-zz.eml"), "no envelope")
	leave(t, filepath.Join(dir, "notes.eml"), "mine")

	second, port := open(t, dir, mailbox.Options{})
	if after := second.Messages(nil); fmt.Sprint(after) != fmt.Sprint(before) || len(after) != 25 {
		t.Fatalf("after the restart:\n%v\nbefore:\n%v", after, before)
	}
	send(t, sender(t, port), "derya@kule.example", message(25))
	if newest := second.Messages(nil)[0]; newest.Subject != "mail 25" || newest.ID <= before[0].ID {
		t.Errorf("the newest is %+v, want mail 25 after %s", newest, before[0].ID)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "incoming-*")); len(left) > 0 {
		t.Errorf("half-written files are left: %v", left)
	}
}

func leave(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestManySendersAtOnce(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	s := sender(t, port)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := range 25 {
				if _, err := s.Send(t.Context(), "peyk@kule.example", fmt.Sprintf("w%d@kule.example", worker), message(worker*100+n), goAhead); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range box.Messages(nil) {
		ids[m.ID] = true
	}
	if len(ids) != 200 || !slices.IsSortedFunc(box.Messages(nil), func(a, b mailbox.Summary) int { return strings.Compare(b.ID, a.ID) }) {
		t.Errorf("%d mails, want 200 in order", len(ids))
	}
	if got := len(box.Messages(mailbox.SentTo("W3@kule.example"))); got != 25 {
		t.Errorf("%d mails to w3, want 25", got)
	}
}

func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	box, _ := open(t, t.TempDir(), mailbox.Options{})
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := box.Serve(listener); err == nil || !strings.Contains(err.Error(), "this machine only") {
		t.Errorf("serving everybody: %v, want a refusal", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{MaxBytes: 30 << 20})
	s := sender(t, port)
	line := strings.Repeat("x", 70) + "\r\n"
	for _, step := range []struct {
		size int
		want report.Class
		code int
	}{
		{26 << 20, report.Permanent, 552}, // one too large
		{20 << 20, "", 250},
		{20 << 20, report.Throttled, 452}, // no room for another
		{1 << 10, "", 250},                // but for a small one
	} {
		reply, err := s.Send(t.Context(), "peyk@kule.example", "derya@kule.example", []byte(strings.Repeat(line, step.size/len(line))), goAhead)
		if err != nil {
			reply, _ = mail.ReplyOf(err)
		}
		if reply.Code != step.code || err != nil && report.ClassOf(err) != step.want {
			t.Errorf("%d bytes: %v (%v), want %d %s", step.size, reply, err, step.code, step.want)
		}
	}
	if got := len(box.Messages(nil)); got != 2 {
		t.Errorf("%d mails kept, want 2", got)
	}
}

// TestCloseIsOrderly: an idle connection does not hold up the end, and the
// next mail is told to wait rather than left in doubt.
func TestCloseIsOrderly(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	s := sender(t, port)
	send(t, s, "derya@kule.example", message(1))
	_, err := s.Send(t.Context(), "peyk@kule.example", "derya@kule.example", message(2), func(ctx context.Context) error {
		return box.Close(ctx) // after RCPT, before DATA
	})
	if class := report.ClassOf(err); class != report.Transient && class != report.Throttled {
		t.Errorf("a mail while closing: %v, want Transient or Throttled", err)
	}
	if _, err := s.Send(t.Context(), "peyk@kule.example", "derya@kule.example", message(3), goAhead); report.ClassOf(err) != report.Transient {
		t.Errorf("a mail after closing: %v, want Transient", err)
	}
}

// TestCloseDoesNotWaitForSlowSenders: a mail that is half here is not waited
// for; its sender is told, or left before the final dot.
func TestCloseDoesNotWaitForSlowSenders(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text := textproto.NewConn(conn)
	for _, command := range []string{"", "EHLO x", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA"} {
		if command != "" {
			text.PrintfLine("%s", command)
		}
		if _, _, err := text.ReadResponse(0); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
	text.PrintfLine("Subject: half a mail")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := box.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if code, said, err := text.ReadResponse(2); err == nil {
		t.Errorf("half a mail was answered %d %s", code, said)
	}
	if kept := box.Messages(nil); len(kept) != 0 {
		t.Errorf("half a mail was kept: %v", kept)
	}
}

func TestWaitGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := box.Wait(ctx, nil); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v, want the context's error", err)
	}
	found := make(chan mailbox.Summary)
	go func() {
		m, err := box.Wait(t.Context(), mailbox.SentTo("murat"))
		if err != nil {
			t.Error(err)
		}
		found <- m
	}()
	s := sender(t, port)
	send(t, s, "derya@kule.example", message(1))
	send(t, s, "murat@kule.example", message(2))
	if m := <-found; m.Subject != "mail 2" {
		t.Errorf("waited for %+v, want mail 2", m)
	}
}

// BenchmarkSend measures one mail from the sender's pool to the synced file.
func BenchmarkSend(b *testing.B) {
	box, err := mailbox.Open(b.Context(), b.TempDir(), mailbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go box.Serve(listener)
	defer box.Close(context.Background())
	s := sender(b, listener.Addr().(*net.TCPAddr).Port)
	msg := append(message(1), []byte(strings.Repeat(strings.Repeat("x", 74)+"\r\n", 1000))...)
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		send(b, s, "derya@kule.example", msg)
	}
}
