package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs each script of testdata/own on an instance of its own, for
// they stop it, kill it, or start it with flags of theirs. Those of
// testdata/company share one instance: see TestOneCompany. A condition is the
// name of the column, or torture where each test runs in both columns. The
// commands beyond testscript's:
//
//	up [FLAGS]                 start the demo in the column under test; sets WEB, API, MAILBOX, READER, PROVIDER, FILES
//	down                       stop it in an orderly way
//	crash company|provider     end a process with SIGKILL; a provider comes back by itself
//	[!] peyk ARGS              run the binary on this instance; GUID is the last one it printed
//	exit CODE peyk ARGS        the same, ending with CODE
//	until GUID NAME            wait for a row of the journal
//	steps GUID                 hold the journal against the thirteen steps
//	letters GUID N             there are exactly so many letters
//	mailbox GUID WHO BASE      wait for a letter; write BASE.raw, .txt, .html and, attached, .pdf
//	bell WHO TEXT              sign in and wait until the bell says TEXT
//	[!] signin WHO FILE        sign in with the password in FILE
//	http METHOD URL STATUS CODE [@FILE] ['Header: value'...]
//	                           write the body to answer; CODE is a problem's, or -
//	unknown-to WHO METHOD PATH [@FILE]
//	                           PATH with {guid} answers as for a GUID nobody has
//	json FILE PATH VALUE       a value in a JSON document; stdout is a FILE
//	freeze provider, thaw provider
//	                           stop its process as it is, and let it go on
//	mode BITS FILE             permissions of a file
//	big FILE SIZE              a JSON document of so many bytes
//	find NAME WHAT [ARG]       set NAME to: token, deadport, hostport URL, file STATUS
//
// The server's log lies in server.log.
func TestStories(t *testing.T) {
	t.Parallel()
	for name, c := range columns() {
		t.Run(name, func(t *testing.T) {
			tellStories(t, name, "testdata/own", func(e *testscript.Env, t testing.TB) (*story, error) { return ownStory(e, t, c) })
		})
	}
}

// tellStories runs the scripts of a directory; begin makes what each works on.
func tellStories(t *testing.T, column, dir string, begin func(*testscript.Env, testing.TB) (*story, error)) {
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			s, err := begin(e, e.T().(testing.TB)) // testscript hands down the *testing.T of the script
			if err != nil {
				return err
			}
			return s.setUp(e)
		},
		Condition: func(cond string) (bool, error) {
			return cond == column || cond == "torture" && everyColumn(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"up": plain(up), "down": alone(down), "crash": alone(crash),
			"peyk": peyk, "exit": plain(exit), "until": plain(untilRow), "steps": plain(steps),
			"letters": plain(letters), "mailbox": plain(mailbox), "bell": plain(bell), "signin": signIn,
			"http": plain(call), "unknown-to": plain(unknownTo), "json": plain(jsonValue),
			"mode": plain(mode), "freeze": alone(freeze), "thaw": alone(thaw), "big": plain(big), "find": plain(find),
		},
	})
}

// story is what the commands of one script share.
type story struct {
	*instance
	shared bool   // other scripts use the instance at the same time
	frozen bool   // the provider is held
	guid   string // of the last request the command line spoke of
}

type storyKey struct{}

// ownStory has an instance that the script starts.
func ownStory(e *testscript.Env, t testing.TB, c column) (*story, error) {
	s := &story{instance: newInstance(t, c, filepath.Join(e.WorkDir, "data"))}
	log, err := os.Create(filepath.Join(e.WorkDir, serverLog))
	if err != nil {
		return nil, err
	}
	s.log.also = log
	e.Defer(func() {
		s.thaw()
		s.explain()
		s.end()
		_ = log.Close() // its end is in the tail too
	})
	return s, nil
}

// sharedStory has one that runs already.
func sharedStory(e *testscript.Env, t testing.TB, i *instance) (*story, error) {
	s := &story{instance: i.join(t), shared: true}
	e.Defer(s.explain)
	return s, os.Symlink(filepath.Join(i.dir, serverLog), filepath.Join(e.WorkDir, serverLog))
}

const serverLog = "server.log"

// explain shows what became of the last request of a script that failed.
func (s *story) explain() {
	if s.t.Failed() && s.guid != "" && s.world.alive() {
		s.t.Logf("journal of %s:\n%s", s.guid, s.journalOf(s.guid))
	}
}

func (s *story) setUp(e *testscript.Env) error {
	bin, err := filepath.Abs(os.Getenv("PEYK_BIN"))
	if err != nil {
		return err
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	e.Values[storyKey{}] = s
	e.Setenv("PEYK", bin)
	e.Setenv("PEYK_DATA", s.dir) // kong reads --data from it
	e.Setenv("ROOT", root)
	for _, name := range clockVariables {
		if value, set := os.LookupEnv(name); set {
			e.Setenv(name, value)
		}
	}
	return nil
}

// clockVariables are those of scripts/shifted and the time zone. A script starts
// with an empty environment, but must have the clock of the processes that it
// starts.
var clockVariables = []string{"PEYK_CLOCK_SHIFT", "LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "FAKETIME_DONT_RESET", "TZ"}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// plain is a command that knows no !.
func plain(f func(*testscript.TestScript, *story, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command has no opposite")
		}
		f(ts, storyOf(ts), args)
	}
}

// alone is a plain command that would disturb others on the same instance.
func alone(f func(*testscript.TestScript, *story, []string)) func(*testscript.TestScript, bool, []string) {
	return plain(func(ts *testscript.TestScript, s *story, args []string) {
		if s.shared {
			ts.Fatalf("other scripts use this instance: move the script to testdata/own")
		}
		f(ts, s, args)
	})
}

// take splits args into what a command needs and the rest.
func take(ts *testscript.TestScript, args []string, n int, usage string) (need, rest []string) {
	if len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
	return args[:n], args[n:]
}
