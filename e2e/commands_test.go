package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"peyk/internal/report"
)

func up(ts *testscript.TestScript, s *story, args []string) {
	switch {
	case !s.shared:
		s.up(args...)
	case len(args) > 0:
		ts.Fatalf("other scripts use this instance: a script with flags belongs to testdata/own")
	}
	urls := s.now().URLs
	for name, url := range map[string]string{
		"WEB": urls.Web, "API": urls.API, "MAILBOX": urls.Mailbox, "READER": urls.Reader, "PROVIDER": urls.Provider, "FILES": urls.Files,
	} {
		ts.Setenv(name, url)
	}
}

func down(_ *testscript.TestScript, s *story, _ []string) { s.down() }

func crash(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 1, "crash company|provider")
	switch need[0] {
	case "company":
		s.kill()
	case "provider":
		old := s.killProvider()
		s.eventually("a provider after process "+strconv.Itoa(old), func() bool {
			pid := s.providerPID()
			return pid != 0 && pid != old && s.reached(s.now().URLs.Provider+"/healthz")
		})
	default:
		ts.Fatalf("nobody is called %s", need[0])
	}
}

// reached reports whether somebody answers there, whatever it is.
func (s *story) reached(url string) bool {
	resp, err := s.http.Get(url)
	if err == nil {
		_ = resp.Body.Close() // only the answer counts
	}
	return err == nil
}

// anyGUID is a UUID as commands print it.
var anyGUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func peyk(ts *testscript.TestScript, neg bool, args []string) {
	code := runPeyk(ts, args)
	if neg != (code != 0) {
		ts.Fatalf("peyk %s: exit code %d", strings.Join(args, " "), code)
	}
}

func exit(ts *testscript.TestScript, _ *story, args []string) {
	need, rest := take(ts, args, 2, "exit CODE peyk ARGS")
	if code := runPeyk(ts, rest); strconv.Itoa(code) != need[0] {
		ts.Fatalf("exit code %d, want %s", code, need[0])
	}
}

func runPeyk(ts *testscript.TestScript, args []string) (code int) {
	err := ts.Exec(ts.Getenv("PEYK"), args...)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		ts.Fatalf("peyk: %v", err)
	}
	if guid := anyGUID.FindString(ts.ReadFile("stdout")); guid != "" {
		storyOf(ts).guid = guid
		ts.Setenv("GUID", guid)
	}
	if ended != nil {
		return ended.ExitCode()
	}
	return 0
}

func untilRow(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 2, "until GUID NAME")
	var st status
	if !s.within(patience, func() bool {
		st = s.status(need[0])
		return slices.ContainsFunc(st.Journal, func(e report.Entry) bool { return e.Name == need[1] })
	}) {
		ts.Fatalf("waited %s in vain for %s\n%s", patience, need[1], journal(st))
	}
}

// steps holds the journal against the thirteen steps: each is there with role,
// time and evidence.
func steps(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 1, "steps GUID")
	st := s.status(need[0])
	seen := map[report.Step]bool{}
	for _, e := range st.Journal {
		if e.Step > 0 && (e.Role == "" || e.At.IsZero() || len(e.Evidence) == 0) {
			ts.Fatalf("step %d lacks role, time or evidence\n%s", e.Step, journal(st))
		}
		seen[e.Step] = true
	}
	for step := report.Step(1); step <= 13; step++ {
		if !seen[step] {
			ts.Fatalf("step %d is missing\n%s", step, journal(st))
		}
	}
	if fault := misordered(st); fault != "" {
		ts.Fatalf("%s\n%s", fault, journal(st))
	}
}

// misordered says what is wrong with the order of a journal: seq rises by one,
// time never falls, a move raises the version by one, and a fact has the
// version before or after the move it was committed with.
func misordered(st status) string {
	var version int64
	for k, e := range st.Journal {
		next := e.Version == version+1
		switch {
		case e.Seq != int64(k)+1:
			return fmt.Sprintf("row %d has the seq %d", k+1, e.Seq)
		case k > 0 && e.At.Before(st.Journal[k-1].At):
			return fmt.Sprintf("row %d is before the one before it", e.Seq)
		case e.Kind == report.KindMove && !next, e.Kind != report.KindMove && !next && e.Version != version:
			return fmt.Sprintf("row %d has the version %d after %d", e.Seq, e.Version, version)
		case e.Kind == report.KindMove:
			version = e.Version
		}
	}
	if version != st.Version {
		return fmt.Sprintf("%d moves, but version %d", version, st.Version)
	}
	return ""
}

func letters(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 2, "letters GUID N")
	if n := len(s.mails(need[0])); strconv.Itoa(n) != need[1] {
		ts.Fatalf("%d letters, want %s", n, need[1])
	}
}

// mailbox writes the newest letter about a request to somebody.
func mailbox(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 3, "mailbox GUID WHO BASE")
	path := "/api/messages?guid=" + need[0] + "&to=" + need[1]
	var list struct{ Messages []message }
	s.eventually("a letter to "+need[1], func() bool {
		ts.Check(json.Unmarshal(s.get(path), &list))
		return len(list.Messages) > 0
	})
	path = "/api/messages/" + list.Messages[0].ID
	var letter struct {
		Text, HTML  string
		Attachments []struct{ N int }
	}
	ts.Check(json.Unmarshal(s.get(path), &letter))
	parts := map[string][]byte{".raw": s.get(path + "/raw"), ".txt": []byte(letter.Text), ".html": []byte(letter.HTML)}
	if len(letter.Attachments) > 0 {
		parts[".pdf"] = s.get(fmt.Sprintf("%s/attachments/%d", path, letter.Attachments[0].N))
	}
	for ext, content := range parts {
		ts.Check(os.WriteFile(ts.MkAbs(need[2]+ext), content, 0o600))
	}
}

// jsonValue looks a value up by a path such as files.0.name.
func jsonValue(ts *testscript.TestScript, _ *story, args []string) {
	need, _ := take(ts, args, 3, "json FILE PATH VALUE")
	var at any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(need[0])), &at))
	for name := range strings.SplitSeq(need[1], ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n < 0 || n >= len(v) {
				ts.Fatalf("%s: no %s in a list of %d", need[1], name, len(v))
			}
			at = v[n]
		default:
			at = nil
		}
	}
	if got := fmt.Sprint(at); got != need[2] {
		ts.Fatalf("%s is %s, want %s", need[1], got, need[2])
	}
}

func mode(ts *testscript.TestScript, _ *story, args []string) {
	need, _ := take(ts, args, 2, "mode BITS FILE")
	info, err := os.Stat(ts.MkAbs(need[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != need[0] {
		ts.Fatalf("%s has the mode %s, want %s", filepath.Base(need[1]), got, need[0])
	}
}

// freeze stops the provider's process as it is: it lives, and says nothing.
func freeze(_ *testscript.TestScript, s *story, _ []string) {
	s.frozen = true
	s.world.holdProvider(true)
}

func thaw(_ *testscript.TestScript, s *story, _ []string) { s.thaw() }

func (s *story) thaw() {
	if s.frozen {
		s.world.holdProvider(false)
	}
	s.frozen = false
}

func big(ts *testscript.TestScript, _ *story, args []string) {
	need, _ := take(ts, args, 2, "big FILE SIZE")
	size, err := strconv.Atoi(need[1])
	ts.Check(err)
	const around = `{"guid": ""}`
	body := strings.Replace(around, `""`, `"`+strings.Repeat("0", size-len(around))+`"`, 1)
	ts.Check(os.WriteFile(ts.MkAbs(need[0]), []byte(body), 0o600))
}

// find sets a variable to something only known now.
func find(ts *testscript.TestScript, s *story, args []string) {
	need, rest := take(ts, args, 2, "find NAME token|deadport|hostport URL|file STATUS")
	switch need[1] {
	case "token":
		ts.Setenv(need[0], s.now().Token)
	case "deadport":
		ts.Setenv(need[0], strconv.Itoa(reservePort(s.t))) // and nothing listens on it
	case "hostport":
		ts.Setenv(need[0], strings.TrimPrefix(rest[0], "http://"))
	case "file":
		var st status
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(rest[0])), &st))
		ts.Setenv(need[0], st.Manifest.Files[0].Name)
	default:
		ts.Fatalf("nothing to find: %s", need[1])
	}
}
