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
	"time"

	"peyk/internal/backoffice/reader"
	"peyk/internal/node"
	"peyk/internal/protocol"
)

// fleet is every role as a process of its own, on PostgreSQL and a queue
// outside, all reading one file of settings.
type fleet struct {
	*instance
	each  int    // how many of each role; more than one stand behind fronts
	extra string // a line more of the settings
	ports map[string]int

	database string
	fronts   map[string]*front

	mu      sync.Mutex
	members map[string]*process // those that should run, by name
	watched sync.WaitGroup
}

// The roles in the order they are started: each finds what it needs.
var (
	floorRoles    = []string{"queue", "mailbox"}
	providerRoles = []string{"app", "files"}
	companyRoles  = []string{"trigger", "web", "gateway", "reader", "trace"}
)

func apart(i *instance) world { return newFleet(i, 1) }

func newFleet(i *instance, each int) *fleet {
	f := &fleet{instance: i, each: each, members: map[string]*process{}, ports: map[string]int{}, fronts: map[string]*front{}}
	for _, role := range slices.Concat(floorRoles, providerRoles, companyRoles, []string{"smtp"}) {
		for _, name := range f.names(role) {
			f.ports[name] = reservePort(i.t)
		}
	}
	for _, name := range f.names("queue") {
		f.ports["cluster of "+name] = reservePort(i.t)
	}
	return f
}

// names are those of a role's processes. Of the queue's servers there are three
// where the others are several; the mailbox stands for the world outside.
func (f *fleet) names(role string) []string {
	n := f.each
	switch {
	case n == 1 || role == "mailbox" || role == "smtp":
		return []string{role}
	case role == "queue":
		n = 3
	}
	names := make([]string, n)
	for k := range names {
		names[k] = fmt.Sprintf("%s-%d", role, k+1)
	}
	return names
}

func roleOf(name string) string {
	role, _, _ := strings.Cut(name, "-")
	return role
}

func (f *fleet) start(args []string) run {
	f.t.Helper()
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		f.t.Fatal(err)
	}
	if _, err := os.Stat(f.settings()); err != nil {
		if f.database == "" {
			f.database = newDatabase(f.t)
		}
		f.writeSettings()
		f.ensure(args, floorRoles...)
		f.ensure(args, providerRoles...)
		f.writeSettings(f.providerKey())
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

// ensure starts those that do not run, and waits until each role is ready.
func (f *fleet) ensure(args []string, roles ...string) {
	f.t.Helper()
	f.mu.Lock()
	for _, role := range roles {
		for _, name := range f.names(role) {
			if f.members[name] == nil {
				f.launchOne(name, args)
			}
		}
	}
	f.mu.Unlock()
	for _, role := range roles {
		for _, name := range f.names(role) {
			f.eventually(name+" to be ready", func() bool { return f.ready(name) })
		}
	}
}

// launchOne starts one and watches over it: a process that dies is started
// again, as systemd would. Called with f.mu held.
func (f *fleet) launchOne(name string, args []string) {
	p := launch(f.t, f.log, append(f.flags(name), args...)...)
	f.members[name] = p
	f.watched.Go(func() {
		<-p.gone
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.members[name] == p {
			f.launchOne(name, args)
		}
	})
}

// ready asks the process itself; the queue and the mailbox only whether they
// answer. Of several apps one works and the others wait.
func (f *fleet) ready(name string) bool {
	switch role := roleOf(name); role {
	case "queue", "mailbox":
		return f.answers(f.addr(name))
	case "app":
		return slices.ContainsFunc(f.addrs(role), f.isReady)
	}
	return f.isReady(f.addr(name))
}

func (f *fleet) answers(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err == nil {
		err = conn.Close()
	}
	return err == nil
}

func (f *fleet) isReady(addr string) bool {
	resp, err := f.http.Get("http://" + addr + "/readyz")
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
		PIDs:  node.PIDs{Company: f.pid(f.names("trigger")[0]), Provider: f.provider()},
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

func (f *fleet) pid(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.members[name]; p != nil {
		return p.Process.Pid
	}
	return 0
}

func (f *fleet) alive() bool { return f.pid(f.names("trigger")[0]) != 0 }

// end ends the company's processes, all at once.
func (f *fleet) end(s os.Signal) error { return f.endRoles(s, companyRoles...) }

// allOf names the processes of roles.
func (f *fleet) allOf(roles []string) (names []string) {
	for _, role := range roles {
		names = append(names, f.names(role)...)
	}
	return names
}

func (f *fleet) endRoles(s os.Signal, roles ...string) (err error) {
	f.mu.Lock()
	var ending []*process
	for _, name := range f.allOf(roles) {
		if p := f.members[name]; p != nil {
			ending = append(ending, p)
			delete(f.members, name) // nobody starts it again
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
	for _, front := range f.fronts {
		front.close()
	}
}

func (f *fleet) provider() int { return f.pid(f.names("app")[0]) }

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
	for _, name := range f.allOf(roles) {
		if pid := f.pid(name); pid != 0 {
			_ = syscall.Kill(pid, s) // it may be dead already
		}
	}
}

func (f *fleet) samples() string { return filepath.Join(f.dir, "provider", "demo") }
