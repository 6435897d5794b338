package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"peyk/internal/node"
	"peyk/internal/protocol"
)

// server says which running Peyk a command talks to.
type server struct {
	Data      string `help:"Data directory of the running instance." default:"data" type:"path"`
	URL       string `help:"Address of the API instead, e.g. https://peyk.example/api/v1." name:"url" placeholder:"URL"`
	TokenFile string `help:"File with the token for --url." type:"existingfile" placeholder:"FILE"`
	TLSCA     string `help:"Authorities believed beside the system's, PEM." name:"tls-ca" type:"existingfile" placeholder:"FILE"`
	As        string `help:"Act as somebody else (with --demo only)." placeholder:"NAME"`
	JSON      bool   `help:"Print JSON." name:"json"`
}

// client calls the API.
type client struct {
	base, token, as string
	http            *http.Client
	dir             string   // of the instance; "" with --url
	run             node.Run // zero with --url
}

// refresh learns where the instance is now: a restart may have moved it.
func (c *client) refresh() {
	if run, err := node.ReadRun(c.dir); c.dir != "" && err == nil {
		c.run, c.base, c.token = run, run.URLs.API, run.Token
	}
}

func (s server) client() (*client, error) {
	roots, err := node.Roots(s.TLSCA)
	if err != nil {
		return nil, err
	}
	c := &client{as: s.As, http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
	}}}
	if s.URL == "" {
		run, err := node.ReadRun(s.Data)
		if err != nil {
			return nil, err
		}
		c.run, c.base, c.token, c.dir = run, run.URLs.API, run.Token, s.Data
		return c, nil
	}
	if s.TokenFile == "" {
		return nil, errors.New("--url needs --token-file")
	}
	raw, err := os.ReadFile(s.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	c.base, c.token = strings.TrimSuffix(s.URL, "/"), strings.TrimSpace(string(raw))
	return c, nil
}

// call sends one request and decodes its answer into out (nil: none wanted).
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	resp, err := c.open(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("%w to the end of %s %s: %w", errUnreachable, method, path, err)
	}
	return nil
}

// open sends one request; the caller closes the body of a good answer. A bad
// one is a *protocol.Problem.
func (c *client) open(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", protocol.MediaJSON)
	req.Header.Set("User-Agent", "peyk-cli")
	if c.as != "" {
		req.Header.Set("Peyk-Act-As", c.as)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w at %s; is it running? (%w)", errUnreachable, c.base, err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, readProblem(resp)
}

// again reports whether asking again may help: nobody answered, or somebody who
// is starting or stopping.
func again(err error) bool {
	var problem *protocol.Problem
	if errors.As(err, &problem) {
		return problem.Status >= http.StatusInternalServerError
	}
	return errors.Is(err, errUnreachable)
}

// errUnreachable says that no server answered, or not to the end.
var errUnreachable = errors.New("no Peyk answers")

func readProblem(resp *http.Response) error {
	p := &protocol.Problem{}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, protocol.MaxAnswerBody))
	if err != nil || json.Unmarshal(raw, p) != nil || p.Code == "" {
		return &protocol.Problem{Title: resp.Status, Status: resp.StatusCode, Code: "unreadable", Detail: resp.Status}
	}
	for _, e := range p.Errors {
		p.Detail += fmt.Sprintf("\n  %s %s", strings.TrimPrefix(e.Pointer, "/"), e.Detail)
	}
	return p
}

// printJSON writes v for scripts.
func printJSON(out output, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
