package trigger_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/protocol/protocoltest"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

// world is a station on a ledger in memory, held against its contract.
type world struct {
	tb      testing.TB
	ledger  ledger.Ledger
	station *trigger.Station
	log     *logtest.Log
	door    http.Handler
	now     time.Time
	down    error                     // of the ledger
	queue   error                     // of the queue
	faulty  func(ledger.Tx) ledger.Tx // lets single calls of a transaction fail, if not nil
	viewing func() error              // asked before each view, if not nil
	blobs   *blob.Dir
	events  atomic.Int64
	commits atomic.Int64 // by the station
	made    int
	hash    string // of oldPassword
}

// oldPassword is everybody's, until they change it.
const oldPassword = "correct horse battery"

func (w *world) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	if w.down != nil {
		return w.down
	}
	err := w.ledger.Update(ctx, func(tx ledger.Tx) error {
		if w.faulty != nil {
			tx = w.faulty(tx)
		}
		return fn(tx)
	})
	if err == nil {
		w.commits.Add(1)
	}
	return err
}

func (w *world) View(ctx context.Context, fn func(ledger.View) error) error {
	if w.viewing != nil {
		if err := w.viewing(); err != nil {
			return err
		}
	}
	return w.ledger.View(ctx, fn)
}

func (w *world) Publish(context.Context, event.Event) error {
	w.events.Add(1)
	return w.queue
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldKeeping(tb, time.Hour)
}

func newWorldKeeping(tb testing.TB, keep time.Duration) *world {
	tb.Helper()
	return newWorldOn(tb, keep, func(now func() time.Time) ledger.Ledger { return mem.New(now) })
}

func newWorldOn(tb testing.TB, keep time.Duration, open func(now func() time.Time) ledger.Ledger) *world {
	tb.Helper()
	w := &world{tb: tb, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), log: logtest.New(tb, "trigger")}
	w.ledger = open(func() time.Time { return w.now })
	passwords, err := access.NewPasswords(access.Cost{Memory: 8, Time: 1, Threads: 1}, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	if w.hash, err = passwords.Hash(oldPassword); err != nil {
		tb.Fatal(err)
	}
	if w.blobs, err = blob.OpenDir(tb.Context(), tb.TempDir(), func() time.Time { return w.now }); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = w.blobs.Close() })
	w.station = trigger.New(trigger.Config{
		Store: w, Publish: w, Blobs: w.blobs, Passwords: passwords, Retention: keep,
		Now: func() time.Time { return w.now }, Log: w.log.Logger,
	})
	w.door = contract(tb).Answers(w.station)
	w.write(func(tx ledger.Tx) error {
		for name, roles := range map[string][]string{
			"derya": {access.Requester}, "murat": {access.Requester, access.Approver}, "onur": {access.Operator},
			"ada": {access.Admin}, "deniz": {access.Requester},
		} {
			a := ledger.Account{Name: name, Email: name + "@example.com", Roles: roles, Locale: "tr", TimeZone: "Europe/Istanbul", Password: w.hash}
			token := ledger.Token{Hash: access.Digest(name), Account: name, Scope: access.ScopeCLI}
			if err := errors.Join(tx.PutAccount(a), tx.PutToken(token)); err != nil {
				return err
			}
		}
		return tx.PutCatalog(ledger.Catalog{Body: catalog(tb), At: w.now})
	})
	return w
}

func contract(tb testing.TB) *protocoltest.Contract {
	tb.Helper()
	spec, err := os.ReadFile("openapi.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return protocoltest.Of(tb, spec, "/api/v1/")
}

func catalog(tb testing.TB) json.RawMessage {
	one, hundred := 1.0, 100.0
	kind := protocol.ReportType{
		ID: "top-games.v1", Version: "a", Approval: report.NoApproval, Formats: []string{"pdf"},
		Title:    report.Text{EN: "Top games", TR: "En iyi oyunlar"},
		Sentence: report.Text{EN: "{count} best games of {period}", TR: "En iyi {count} oyun: {period}"},
		Parameters: []protocol.Parameter{
			{Name: "period", Type: protocol.DateRange, Required: true},
			{Name: "count", Type: protocol.Integer, Min: &one, Max: &hundred, Default: json.RawMessage("10")},
		},
	}
	asking := kind
	asking.ID, asking.Approval = "payroll.v1", access.Approver
	body, err := json.Marshal(protocol.Catalog{Types: []protocol.ReportType{kind, asking}})
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func (w *world) write(fn func(ledger.Tx) error) {
	w.tb.Helper()
	if err := w.ledger.Update(context.Background(), fn); err != nil {
		w.tb.Fatal(err)
	}
}

// call sends one request as who and gives the recorded answer.
func (w *world) call(who, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1"+path, bytes.NewBufferString(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	return rec
}

// want calls and checks status and, of a problem, its code.
func (w *world) want(status int, code, who, method, path, body string) *httptest.ResponseRecorder {
	w.tb.Helper()
	rec := w.call(who, method, path, body)
	var p protocol.Problem
	if status >= 400 {
		_ = json.Unmarshal(rec.Body.Bytes(), &p)
	}
	if rec.Code != status || p.Code != code {
		w.tb.Errorf("%s: %s %s %.200s\n got %d %s\nwant %d %s", who, method, path, body, rec.Code, rec.Body, status, code)
	}
	return rec
}

func (w *world) guid() string {
	w.made++
	return fmt.Sprintf("019ab0f2-7c00-7000-8000-%012d", w.made)
}

// ask has derya ask for a report of the type.
func (w *world) ask(kind string) string {
	w.tb.Helper()
	guid := w.guid()
	w.want(http.StatusAccepted, "", "derya", "POST", "/requests", form(guid, kind))
	return guid
}

func form(guid, kind string) string {
	return strings.NewReplacer("G", guid, "K", kind).Replace(`{"guid":"G","type":"K","parameters":{"period":"last-year"}}`)
}
