package e2e

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	atOnce    = 3               // instances running side by side
	storyTime = 4 * time.Minute // for all stories together
)

// TestStories runs each script of testdata on an instance of its own. The
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
	slots := make(chan struct{}, atOnce)
	for name, c := range columns() {
		t.Run(name, func(t *testing.T) { tellStories(t, name, c, slots) })
	}
}

func tellStories(t *testing.T, name string, c column, slots chan struct{}) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireUniqueNames: true, Deadline: time.Now().Add(storyTime),
		Setup:     func(e *testscript.Env) error { return setUp(e, c, slots) },
		Condition: func(cond string) (bool, error) { return cond == name, nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"up": plain(up), "down": plain(down), "crash": plain(crash),
			"peyk": peyk, "exit": plain(exit), "until": plain(untilRow), "steps": plain(steps),
			"letters": plain(letters), "mailbox": plain(mailbox), "bell": plain(bell), "signin": signIn,
			"http": plain(call), "unknown-to": plain(unknownTo), "json": plain(jsonValue),
			"mode": plain(mode), "freeze": plain(freeze), "thaw": plain(thaw), "big": plain(big), "find": plain(find),
		},
	})
}

// story is what the commands of one script share.
type story struct {
	*instance
	once   sync.Once
	slots  chan struct{}
	frozen bool   // the provider is held
	guid   string // of the last request the command line spoke of
}

type storyKey struct{}

func setUp(e *testscript.Env, c column, slots chan struct{}) error {
	t := e.T().(testing.TB) // testscript hands down the *testing.T of the script
	bin, err := filepath.Abs(os.Getenv("PEYK_BIN"))
	if err != nil {
		return err
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	s := &story{instance: newInstance(t, c, filepath.Join(e.WorkDir, "data")), slots: slots}
	e.Values[storyKey{}] = s
	log, err := os.Create(filepath.Join(e.WorkDir, "server.log"))
	if err != nil {
		return err
	}
	s.log.also = log
	e.Defer(func() {
		s.thaw()
		if t.Failed() && s.guid != "" && s.world.alive() {
			t.Logf("journal of %s:\n%s", s.guid, s.journalOf(s.guid))
		}
		s.end()
		_ = log.Close() // its end is in the tail too
		if s.started() {
			<-slots
		}
	})
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

// begin waits for this script's turn, once.
func (s *story) begin() { s.once.Do(func() { s.slots <- struct{}{} }) }

// started reports whether the script took its turn; after it there is none.
func (s *story) started() (yes bool) {
	yes = true
	s.once.Do(func() { yes = false })
	return yes
}

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

// take splits args into what a command needs and the rest.
func take(ts *testscript.TestScript, args []string, n int, usage string) (need, rest []string) {
	if len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
	return args[:n], args[n:]
}
