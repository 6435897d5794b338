package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/backoffice/mail"
	"peyk/internal/node"
)

// binary builds the command the children are started from.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peyk")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "peyk/cmd/peyk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build peyk: %v\n%s", err, out)
	}
	return path
}

func config(dir, self string) node.UpConfig {
	const anyPort = "127.0.0.1:0"
	return node.UpConfig{
		Dir: dir, Listen: anyPort, MailboxListen: anyPort, SMTPListen: anyPort, Demo: true,
		From: mail.Person{Name: "Peyk", Address: "peyk@kule.example"}, Retention: time.Hour, Unknown: time.Second,
		LogLevel: "error", Log: slog.New(slog.DiscardHandler), Self: self,
	}
}

// An instance in this very process, so that the race detector sees the whole
// company: it carries journeys, survives its provider and stops in order.
func TestInstance(t *testing.T) {
	dir := t.TempDir()
	in, err := node.Up(t.Context(), config(dir, binary(t)))
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, in)
	if err := syscall.Kill(in.Run().PIDs.Provider, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	deliver(t, in)
	if _, err := node.Up(t.Context(), config(dir, "")); err == nil || !strings.Contains(err.Error(), "another peyk") {
		t.Errorf("a second instance on the directory says %v", err)
	}
	if _, err := node.ReadRun(dir); err != nil {
		t.Errorf("the second instance took the run file away: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := in.Stop(ctx); err != nil {
		t.Errorf("orderly stop: %v", err)
	}
	if _, err := node.ReadRun(dir); err == nil {
		t.Error("the run file is left behind")
	}
}

// deliver asks for a report and waits until it is delivered.
func deliver(t *testing.T, in *node.Instance) {
	t.Helper()
	guid := uuid.Must(uuid.NewV7()).String()
	state := func(method, path, body string) (out struct{ State string }, status int) {
		req, err := http.NewRequestWithContext(t.Context(), method, in.Run().URLs.API+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+in.Run().Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return out, resp.StatusCode
	}
	limit := time.After(time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for sent := false; ; {
		if !sent { // the catalog may not be here yet
			_, status := state(http.MethodPost, "/requests", fmt.Sprintf(`{"guid":%q,"type":"tiny.v1","parameters":{}}`, guid))
			sent = status == http.StatusAccepted
		} else if now, _ := state(http.MethodGet, "/requests/"+guid, ""); now.State == "DELIVERED" {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("request %s did not arrive", guid)
		}
	}
}

func TestTakenPortIsOneClearLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := config(t.TempDir(), "")
	c.Listen = taken.Addr().String()
	_, err = node.Up(t.Context(), c)
	var refused *node.ListenError
	if !errors.As(err, &refused) || !errors.Is(err, syscall.EADDRINUSE) || strings.Contains(refused.Error(), "\n") {
		t.Errorf("a taken port says %v", err)
	}
}

func TestPlainHTTPStaysOnLoopback(t *testing.T) {
	t.Parallel()
	c := config(t.TempDir(), "")
	c.Listen = "0.0.0.0:0"
	if _, err := node.Up(t.Context(), c); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("listening for everybody says %v", err)
	}
	c.BehindProxy = true
	if _, err := node.Up(t.Context(), c); err == nil || !strings.Contains(err.Error(), "--public-url") {
		t.Errorf("a proxy without a public address says %v", err)
	}
}
