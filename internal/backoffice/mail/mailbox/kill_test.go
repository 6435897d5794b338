package mailbox_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"peyk/internal/backoffice/mail/mailbox"
)

// victimDir, when set, turns the test binary into a mailbox on that
// directory, to be killed.
const victimDir = "MAILBOX_VICTIM_DIR"

func beVictim(dir string) {
	box, err := mailbox.Open(context.Background(), dir, mailbox.Options{})
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(box.Serve(listener))
}

// TestKilledMailboxKeepsWhatItAnswered kills a mailbox again and again while
// several senders write to it, and looks for every mail that got its 250.
func TestKilledMailboxKeepsWhatItAnswered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	answered := map[string]int{} // Message-ID by mail number
	for round := range 4 {
		for _, n := range sendUntilKilled(t, dir, round) {
			answered[fmt.Sprintf("<%d@kule.example>", n)] = n
		}
	}
	box, err := mailbox.Open(t.Context(), dir, mailbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(t.Context())
	kept := map[string]string{}
	for _, m := range box.Messages(nil) {
		kept[m.MessageID] = m.ID
	}
	for messageID, n := range answered {
		id, ok := kept[messageID]
		if !ok {
			t.Errorf("mail %d was answered and is gone", n)
			continue
		}
		if raw := fetch(t, box, "/api/messages/"+id+"/raw").Body.String(); raw != string(message(n)) {
			t.Errorf("mail %d was answered and is damaged: %q", n, raw)
		}
	}
	if len(answered) < 4*killAfter {
		t.Errorf("only %d mails were answered", len(answered))
	}
}

const killAfter = 20

// sendUntilKilled gives the numbers of the mails that were answered.
func sendUntilKilled(t *testing.T, dir string, round int) []int {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer victim.Wait() // an error: it was killed
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		victim.Process.Kill()
		t.Fatalf("the mailbox did not start: %v", err)
	}
	port, _ := strconv.Atoi(strings.TrimSpace(line))

	s := sender(t, port)
	var mu sync.Mutex
	var answered []int
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				n := round*100_000 + worker*10_000 + i
				if _, err := s.Send(t.Context(), "peyk@kule.example", "derya@kule.example", message(n), goAhead); err != nil {
					return // killed
				}
				mu.Lock()
				answered = append(answered, n)
				enough := len(answered) == killAfter
				mu.Unlock()
				if enough {
					victim.Process.Kill()
				}
			}
		})
	}
	wg.Wait()
	return answered
}
