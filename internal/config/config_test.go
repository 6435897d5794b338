package config_test

import (
	"strings"
	"testing"

	"peyk/internal/config"
)

func TestValuesAreWhatWouldBeTyped(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("peyk.yaml", []byte("# a comment\nlisten: 127.0.0.1:8080\nport: 587\ndemo: true\nqueue: [a, 'b,c', 3]\n"),
		[]string{"listen", "port", "demo", "queue", "other"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"listen": "127.0.0.1:8080", "port": "587", "demo": "true", "queue": `a,b\,c,3`} {
		if got, there := f.Lookup(key); got != want || !there {
			t.Errorf("%s is %q, %t, want %q", key, got, there, want)
		}
	}
	if got, there := f.Lookup("other"); there {
		t.Errorf("other is %q, but the file does not have it", got)
	}
}

func TestMistakesSayWhereAndWhatWasMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, want string }{
		"an unknown key": {"ledger: a\nqueu: b\n", `peyk.yaml:2:1: unknown key "queu"; did you mean "queue"?`},
		"a key twice":    {"ledger: a\nledger: b\n", `peyk.yaml:2:1: mapping key "ledger" already defined at [1:1]`},
		"a group":        {"ledger:\n  url: a\n", "peyk.yaml:2:3: text is needed here, not a group of keys"},
		"no settings":    {"- a\n", "a group of keys is needed here, not a list"},
		"no YAML":        {"ledger: [\n", "peyk.yaml:1:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("peyk.yaml", []byte(c.content), []string{"ledger", "queue"})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestAnEmptyFileSaysNothing(t *testing.T) {
	t.Parallel()
	if _, err := config.Parse("peyk.yaml", []byte("\n"), []string{"ledger"}); err != nil {
		t.Error(err)
	}
}
