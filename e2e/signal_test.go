package e2e

import (
	"net/http"
	"syscall"
	"testing"
	"time"
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
	i.eventually("the doors to close", func() bool { return i.call(t.Context(), http.MethodGet, "/catalog", "", nil, nil) == 0 })
	select {
	case <-p.gone:
		t.Fatal("it left although a call was under way")
	default:
	}
	began := time.Now()
	if err := one.end(syscall.SIGTERM); err == nil || time.Since(began) > stopTime/4 {
		t.Errorf("the second signal ended it after %s: %v", time.Since(began), err)
	}
	i.up()
	i.delivered(guid)
}
