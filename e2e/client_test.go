package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/report"
)

// call sends one request to the API. status 0: nobody answered.
func (i *instance) call(ctx context.Context, method, path, as string, in, out any) (status int) {
	i.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			i.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r := i.now()
	req, err := http.NewRequestWithContext(ctx, method, r.URLs.API+path, body)
	if err != nil {
		i.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	if as != "" {
		req.Header.Set("Peyk-Act-As", as)
	}
	resp, err := i.http.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if out != nil && json.Unmarshal(raw, out) != nil {
		return 0
	}
	return resp.StatusCode
}

// operator sees every request and its work.
const operator = "cagri"

// status is what these tests read of a request.
type status struct {
	GUID       string
	Version    int64
	State      report.State
	Outcome    report.Outcome
	Failure    *report.Failure
	Generation int
	Manifest   report.Manifest
	Files      []struct {
		Name, SHA256 string
		BlobKey      string `json:"blob_key"`
	}
	Recipients []struct {
		Account, Mail string
		Flagged       bool
	}
	Tasks []struct {
		Kind, Subject, Error string
		DueAt                time.Time `json:"due_at"`
		Attempts             int
		Parked               bool
	}
	Journal []report.Entry
}

func (i *instance) status(guid string) (st status) {
	i.t.Helper()
	i.call(i.t.Context(), http.MethodGet, "/requests/"+guid, "", nil, &st)
	return st
}

// request asks for a report until it is answered 202, as a careful client
// would: the GUID keeps it one.
func (i *instance) request(ctx context.Context, kind string, parameters map[string]any) (guid string) {
	i.t.Helper()
	guid = newGUID(i.t)
	i.submit(ctx, guid, kind, parameters)
	return guid
}

// submit reports whether the request was answered 202 before ctx ended.
func (i *instance) submit(ctx context.Context, guid, kind string, parameters map[string]any) bool {
	i.t.Helper()
	if parameters == nil {
		parameters = map[string]any{}
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		body := map[string]any{"guid": guid, "type": kind, "parameters": parameters}
		switch s := i.call(ctx, http.MethodPost, "/requests", "", body, nil); s {
		case http.StatusAccepted:
			return true
		case 0, http.StatusBadGateway, http.StatusServiceUnavailable: // down, not ready, or what stands in front says so: again
		default:
			i.t.Errorf("request %s of %s: status %d", guid, kind, s)
			return false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// delivered waits until the request is over and refuses any end but DELIVERED.
func (i *instance) delivered(guid string) (st status) {
	i.t.Helper()
	if !i.within(patience, func() bool {
		st = i.status(guid)
		return st.State.Terminal()
	}) {
		i.t.Fatalf("waited %s in vain for the end of %s, now %s\n%s", patience, guid, st.State, i.journalOf(guid))
	}
	if st.State != report.Delivered {
		i.t.Errorf("%s ended %s: %+v\n%s", guid, st.State, st.Failure, journal(st))
	}
	return st
}

// journalOf is the journal with the work that is owed, which operators see.
func (i *instance) journalOf(guid string) string {
	i.t.Helper()
	var st status
	i.call(context.WithoutCancel(i.t.Context()), http.MethodGet, "/requests/"+guid, operator, nil, &st)
	return journal(st)
}

// journal is what a failing test shows of a request.
func journal(st status) string {
	var b strings.Builder
	for _, t := range st.Tasks {
		fmt.Fprintf(&b, "    owed %s %s, due %s, attempts %d, parked %t: %s\n", t.Kind, t.Subject, t.DueAt.Format("15:04:05.000"), t.Attempts, t.Parked, t.Error)
	}
	for _, e := range st.Journal {
		fmt.Fprintf(&b, "%3d %s %-13s %-4s %s %v\n", e.Seq, e.At.Format("15:04:05.000000"), e.Role, e.Kind, e.Name, e.Evidence)
	}
	return b.String()
}

// message is a letter in the built-in mailbox.
type message struct {
	ID, GUID, Subject string
	MessageID         string `json:"message_id"`
}

// mails lists the letters about a request; "" lists all. Those that say it takes
// longer than expected are left out: whether one goes is a matter of the machine.
func (i *instance) mails(guid string) []message {
	i.t.Helper()
	return slices.DeleteFunc(i.allMails(guid), func(m message) bool { return strings.Contains(m.MessageID, ".late.") })
}

// allMails lists every letter about a request.
func (i *instance) allMails(guid string) []message {
	i.t.Helper()
	var list struct{ Messages []message }
	resp, err := i.http.Get(i.now().URLs.Mailbox + "/api/messages?guid=" + guid)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		i.t.Fatalf("read the mailbox: %v", err)
	}
	return list.Messages
}

// get fetches bytes from the mailbox.
func (i *instance) get(path string) []byte {
	i.t.Helper()
	resp, err := i.http.Get(i.now().URLs.Mailbox + path)
	if err != nil {
		i.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		i.t.Fatalf("GET %s: %s %v", path, resp.Status, err)
	}
	return raw
}

func newGUID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7FromReader(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}
