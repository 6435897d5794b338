package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	mathbig "math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/reader"
)

// The addresses of the two companies on the wire between them.
const (
	ourAddress   = "10.77.0.1"
	theirAddress = "10.77.0.2"
)

// TestTwoNetworks puts the two companies into networks of their own that one
// wire joins, as the internet would. All that crosses it is HTTP over TLS; the
// ledger, the queue, the mail and the pages cannot be reached from over there.
func TestTwoNetworks(t *testing.T) {
	t.Parallel()
	ours, theirs := joinedNetworks(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	authority := newAuthority(t, in("ca.pem"))
	authority.issue(t, in("ours"), ourAddress, "127.0.0.1")
	authority.issue(t, in("theirs"), theirAddress)
	log := &tail{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the servers' log:\n%s", log)
		}
	})
	common := []string{
		"--tls-ca", in("ca.pem"), "--provider-token-file", in("provider.token"), "--webhook-token-file", in("webhook.token"), "--demo",
	}
	theirs.serve(t, log, append([]string{
		"app", "files", "--data", in("provider"), "--app-listen", theirAddress + ":8090", "--files-listen", theirAddress + ":8091",
		"--webhook-url", "https://" + ourAddress + ":8082" + reader.Path, "--tls-cert", in("theirs.pem"), "--tls-key", in("theirs.key"),
	}, common...)...)
	until(t, "the provider's key", func() bool { return keyIn(log.String()) != "" })
	ours.serve(t, log, append([]string{
		"web", "trigger", "gateway", "reader", "trace", "mailbox", "--data", in("company"),
		"--listen", "127.0.0.1:8080", "--reader-listen", ourAddress + ":8082", "--tls-cert", in("ours.pem"), "--tls-key", in("ours.key"),
		"--provider", "https://" + theirAddress + ":8090", "--provider-files", "https://" + theirAddress + ":8091",
		"--provider-network", theirAddress + "/32", "--provider-key", keyIn(log.String()), "--cli-token-file", in("cli.token"),
		"--relay-host", "127.0.0.1", "--relay-port", "8026", "--relay-tls", "none",
	}, common...)...)

	peyk := func(args ...string) string {
		return ours.output(t, append(args, "--url", "https://127.0.0.1:8080/api/v1", "--token-file", in("cli.token"), "--tls-ca", in("ca.pem"))...)
	}
	until(t, "the company", func() bool {
		_, err := os.Stat(in("cli.token"))
		return err == nil && strings.Contains(log.String(), "pages https://127.0.0.1:8080")
	})
	out := peyk("request", "tiny.v1", "--wait", "-o", in("tiny.pdf"))
	guid := anyGUID.FindString(out)
	if pdf, err := os.ReadFile(in("tiny.pdf")); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("%v, %.20q is no PDF\n%s", err, pdf, out)
	}
	if journey := peyk("status", guid); !strings.Contains(journey, "DELIVERED") || !strings.Contains(journey, "webhook") {
		t.Errorf("the journey is not what it should be\n%s", journey)
	}
	for port, what := range map[string]string{"8080": "pages", "8025": "mailbox", "8026": "SMTP"} {
		if theirs.reaches(ourAddress + ":" + port) {
			t.Errorf("the provider reaches our %s at port %s", what, port)
		}
	}
	if !theirs.reaches(ourAddress + ":8082") {
		t.Error("the provider does not reach our reader: the wire proves nothing")
	}
}

// network is a network namespace.
type network string

// joinedNetworks makes two with a wire between them.
func joinedNetworks(t *testing.T) (ours, theirs network) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("making networks needs root")
	}
	suffix := fmt.Sprintf("%d", os.Getpid()%100000)
	ours, theirs = network("peyk-c"+suffix), network("peyk-p"+suffix)
	for _, n := range []network{ours, theirs} {
		if out, err := exec.Command("ip", "netns", "add", string(n)).CombinedOutput(); err != nil {
			t.Skipf("this machine does not let us make networks: %v: %s", err, out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", string(n)).Run() }) // its interfaces go with it
	}
	ours.ip(t, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", string(theirs))
	for n, address := range map[network]string{ours: ourAddress, theirs: theirAddress} {
		n.ip(t, "addr", "add", address+"/24", "dev", "wire")
		n.ip(t, "link", "set", "wire", "up")
		n.ip(t, "link", "set", "lo", "up")
	}
	return ours, theirs
}

func (n network) ip(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{"-n", string(n)}, args...)
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v\n%s", args, err, out)
	}
}

// command runs the binary in this network.
func (n network) command(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", string(n), os.Getenv("PEYK_BIN")}, args...)...)
}

// serve runs roles until the test ends.
func (n network) serve(t *testing.T, log *tail, args ...string) {
	t.Helper()
	p := &process{Cmd: n.command(append([]string{"serve"}, args...)...), gone: make(chan struct{})}
	p.Stdout, p.Stderr = log, log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.Wait()
		close(p.gone)
	}()
	t.Cleanup(func() {
		if err := p.end(os.Interrupt); err != nil {
			t.Errorf("orderly stop: %v", err)
		}
	})
}

func (n network) output(t *testing.T, args ...string) string {
	t.Helper()
	out, err := n.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("peyk %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// reaches reports whether something in this network can connect there.
func (n network) reaches(addr string) bool {
	host, port, _ := net.SplitHostPort(addr)
	return exec.Command("ip", "netns", "exec", string(n), "timeout", "60", "bash", "-c", "</dev/tcp/"+host+"/"+port).Run() == nil
}

// until waits for something outside this process.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	(&instance{t: t}).eventually(what, ok)
}

// keyIn is the public key the provider's log tells.
func keyIn(log string) string {
	_, after, _ := strings.Cut(log, `"key":"`)
	key, _, closed := strings.Cut(after, `"`)
	if !closed {
		return ""
	}
	return key
}

// authority vouches for the two companies.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, file string) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: mathbig.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err == nil {
		a.certificate, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, file, "CERTIFICATE", der)
	return a
}

// issue writes a certificate for addresses, and its key.
func (a authority) issue(t *testing.T, base string, addresses ...string) {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: mathbig.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, address := range addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, base+".pem", "CERTIFICATE", der)
	writePEM(t, base+".key", "PRIVATE KEY", private)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
