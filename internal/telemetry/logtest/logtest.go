// Package logtest holds the log of a service against what package telemetry
// promises.
//
// Promise: at the end of a test, each record of its log must have the role of the
// service that wrote it, and the attribute guid if any of its text has a GUID in
// it. About also demands it of records whose text has none.
//
// Limits: the records are those of the test's own logger, at every level.
//
// Failure: a record that breaks the promise fails the test and is printed whole.
package logtest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"testing"

	"peyk/internal/telemetry"
)

// uuid finds a GUID in a record.
var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// Log is the log of one test.
type Log struct {
	*slog.Logger
	tb   testing.TB
	role string

	mu    sync.Mutex
	lines [][]byte
}

// New makes the log of a service, which is checked when the test ends.
func New(tb testing.TB, role string) *Log {
	tb.Helper()
	l := &Log{tb: tb, role: role}
	var err error
	if l.Logger, err = telemetry.NewLog(l, "debug"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.check)
	return l
}

// Write takes one record.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, bytes.Clone(line))
	return len(line), nil
}

// check shows one record of each message that breaks the promise.
func (l *Log) check() {
	shown := map[any]bool{}
	for _, r := range l.records() {
		wrong := r.attrs["role"] != l.role || r.attrs["guid"] == nil && uuid.Match(r.line)
		if message := r.attrs["msg"]; wrong && !shown[message] {
			shown[message] = true
			l.tb.Errorf("want role %s, and guid if it is about a request, in %s", l.role, r.line)
		}
	}
}

// About fails the test unless these messages were logged about the request.
func (l *Log) About(guid string, messages ...string) {
	l.tb.Helper()
	records := l.records()
	for _, want := range messages {
		found := slices.DeleteFunc(slices.Clone(records), func(r record) bool { return r.attrs["msg"] != want })
		if len(found) == 0 {
			l.tb.Errorf("no record %q in\n%s", want, l)
		}
		for _, r := range found {
			if r.attrs["guid"] != guid || r.attrs["role"] != l.role {
				l.tb.Errorf("want guid %s and role %s in %s", guid, l.role, r.line)
			}
		}
	}
}

// String is the whole log.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(bytes.Join(l.lines, nil))
}

// record is one line and its attributes.
type record struct {
	line  []byte
	attrs map[string]any
}

func (l *Log) records() (all []record) {
	l.tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		r := record{line: line}
		if err := json.Unmarshal(line, &r.attrs); err != nil {
			l.tb.Fatalf("%v in %s", err, line)
		}
		all = append(all, r)
	}
	return all
}
