package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// call sends one HTTP request and holds its status, and a problem's code,
// against what is expected.
func call(ts *testscript.TestScript, s *story, args []string) {
	need, rest := take(ts, args, 4, "http METHOD URL STATUS CODE [@FILE] ['Header: value'...]")
	resp, body := s.exchange(ts, need[0], need[1], rest)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), body, 0o600))
	if strconv.Itoa(resp.StatusCode) != need[2] {
		ts.Fatalf("%s, want %s\n%s", resp.Status, need[2], body)
	}
	if need[3] == "-" {
		return
	}
	var problem struct {
		Code   string
		Status int
	}
	ts.Check(json.Unmarshal(body, &problem))
	media := resp.Header.Get("Content-Type")
	if media != "application/problem+json" || problem.Code != need[3] || problem.Status != resp.StatusCode {
		ts.Fatalf("%s as %s, want the problem %s\n%s", resp.Status, media, need[3], body)
	}
}

// exchange sends one request; calls of the API carry the command line's token.
func (s *story) exchange(ts *testscript.TestScript, method, to string, more []string) (*http.Response, []byte) {
	var body io.Reader
	header := http.Header{"Content-Type": {"application/json"}}
	if r := s.now(); strings.HasPrefix(to, r.URLs.API) {
		header.Set("Authorization", "Bearer "+r.Token)
	}
	for _, arg := range more {
		if file, found := strings.CutPrefix(arg, "@"); found {
			body = strings.NewReader(os.Expand(ts.ReadFile(file), ts.Getenv))
			continue
		}
		name, value, _ := strings.Cut(arg, ": ")
		header.Set(name, value)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, to, body)
	ts.Check(err)
	req.Header = header
	resp, err := s.http.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp, raw
}

// unknownTo asks for GUID and for a GUID nobody has: to WHO both must be the
// same 404, byte for byte.
func unknownTo(ts *testscript.TestScript, s *story, args []string) {
	need, rest := take(ts, args, 3, "unknown-to WHO METHOD PATH [@FILE]")
	more := append(rest, "Peyk-Act-As: "+need[0])
	ask := func(guid string) (*http.Response, []byte) {
		return s.exchange(ts, need[1], s.now().URLs.API+strings.ReplaceAll(need[2], "{guid}", guid), more)
	}
	resp, foreign := ask(ts.Getenv("GUID"))
	other, unknown := ask(newGUID(s.t))
	if resp.StatusCode != http.StatusNotFound || other.StatusCode != http.StatusNotFound || !bytes.Equal(foreign, unknown) {
		ts.Fatalf("a foreign GUID: %s\n%s\na GUID nobody has: %s\n%s", resp.Status, foreign, other.Status, unknown)
	}
}

func signIn(ts *testscript.TestScript, neg bool, args []string) {
	need, _ := take(ts, args, 2, "signin WHO FILE")
	_, err := storyOf(ts).browser(need[0], strings.TrimSpace(ts.ReadFile(need[1])))
	if neg != (err != nil) {
		ts.Fatalf("sign in as %s: %v", need[0], err)
	}
}

func bell(ts *testscript.TestScript, s *story, args []string) {
	need, _ := take(ts, args, 2, "bell WHO TEXT")
	b, err := s.browser(need[0], s.password(need[0]))
	ts.Check(err)
	s.eventually(need[1]+" in the bell", func() bool {
		_, body := b.get("/bell")
		return strings.Contains(string(body), need[1])
	})
}

// browser is a person at the pages, who follows no redirect by itself.
type browser struct {
	i    *instance
	http *http.Client
}

// browser signs in by the form.
func (i *instance) browser(name, password string) (*browser, error) {
	i.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &browser{i: i, http: &http.Client{
		Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	resp, _ := b.post("/signin", url.Values{"name": {name}, "password": {password}})
	if resp.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in as %s: %s", name, resp.Status)
	}
	return b, nil
}

// password of one of the sample company's people.
func (i *instance) password(name string) string {
	i.t.Helper()
	raw, err := os.ReadFile(filepath.Join(i.dir, "company", "demo-people.json"))
	if err != nil {
		i.t.Fatal(err)
	}
	var people []struct{ Name, Password string }
	if err := json.Unmarshal(raw, &people); err != nil {
		i.t.Fatal(err)
	}
	for _, p := range people {
		if p.Name == name {
			return p.Password
		}
	}
	i.t.Fatalf("nobody is called %s", name)
	return ""
}

func (b *browser) get(path string) (*http.Response, []byte) {
	b.i.t.Helper()
	return b.read(b.http.Get(b.i.now().URLs.Web + path))
}

func (b *browser) post(path string, form url.Values) (*http.Response, []byte) {
	b.i.t.Helper()
	return b.read(b.http.PostForm(b.i.now().URLs.Web+path, form))
}

func (b *browser) read(resp *http.Response, err error) (*http.Response, []byte) {
	b.i.t.Helper()
	if err != nil {
		b.i.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.i.t.Fatal(err)
	}
	return resp, body
}
