package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"peyk/internal/backoffice/reader"
	"peyk/internal/node"
	"peyk/internal/protocol"
)

// fleet is every role as a process of its own, on PostgreSQL and a queue
// outside, all reading one file of settings.
type fleet struct {
	*instance
	ports map[string]int

	mu      sync.Mutex
	members map[string]*process // those that should run, by role
	watched sync.WaitGroup
}

// The roles in the order they are started: each finds what it needs.
var (
	floorRoles    = []string{"queue", "mailbox"}
	providerRoles = []string{"app", "files"}
	companyRoles  = []string{"trigger", "web", "gateway", "reader", "trace"}
)

func apart(i *instance) world {
	f := &fleet{instance: i, members: map[string]*process{}, ports: map[string]int{}}
	for _, name := range []string{"queue", "smtp", "mailbox", "app", "files", "trigger", "web", "reader", "gateway", "trace"} {
		f.ports[name] = freePort(i.t)
	}
	return f
}

// portNumbers are given out in turn, from below those the kernel gives out by
// itself: a process that comes back finds its own still free.
var portNumbers = struct {
	sync.Mutex
	next int
}{next: 20_000 + os.Getpid()%100*100}

func freePort(t testing.TB) int {
	t.Helper()
	portNumbers.Lock()
	defer portNumbers.Unlock()
	for range 10_000 {
		portNumbers.next++
		if portNumbers.next > 32_000 {
			portNumbers.next = 20_000
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", portNumbers.next))
		if err == nil {
			_ = l.Close() // it was only tried
			return portNumbers.next
		}
	}
	t.Fatal("no port is free")
	return 0
}

func (f *fleet) addr(name string) string { return fmt.Sprintf("127.0.0.1:%d", f.ports[name]) }
func (f *fleet) url(name string) string  { return "http://" + f.addr(name) }

// settings is the one file all processes read.
func (f *fleet) settings() string { return filepath.Join(f.dir, "peyk.yaml") }

// writeSettings says everything once; keys is what the provider signs with.
func (f *fleet) writeSettings(database string, keys ...string) {
	f.t.Helper()
	in := func(name string) string { return filepath.Join(f.dir, name) }
	lines := []string{
		"data: " + f.dir, "demo: true", "lease: 3s", "mail-unknown-wait: 1s",
		"ledger: " + database, "blobs: " + in("company/blobs"),
		"queue: [nats://" + f.addr("queue") + "]", "queue-listen: " + f.addr("queue"),
		"service-token-file: " + in("service.token"), "cli-token-file: " + in("cli.token"),
		"provider-token-file: " + in("provider.token"), "webhook-token-file: " + in("webhook.token"),
		"listen: " + f.addr("web"), "api-listen: " + f.addr("trigger"), "api: " + f.url("trigger"), "public-url: " + f.url("web"),
		"reader-listen: " + f.addr("reader"), "webhook-url: " + f.url("reader") + reader.Path,
		"provider: " + f.url("app"), "provider-files: " + f.url("files"), "provider-network: [127.0.0.0/8]",
		"app-listen: " + f.addr("app"), "files-listen: " + f.addr("files"),
		"relay-host: 127.0.0.1", fmt.Sprint("relay-port: ", f.ports["smtp"]), "relay-tls: none",
		"smtp-listen: " + f.addr("smtp"), "mailbox-listen: " + f.addr("mailbox"),
	}
	if len(keys) > 0 {
		lines = append(lines, "provider-key: ['"+strings.Join(keys, "', '")+"']")
	}
	if err := os.WriteFile(f.settings(), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) start(args []string) run {
	f.t.Helper()
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		f.t.Fatal(err)
	}
	if _, err := os.Stat(f.settings()); err != nil {
		database := newDatabase(f.t)
		f.writeSettings(database)
		f.ensure(args, floorRoles...)
		f.ensure(args, providerRoles...)
		f.writeSettings(database, f.providerKey())
	}
	f.ensure(args, floorRoles...)
	f.ensure(args, providerRoles...)
	f.ensure(args, "trigger") // makes the people web shows on its first page
	f.ensure(args, companyRoles...)
	return f.writeRun()
}

// providerKey is the public half of what the app made at its first start.
func (f *fleet) providerKey() string {
	f.t.Helper()
	raw, err := os.ReadFile(filepath.Join(f.dir, "provider", "webhook.key"))
	if err != nil {
		f.t.Fatal(err)
	}
	key, err := protocol.ParseSigningKey("webhook", string(raw))
	if err != nil {
		f.t.Fatal(err)
	}
	return key.Public().String()
}

// ensure starts those that do not run, and waits until each is ready.
func (f *fleet) ensure(args []string, roles ...string) {
	f.t.Helper()
	for _, role := range roles {
		f.mu.Lock()
		if f.members[role] == nil {
			f.launchRole(role, args)
		}
		f.mu.Unlock()
	}
	for _, role := range roles {
		f.eventually(role+" to be ready", func() bool { return f.ready(role) })
	}
}

// launchRole starts one and watches over it: a process that dies is started
// again, as systemd would. Called with f.mu held.
func (f *fleet) launchRole(role string, args []string) {
	flags := []string{"serve", role, "--config", f.settings()}
	if role == "gateway" || role == "trace" {
		flags = append(flags, "--health-listen", f.addr(role))
	}
	p := launch(f.t, f.log, append(flags, args...)...)
	f.members[role] = p
	f.watched.Go(func() {
		<-p.gone
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.members[role] == p {
			f.launchRole(role, args)
		}
	})
}

// ready asks the process itself; the queue and the mailbox only whether they
// answer.
func (f *fleet) ready(role string) bool {
	switch role {
	case "queue", "mailbox":
		conn, err := net.DialTimeout("tcp", f.addr(role), time.Second)
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	}
	resp, err := f.http.Get(f.url(role) + "/readyz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusNoContent
}

// writeRun writes what `peyk up` would, for the command line.
func (f *fleet) writeRun() (r run) {
	f.t.Helper()
	token, err := os.ReadFile(filepath.Join(f.dir, "cli.token"))
	if err != nil {
		f.t.Fatal(err)
	}
	out := node.Run{
		URLs: node.URLs{
			Web: f.url("web"), API: f.url("trigger") + "/api/v1", Mailbox: f.url("mailbox"), SMTP: f.addr("smtp"),
			Reader: f.url("reader") + reader.Path, Provider: f.url("app"), Files: f.url("files"),
		},
		PIDs:  node.PIDs{Company: f.pid("trigger"), Provider: f.pid("app")},
		Token: strings.TrimSpace(string(token)), ActsAs: "derya", Admin: "cagri", Demo: true, StartedAt: time.Now(),
	}
	raw, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(f.runFile(), raw, 0o600)
	}
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *fleet) pid(role string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.members[role]; p != nil {
		return p.Process.Pid
	}
	return 0
}

func (f *fleet) alive() bool { return f.pid("trigger") != 0 }

// end ends the company's processes, all at once.
func (f *fleet) end(s os.Signal) error { return f.endRoles(s, companyRoles...) }

func (f *fleet) endRoles(s os.Signal, roles ...string) (err error) {
	f.mu.Lock()
	var ending []*process
	for _, role := range roles {
		if p := f.members[role]; p != nil {
			ending = append(ending, p)
			delete(f.members, role) // nobody starts it again
		}
	}
	f.mu.Unlock()
	for _, p := range ending {
		_ = p.Process.Signal(s) // it may be dead already
	}
	for _, p := range ending {
		if e := p.wait(); err == nil {
			err = e
		}
	}
	if s != syscall.SIGKILL {
		_ = os.Remove(f.runFile())
	}
	return err
}

func (f *fleet) stop() {
	if err := f.endRoles(syscall.SIGTERM, slices.Concat(companyRoles, providerRoles, []string{"mailbox"}, []string{"queue"})...); err != nil {
		f.t.Errorf("orderly stop of provider, mailbox and queue: %v", err)
	}
	f.watched.Wait()
}

func (f *fleet) provider() int { return f.pid("app") }

func (f *fleet) killProvider() { f.signalRoles(syscall.SIGKILL, providerRoles...) }

func (f *fleet) holdProvider(hold bool) {
	s := syscall.SIGCONT
	if hold {
		s = syscall.SIGSTOP
	}
	f.signalRoles(s, providerRoles...)
}

// signalRoles leaves the rest to who watches over them.
func (f *fleet) signalRoles(s syscall.Signal, roles ...string) {
	for _, role := range roles {
		if pid := f.pid(role); pid != 0 {
			_ = syscall.Kill(pid, s) // it may be dead already
		}
	}
}

func (f *fleet) samples() string { return filepath.Join(f.dir, "provider", "demo") }
