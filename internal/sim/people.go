package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// person is somebody with an account.
type person struct {
	name  string
	roles []string
	gone  time.Time
}

func (p *person) email() string { return p.name + "@example.com" }

func (p *person) is(role string) bool { return slices.Contains(p.roles, role) }

// staff is who works at the company.
func staff() []*person {
	return []*person{
		{name: "ayla", roles: []string{access.Requester}},
		{name: "bora", roles: []string{access.Requester}},
		{name: "ceren", roles: []string{access.Requester, access.Approver}},
		{name: "deniz", roles: []string{access.Approver}},
		{name: "emre", roles: []string{access.Operator}},
		{name: "fatma", roles: []string{access.Requester}},
	}
}

// The report types of the simulated provider.
const (
	freeType  = "free.v1"  // nobody needs to approve it
	askedType = "asked.v1" // the approver does
)

// enrol gives everybody an account and a token, and the company its catalog.
func (w *World) enrol() {
	err := w.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		var errs []error
		for _, p := range w.people {
			errs = append(errs,
				tx.PutAccount(ledger.Account{Name: p.name, FullName: p.name, Email: p.email(), Roles: p.roles, Locale: "en", TimeZone: "Europe/Istanbul", At: tx.Now()}),
				tx.PutToken(ledger.Token{Hash: access.Digest(p.name), Account: p.name, Scope: access.ScopeCLI, At: tx.Now()}))
		}
		errs = append(errs, tx.PutCatalog(ledger.Catalog{ETag: catalogETag, Body: w.lab.catalog, At: tx.Now()}))
		return errors.Join(errs...)
	})
	if err != nil {
		panic(err) // a ledger nobody has touched
	}
	w.commits++
}

// leaves is what an admin writes when somebody leaves the company.
func (w *World) leaves(p *person) {
	if !p.gone.IsZero() {
		return
	}
	w.mark("somebody left")
	err := w.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		a, err := tx.Account(p.name)
		a.Gone = true
		return errors.Join(err, tx.PutAccount(a))
	})
	if err != nil {
		panic(err) // the world's own writing is no point
	}
	w.commits++
	p.gone = w.clock.tick()
}

// reply is what a person gets to see; heard is false if no answer came.
type reply struct {
	status int
	body   []byte
	heard  bool
}

// patience is how long a person waits for an answer.
const patience = 30 * time.Second

// asks makes a call to trigger for a person, and writes down what came back.
func (w *World) asks(t *thread, who *person, op, method, guid, path string, content any) reply {
	row := check.Client{At: w.clock.tick(), Who: who.name, Op: op, GUID: guid}
	if f, ok := content.(form); ok {
		row.Type, row.Recipients = f.Type, f.Recipients
	}
	r := w.carry(t, who, method, path, content)
	row.Status = r.status
	if op == check.File && r.status == http.StatusOK {
		sum := sha256.Sum256(r.body)
		row.SHA256 = hex.EncodeToString(sum[:])
	}
	w.log.Clients = append(w.log.Clients, row)
	return r
}

// carry brings the call to a trigger that is up, and its answer back.
func (w *World) carry(t *thread, who *person, method, path string, content any) (r reply) {
	p := w.serving(report.Trigger)
	if p == nil {
		return reply{}
	}
	raw, err := json.Marshal(content)
	if err != nil {
		panic(err) // the world's own forms
	}
	served := w.spawn(p, "trigger "+method+" "+doorOf(path), func(*thread) {
		req, err := http.NewRequest(method, "/api/v1"+path, bytes.NewReader(raw))
		if err != nil {
			panic(err) // the world's own paths
		}
		req.Header.Set("Authorization", "Bearer "+who.name)
		req.Header.Set("Content-Type", "application/json")
		rec := newRecorder()
		if aborted(func() { p.trigger.ServeHTTP(rec, req) }) {
			return
		}
		v := w.enter(answer, "")
		if v.effect && v.fault == "" {
			r = reply{rec.status, rec.body.Bytes(), true}
		}
		_ = w.leave(v, nil) // who asked hears nothing
	})
	w.wait(t, patience, func() bool { return served.ended || served.dead() })
	return r
}

// aborted reports whether a handler broke the connection off on purpose.
func aborted(serve func()) (broke bool) {
	defer func() {
		r := recover()
		if err, ok := r.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			broke = true
			return
		}
		if r != nil {
			panic(r)
		}
	}()
	serve()
	return false
}

// doorOf is the path without what differs from call to call.
func doorOf(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) > 2 {
		return parts[0] + "/" + parts[2]
	}
	return parts[0]
}

// form is what a requester sends.
type form struct {
	GUID       string         `json:"guid"`
	Type       string         `json:"type"`
	Parameters map[string]any `json:"parameters"`
	Recipients []string       `json:"recipients,omitempty"`
}

// newGUID makes a UUIDv7 (RFC 9562, 5.7) of the world's time and number.
func (w *World) newGUID() string {
	ms := w.clock.now().UnixMilli()
	return fmt.Sprintf("%08x-%04x-7%03x-8%03x-%012x", ms>>16, ms&0xffff, len(w.guids), w.plan.int(4096), w.plan.int(1<<40))
}

// submits sends the form until somebody answers; it reports whether the answer
// was 202.
func (w *World) submits(t *thread, who *person, f form) bool {
	for range 20 {
		r := w.asks(t, who, check.Submit, http.MethodPost, f.GUID, "/requests", f)
		if r.heard && r.status != http.StatusServiceUnavailable {
			return r.status == http.StatusAccepted
		}
		w.sleep(t, time.Duration(2+w.plan.int(20))*time.Second)
	}
	return false
}

// request gives a request as the ledger has it; nil if it has not.
func (w *World) request(guid string) *report.Request {
	for _, r := range w.look().requests {
		if r.GUID == guid {
			return r
		}
	}
	return nil
}

// until waits for the request to be in a state that fits; false: it took too
// long.
func (w *World) until(t *thread, guid string, most time.Duration, fits func(*report.Request) bool) bool {
	return w.wait(t, most, func() bool {
		r := w.request(guid)
		return r != nil && fits(r)
	})
}
