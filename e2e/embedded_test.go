package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// onePeyk is `peyk up`: the company in one process, which starts the provider's.
type onePeyk struct {
	*instance

	mu   sync.Mutex
	peyk *process // nil: not running
}

func embedded(i *instance) world { return &onePeyk{instance: i} }

func (o *onePeyk) start(args []string) (r run) {
	o.t.Helper()
	p := launch(o.t, o.log, append([]string{
		"up", "--data", o.dir, "--demo", "--listen", "127.0.0.1:0", "--mailbox-listen", "127.0.0.1:0",
		"--smtp-listen", "127.0.0.1:0", "--mail-unknown-wait", "1s",
	}, args...)...)
	o.mu.Lock()
	o.peyk = p
	o.mu.Unlock()
	o.eventually("the run file of process "+fmt.Sprint(p.Process.Pid), func() bool {
		select {
		case <-p.gone:
			o.t.Fatalf("peyk up ended: %v\n%s", p.err, o.log)
		default:
		}
		raw, err := os.ReadFile(o.runFile())
		return err == nil && json.Unmarshal(raw, &r) == nil && r.PIDs.Company == p.Process.Pid
	})
	return r
}

func (o *onePeyk) alive() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.peyk != nil
}

func (o *onePeyk) end(s os.Signal) error {
	o.mu.Lock()
	p := o.peyk
	o.peyk = nil
	o.mu.Unlock()
	return p.end(s)
}

func (o *onePeyk) stop() {} // the provider ends with the company

func (o *onePeyk) provider() int {
	var r run
	raw, err := os.ReadFile(o.runFile())
	if err != nil || json.Unmarshal(raw, &r) != nil {
		return 0
	}
	return r.PIDs.Provider
}

func (o *onePeyk) killProvider() { o.signalProvider(syscall.SIGKILL) }

func (o *onePeyk) holdProvider(hold bool) {
	if hold {
		o.signalProvider(syscall.SIGSTOP)
		return
	}
	o.signalProvider(syscall.SIGCONT)
}

func (o *onePeyk) signalProvider(s syscall.Signal) {
	if pid := o.provider(); pid != 0 {
		_ = syscall.Kill(pid, s) // it may be dead already
	}
}

func (o *onePeyk) samples() string { return filepath.Join(o.dir, "demo") }
