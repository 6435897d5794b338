package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the table of settings anew")

const page = "../../docs/CONFIGURATION.md"

// The page's table is what the command line itself says: it cannot go stale.
func TestTheSettingsAreDocumented(t *testing.T) {
	const begin, end = "<!-- settings -->\n", "<!-- end of settings -->\n"
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(raw), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the settings", page)
	}
	want := before + begin + table(serveNode(t)) + end + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !*update && string(raw) != want {
		t.Errorf("%s does not say what peyk serve takes; write it anew with: go test ./cmd/peyk -run Documented -update", page)
	}
}

func parserOf(t *testing.T, stderr io.Writer) *kong.Kong {
	t.Helper()
	p, err := newParser(context.Background(), func() {}, io.Discard, stderr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func serveNode(t *testing.T) *kong.Node {
	t.Helper()
	for _, n := range parserOf(t, io.Discard).Model.Children {
		if n.Name == "serve" {
			return n
		}
	}
	t.Fatal("there is no peyk serve")
	return nil
}

// table lists the flags by their groups, in the order of the command's help.
func table(n *kong.Node) string {
	var b strings.Builder
	group := ""
	for _, f := range n.Flags {
		if f.Hidden || f.Group == nil {
			continue
		}
		if f.Group.Title != group {
			group = f.Group.Title
			fmt.Fprintf(&b, "\n### %s\n\n| setting | usual | what |\n|---|---|---|\n", group)
		}
		usual := ""
		if f.HasDefault && f.Default != "" {
			usual = "`" + f.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, usual, strings.ReplaceAll(f.Help, "|", `\|`))
	}
	return b.String() + "\n"
}

// parse reads a command line with a file of settings.
func parse(t *testing.T, content string, args ...string) (*commands, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "peyk.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	p := parserOf(t, io.Discard)
	_, err := p.Parse(append(args, "--config", file))
	return p.Model.Target.Addr().Interface().(*commands), err
}

func TestTheCommandLineComesBeforeTheEnvironmentBeforeTheFile(t *testing.T) {
	t.Setenv("PEYK_LOG_LEVEL", "warn")
	t.Setenv("PEYK_LISTEN", "127.0.0.1:1")
	c, err := parse(t, "log-level: error\nlisten: 127.0.0.1:2\nrelay-port: 25\nqueue: [nats://a:1, nats://b:1]\ndemo: true\nlease: 3s\n",
		"serve", "web", "trigger", "--listen", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	s := c.Serve
	got := fmt.Sprintln(s.Roles, s.LogLevel, s.Listen, s.RelayPort, s.Queue, s.Demo, s.Lease, s.SMTPListen)
	if want := "[web trigger] warn 127.0.0.1:3 25 [nats://a:1 nats://b:1] true 3s 127.0.0.1:8026\n"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

func TestASettingOfAnotherCommandIsNoMistake(t *testing.T) {
	t.Parallel()
	if _, err := parse(t, "provider-key: [a]\n", "up"); err != nil {
		t.Errorf("peyk up refuses a key of peyk serve: %v", err)
	}
	_, err := parse(t, "provider-kay: [a]\n", "serve")
	if err == nil || !strings.Contains(err.Error(), `peyk.yaml:1:1: unknown key "provider-kay"; did you mean "provider-key"?`) {
		t.Errorf("a misspelt key: %v", err)
	}
}
