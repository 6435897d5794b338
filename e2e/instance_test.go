package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/report"
)

// TestMain builds the binary once where none is named.
func TestMain(m *testing.M) { os.Exit(withBinary(m)) }

func withBinary(m *testing.M) int {
	if os.Getenv("PEYK_BIN") != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "peyk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "peyk")
	build := exec.Command("go", "build", "-o", bin, "peyk/cmd/peyk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build peyk: %v\n%s", err, out)
		return 1
	}
	os.Setenv("PEYK_BIN", bin)
	return m.Run()
}

// patience bounds each wait for something outside this process.
const patience = 90 * time.Second

// instance is a `peyk up` of this test's own.
type instance struct {
	t    testing.TB
	dir  string
	args []string
	http *http.Client

	mu  sync.Mutex
	cmd *exec.Cmd
	run run
	log *tail
}

// run is DIR/run.json as scripts read it.
type run struct {
	URLs  struct{ Web, API, Mailbox, SMTP, Reader, Provider, Files string }
	PIDs  struct{ Company, Provider int }
	Token string
}

// start runs `peyk up --demo` on a fresh directory until the test ends.
func start(t testing.TB, args ...string) *instance {
	t.Helper()
	i := &instance{
		t: t, dir: t.TempDir(), args: args, log: &tail{},
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	i.up()
	t.Cleanup(func() {
		i.down()
		if t.Failed() {
			t.Logf("end of the server's log:\n%s", i.log)
		}
	})
	return i
}

// up starts the company's process, which starts the provider's.
func (i *instance) up() {
	i.t.Helper()
	args := append([]string{
		"up", "--data", i.dir, "--demo", "--listen", "127.0.0.1:0", "--mailbox-listen", "127.0.0.1:0",
		"--smtp-listen", "127.0.0.1:0", "--mail-unknown-wait", "1s",
	}, i.args...)
	cmd := exec.Command(os.Getenv("PEYK_BIN"), args...)
	cmd.Stdout, cmd.Stderr = i.log, i.log
	if err := cmd.Start(); err != nil {
		i.t.Fatalf("start peyk: %v", err)
	}
	i.mu.Lock()
	i.cmd = cmd
	i.mu.Unlock()
	i.eventually("the run file of process "+fmt.Sprint(cmd.Process.Pid), func() bool {
		var r run
		raw, err := os.ReadFile(filepath.Join(i.dir, "run.json"))
		if err != nil || json.Unmarshal(raw, &r) != nil || r.PIDs.Company != cmd.Process.Pid {
			return false
		}
		i.mu.Lock()
		i.run = r
		i.mu.Unlock()
		return true
	})
}

// now is the run file as last read.
func (i *instance) now() run {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.run
}

// down stops the company in an orderly way.
func (i *instance) down() {
	i.mu.Lock()
	cmd := i.cmd
	i.cmd = nil
	i.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may be dead already
	if err := cmd.Wait(); err != nil && !i.t.Failed() {
		i.t.Errorf("orderly stop: %v\n%s", err, i.log)
	}
}

// kill ends the company with SIGKILL.
func (i *instance) kill() {
	i.mu.Lock()
	cmd := i.cmd
	i.cmd = nil
	i.mu.Unlock()
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
}

// killProvider ends the provider's process with SIGKILL.
func (i *instance) killProvider() {
	raw, err := os.ReadFile(filepath.Join(i.dir, "run.json"))
	var r run
	if err != nil || json.Unmarshal(raw, &r) != nil || r.PIDs.Provider == 0 {
		return
	}
	_ = syscall.Kill(r.PIDs.Provider, syscall.SIGKILL) // it may be dead already
}

// eventually looks until ok says yes. Another process gives no signal to wait
// for, so it looks often and gives up late.
func (i *instance) eventually(what string, ok func() bool) {
	i.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			i.t.Fatalf("waited %s in vain for %s\n%s", patience, what, i.log)
		}
	}
}

// call sends one request to the API. status 0: nobody answered.
func (i *instance) call(ctx context.Context, method, path, as string, in, out any) (status int) {
	i.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			i.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r := i.now()
	req, err := http.NewRequestWithContext(ctx, method, r.URLs.API+path, body)
	if err != nil {
		i.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	if as != "" {
		req.Header.Set("Peyk-Act-As", as)
	}
	resp, err := i.http.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if out != nil && json.Unmarshal(raw, out) != nil {
		return 0
	}
	return resp.StatusCode
}

// status is what these tests read of a request.
type status struct {
	GUID       string
	State      report.State
	Outcome    report.Outcome
	Failure    *report.Failure
	Generation int
	Files      []struct {
		Name, SHA256 string
		BlobKey      string `json:"blob_key"`
	}
	Recipients []struct {
		Account, Mail string
		Flagged       bool
	}
	Journal []report.Entry
}

func (i *instance) status(guid string) (st status) {
	i.t.Helper()
	i.call(i.t.Context(), http.MethodGet, "/requests/"+guid, "", nil, &st)
	return st
}

// request asks for a report until it is answered 202, as a careful client
// would: the GUID keeps it one.
func (i *instance) request(ctx context.Context, kind string, parameters map[string]any) (guid string) {
	i.t.Helper()
	guid = newGUID(i.t)
	i.submit(ctx, guid, kind, parameters)
	return guid
}

// submit reports whether the request was answered 202 before ctx ended.
func (i *instance) submit(ctx context.Context, guid, kind string, parameters map[string]any) bool {
	i.t.Helper()
	if parameters == nil {
		parameters = map[string]any{}
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		body := map[string]any{"guid": guid, "type": kind, "parameters": parameters}
		switch s := i.call(ctx, http.MethodPost, "/requests", "", body, nil); s {
		case http.StatusAccepted:
			return true
		case 0, http.StatusServiceUnavailable: // down, or not ready: again
		default:
			i.t.Errorf("request %s of %s: status %d", guid, kind, s)
			return false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// delivered waits until the request is over and refuses any end but DELIVERED.
func (i *instance) delivered(guid string) (st status) {
	i.t.Helper()
	i.eventually("the end of "+guid, func() bool {
		st = i.status(guid)
		return st.State.Terminal()
	})
	if st.State != report.Delivered {
		i.t.Errorf("%s ended %s: %+v\n%s", guid, st.State, st.Failure, journal(st))
	}
	return st
}

func journal(st status) string {
	var b strings.Builder
	for _, e := range st.Journal {
		fmt.Fprintf(&b, "%3d %s %-13s %-4s %s %v\n", e.Seq, e.At.Format("15:04:05.000000"), e.Role, e.Kind, e.Name, e.Evidence)
	}
	return b.String()
}

// message is a letter in the built-in mailbox.
type message struct {
	ID, GUID, Subject string
	MessageID         string `json:"message_id"`
}

// mails lists the letters about a request; "" lists all.
func (i *instance) mails(guid string) []message {
	i.t.Helper()
	var list struct{ Messages []message }
	resp, err := i.http.Get(i.now().URLs.Mailbox + "/api/messages?guid=" + guid)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		i.t.Fatalf("read the mailbox: %v", err)
	}
	return list.Messages
}

// get fetches bytes from the mailbox.
func (i *instance) get(path string) []byte {
	i.t.Helper()
	resp, err := i.http.Get(i.now().URLs.Mailbox + path)
	if err != nil {
		i.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		i.t.Fatalf("GET %s: %s %v", path, resp.Status, err)
	}
	return raw
}

func newGUID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7FromReader(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// tail keeps the end of a log.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailSize {
		t.buf = append([]byte(nil), t.buf[len(t.buf)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf[max(0, len(t.buf)-tailSize):])
}
