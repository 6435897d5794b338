package e2e

import (
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestASecondSignalLeavesNow stops a company in the middle of a call that gets
// no answer. The first signal closes the doors and waits for the call; the
// second does not wait. The report comes all the same.
func TestASecondSignalLeavesNow(t *testing.T) {
	t.Parallel()
	i := start(t)
	i.world.holdProvider(true)
	guid := i.request(t.Context(), "tiny.v1", nil)
	i.until(guid, "SUBMITTING")
	one := i.world.(*onePeyk)
	p := one.peyk
	_ = p.Process.Signal(syscall.SIGTERM) // it lives
	web := strings.TrimPrefix(i.now().URLs.Web, "http://")
	i.eventually("the listener to close", func() bool {
		conn, err := net.Dial("tcp", web)
		if err == nil {
			conn.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	select {
	case <-p.gone:
		t.Fatal("it left although a call was under way")
	default:
	}
	_ = p.Process.Signal(syscall.SIGTERM)
	i.world.holdProvider(false)       // else it lives on, and holds the log open
	err := one.end(syscall.Signal(0)) // no signal: it only waits
	var ended *exec.ExitError
	if !errors.As(err, &ended) || !ended.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("after the second signal: %v; want that it ended by it", err)
	}
	i.up()
	i.delivered(guid)
}
