package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"peyk/internal/backoffice/reader"
	"peyk/internal/porttest"
)

// reservePort is a port for one process of this test. It stays reserved while
// the process is down, so that it can be started again at the same address.
func reservePort(t testing.TB) int {
	t.Helper()
	p, err := porttest.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p.Number
}

func (f *fleet) addr(name string) string { return fmt.Sprintf("127.0.0.1:%d", f.ports[name]) }

// addrs of all processes of a role.
func (f *fleet) addrs(role string) (all []string) {
	for _, name := range f.names(role) {
		all = append(all, f.addr(name))
	}
	return all
}

// url is where others find a role: the process itself, or what stands in front
// of several.
func (f *fleet) url(role string) string {
	if f.each == 1 || len(f.names(role)) == 1 {
		return "http://" + f.addr(role)
	}
	if f.fronts[role] == nil {
		f.fronts[role] = newFront(f.t, f.addrs(role))
	}
	return f.fronts[role].url
}

// settings is the one file all processes read.
func (f *fleet) settings() string { return filepath.Join(f.dir, "peyk.yaml") }

// writeSettings says everything once; keys is what the provider signs with.
func (f *fleet) writeSettings(keys ...string) {
	f.t.Helper()
	in := func(name string) string { return strconv.Quote(filepath.Join(f.dir, name)) } // it may contain spaces
	lines := []string{
		"data: " + strconv.Quote(f.dir), "demo: true", "lease: 3s", "mail-unknown-wait: 1s",
		"ledger: " + f.database, "blobs: " + in("company/blobs"),
		"queue: [nats://" + strings.Join(f.addrs("queue"), ", nats://") + "]", fmt.Sprint("queue-replicas: ", len(f.names("queue"))),
		"service-token-file: " + in("service.token"), "cli-token-file: " + in("cli.token"),
		"provider-token-file: " + in("provider.token"), "webhook-token-file: " + in("webhook.token"),
		"api: " + f.url("trigger"), "public-url: " + f.url("web"), "webhook-url: " + f.url("reader") + reader.Path,
		"provider: " + f.url("app"), "provider-files: " + f.url("files"), "provider-network: [127.0.0.0/8]",
		"relay-host: 127.0.0.1", fmt.Sprint("relay-port: ", f.ports["smtp"]), "relay-tls: none",
		"smtp-listen: " + f.addr("smtp"), "mailbox-listen: " + f.addr("mailbox"), f.extra,
	}
	if len(keys) > 0 {
		lines = append(lines, "provider-key: ['"+strings.Join(keys, "', '")+"']")
	}
	if err := os.WriteFile(f.settings(), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// flags are what the processes of one role do not share.
func (f *fleet) flags(name string) []string {
	own := map[string]string{
		"web": "--listen", "trigger": "--api-listen", "reader": "--reader-listen", "app": "--app-listen", "files": "--files-listen",
		"gateway": "--health-listen", "trace": "--health-listen", "queue": "--queue-listen",
	}
	role := roleOf(name)
	flags := []string{"serve", role, "--config", f.settings()}
	if flag := own[role]; flag != "" {
		flags = append(flags, flag, f.addr(name))
	}
	switch {
	case role == "queue" && f.each > 1:
		flags = append(flags, "--data", filepath.Join(f.dir, name), "--queue-name", name, "--cluster-listen", f.addr("cluster of "+name))
		for _, other := range f.names("queue") {
			flags = append(flags, "--cluster-route", f.addr("cluster of "+other))
		}
	case role == "app" && f.each > 1:
		flags = append(flags, "--standby")
	}
	return flags
}
