// SQLite takes minutes to compile for the race detector.
//
//go:build !race

package web_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/web"
	"peyk/internal/report"
)

// crowdEnv names the directory of a web process that BenchmarkPopups measures.
const crowdEnv = "PEYK_CROWD"

// crowd is how many pages are open at once.
const crowd = 1000

// BenchmarkPopups opens a thousand pages of one web process, a process of its
// own with a ledger of SQLite and a queue on disk, and takes the time from the
// commit of a notice to the browser's event, one notice for each page, and what
// the process costs when nothing happens:
//
//	go test ./internal/backoffice/web -run '^$' -bench Popups -benchtime 1x
func BenchmarkPopups(b *testing.B) {
	for name, people := range map[string]int{"of-1000-people": crowd, "of-one-person": 1} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				measureCrowd(b, people)
			}
		})
	}
}

func measureCrowd(b *testing.B, people int) {
	p := startCrowd(b)
	taken := &takings{at: map[string][]time.Time{}, got: make(chan struct{}, crowd*crowd)}
	var cookies []*http.Cookie
	for i := range people {
		cookies = append(cookies, p.signIn(b, fmt.Sprintf("person %d", i)))
	}
	for i := range crowd {
		p.open(b, cookies[i%people], taken)
	}
	rounds := people
	if people == 1 {
		rounds = 30 // each comes to a thousand pages
	}
	idle := p.cpu(b)
	time.Sleep(10 * time.Second) // what is measured is that nothing happens
	idle = p.cpu(b) - idle
	busy := p.cpu(b)
	commits := map[string]time.Time{}
	for i := range rounds {
		if people == 1 {
			time.Sleep(250 * time.Millisecond) // four a second, each a thousand events
		}
		seq, at := p.notice(b, fmt.Sprintf("person %d", i%people))
		commits[seq] = at
	}
	want := rounds * crowd / people
	for range want {
		select {
		case <-taken.got:
		case <-time.After(20 * time.Second):
			b.Fatalf("of %d events %d did not come", want, want-taken.len())
		}
	}
	busy = p.cpu(b) - busy
	late := taken.late(commits)
	for at, name := range map[int]string{len(late) / 2: "p50-ms", len(late) * 99 / 100: "p99-ms", len(late) - 1: "max-ms"} {
		b.ReportMetric(float64(late[at].Microseconds())/1000, name)
	}
	b.ReportMetric(float64(p.rss(b))/1e6, "rss-MB")
	b.ReportMetric(idle.Seconds()*10, "idle-cpu-%")
	b.ReportMetric(busy.Seconds()*1000/float64(rounds), "cpu-ms/notice")
	b.ReportMetric(0, "ns/op")
}

// takings is when which notice came.
type takings struct {
	mu  sync.Mutex
	at  map[string][]time.Time
	n   int
	got chan struct{}
}

func (k *takings) take(id string) {
	now := time.Now()
	k.mu.Lock()
	k.at[id] = append(k.at[id], now)
	k.n++
	k.mu.Unlock()
	k.got <- struct{}{}
}

func (k *takings) len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.n
}

func (k *takings) late(commits map[string]time.Time) []time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []time.Duration
	for id, all := range k.at {
		for _, at := range all {
			out = append(out, at.Sub(commits[id]))
		}
	}
	slices.Sort(out)
	return out
}

// process is the web process.
type process struct {
	cmd *exec.Cmd
	url string
	in  io.WriteCloser
	out *bufio.Reader
	all *http.Transport
}

func startCrowd(b *testing.B) *process {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestCrowdServer$")
	cmd.Env, cmd.Stderr = append(os.Environ(), crowdEnv+"="+b.TempDir()), os.Stderr
	in, err := cmd.StdinPipe()
	must(b, err)
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	p := &process{cmd: cmd, in: in, out: bufio.NewReader(out), all: &http.Transport{MaxIdleConnsPerHost: 8}}
	p.url = p.line(b)
	b.Cleanup(func() {
		p.all.CloseIdleConnections()
		_ = in.Close()
		_ = cmd.Wait()
	})
	return p
}

func (p *process) line(b *testing.B) string {
	b.Helper()
	text, err := p.out.ReadString('\n')
	must(b, err)
	return strings.TrimSpace(text)
}

func (p *process) signIn(b *testing.B, name string) *http.Cookie {
	b.Helper()
	body := strings.NewReader("name=" + strings.ReplaceAll(name, " ", "+") + "&password=" + strings.ReplaceAll(password, " ", "+"))
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.url+"/signin", body)
	must(b, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", name) // each comes from an address of their own
	res, err := p.all.RoundTrip(req)
	must(b, err)
	_ = res.Body.Close()
	if len(res.Cookies()) != 1 {
		b.Fatalf("%s cannot sign in: %s", name, res.Status)
	}
	return res.Cookies()[0]
}

// open opens a page's stream on a connection of its own and waits until it stands.
func (p *process) open(b *testing.B, cookie *http.Cookie, taken *takings) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet,
		p.url+"/events?after=0&drawn="+strconv.FormatInt(time.Now().UnixMilli(), 10), nil)
	must(b, err)
	req.AddCookie(cookie)
	res, err := p.all.RoundTrip(req)
	must(b, err)
	if res.StatusCode != http.StatusOK {
		b.Fatalf("a stream: %s", res.Status)
	}
	b.Cleanup(func() { _ = res.Body.Close() })
	stands := make(chan struct{})
	go func() {
		id, once := "", sync.OnceFunc(func() { close(stands) })
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			switch text := lines.Text(); {
			case strings.HasPrefix(text, "id: "):
				id = text[4:]
			case text == "event: beat" || text == ":":
				once()
			case text == "" && id != "":
				taken.take(id)
				id = ""
			}
		}
	}()
	<-stands
}

// notice has the process commit one and gives its number and when it was committed.
func (p *process) notice(b *testing.B, account string) (seq string, at time.Time) {
	b.Helper()
	_, err := fmt.Fprintln(p.in, account)
	must(b, err)
	seq, nanos, _ := strings.Cut(p.line(b), " ")
	n, err := strconv.ParseInt(nanos, 10, 64)
	must(b, err)
	return seq, time.Unix(0, n)
}

func (p *process) rss(b *testing.B) int64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	must(b, err)
	pages, err := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	must(b, err)
	return pages * int64(os.Getpagesize())
}

// cpu is the time the process has used so far, in hundredths of a second (proc(5), stat).
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	must(b, err)
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		must(b, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// TestCrowdServer is the process BenchmarkPopups measures. For each name on its
// input it commits a notice, tells the queue, and says the number and the time.
func TestCrowdServer(t *testing.T) { //nolint:paralleltest // a process of its own
	dir := os.Getenv(crowdEnv)
	if dir == "" {
		t.Skip("of BenchmarkPopups")
	}
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "ledger.db"), Now: time.Now, Logger: quiet})
	must(t, err)
	defer l.Close()
	q, err := queue.Open(t.Context(), queue.Config{Dir: filepath.Join(dir, "queue"), Log: quiet, Now: time.Now,
		Park: func(context.Context, string, string, uint64, []byte, error) error {
			return errors.New("nothing is parked here")
		}})
	must(t, err)
	defer func() { must(t, q.Close(context.WithoutCancel(t.Context()))) }()
	passwords, err := access.NewPasswords(access.Cost{Memory: 8, Time: 1, Threads: 1}, rand.Reader)
	must(t, err)
	hash, err := passwords.Hash(password)
	must(t, err)
	must(t, l.Update(t.Context(), func(tx ledger.Tx) error { return thePeople(tx, hash) }))
	station, err := web.New(web.Config{Ledger: l, HTTP: http.DefaultClient, Live: q, BehindProxy: true, Passwords: passwords, Now: time.Now, Logger: quiet})
	must(t, err)
	server := httptest.NewServer(station.Handler())
	fmt.Println(server.URL)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		seq, at, err := tellOne(t.Context(), l, q, lines.Text())
		must(t, err)
		fmt.Println(seq, at.UnixNano())
	}
	must(t, station.Close(context.WithoutCancel(t.Context())))
	server.Close()
}

// thePeople are a thousand, each with a report of their own.
func thePeople(tx ledger.Tx, hash string) error {
	for i := range crowd {
		a := ledger.Account{Name: fmt.Sprintf("person %d", i), FullName: "Kişi", Email: "kisi@kule.example", Roles: []string{access.Requester},
			Locale: "tr", TimeZone: "Europe/Istanbul", Password: hash}
		if err := tx.PutAccount(a); err != nil {
			return err
		}
	}
	return nil
}

// tellOne commits a report of somebody's with its notice and publishes the event.
func tellOne(ctx context.Context, l ledger.Ledger, q *queue.JetStream, account string) (seq int64, at time.Time, err error) {
	guid := uuid.Must(uuid.NewV7()).String()
	err = l.Update(ctx, func(tx ledger.Tx) error {
		title := report.Text{EN: "Top games", TR: "En çok olumlu yorum alan oyunlar"}
		r, m, err := report.New(guid, report.Asked{
			Type: "top-games.v1", TypeVersion: "v", Owner: account, OwnerName: account, Approval: report.NoApproval, Title: title, Parameters: []byte("{}"),
			Formats: []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul", Retention: time.Hour, RequestedAt: tx.Now(),
		}, time.Minute, tx.Now())
		if err != nil {
			return err
		}
		if err := ledger.Move(tx, r, m); err != nil {
			return err
		}
		_, err = tx.AddNotice(ledger.Notice{Account: account, GUID: guid, Generation: 1, Subject: ledger.SubjectReady, Title: title, At: tx.Now()})
		return err
	})
	at = time.Now()
	if err == nil {
		err = q.Publish(ctx, event.Event{Type: event.ReportAnnounced, GUID: guid, Generation: 1, Version: 1})
	}
	if err == nil {
		err = l.View(ctx, func(v ledger.View) error {
			list, err := v.Unseen(account, 1)
			if err == nil {
				seq = list[0].Seq
			}
			return err
		})
	}
	return seq, at, err
}
