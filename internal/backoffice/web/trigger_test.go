package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// trigger is a small twin of the trigger's API: enough to see what the pages
// ask of it, and that acts have their effect.
type trigger struct {
	ledger ledger.Ledger
	people http.Handler // the true one: profiles, passwords and tokens

	mu       sync.Mutex
	calls    []call
	checks   []call            // questions how a request would be said
	refusal  *protocol.Problem // answered to everything
	requests int               // inserted
}

// call is one call as it came.
type call struct {
	method, path, actor, bearer, drawn string
	dry                                bool
	body                               map[string]any
}

func (tr *trigger) seen() []call {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]call(nil), tr.calls...)
}

func (tr *trigger) refuse(p *protocol.Problem) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.refusal = p
}

func (tr *trigger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{
		method: r.Method, path: r.URL.Path, actor: r.Header.Get("Peyk-Act-As"), bearer: r.Header.Get("Authorization"),
		drawn: r.Header.Get("Peyk-Form-Drawn-At"), dry: r.URL.Query().Get("dry-run") == "true",
	}
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &c.body)
	checking := strings.HasSuffix(r.URL.Path, "/requests/check")
	tr.mu.Lock()
	if checking {
		tr.checks = append(tr.checks, c)
	} else {
		tr.calls = append(tr.calls, c)
	}
	refusal := tr.refusal
	tr.mu.Unlock()
	if refusal != nil {
		protocol.WriteProblem(w, refusal)
		return
	}
	if checking {
		tr.say(w, c)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/v1/me") {
		r.Body = io.NopCloser(bytes.NewReader(body))
		tr.people.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/v1/parked/") {
		id, _ := strconv.ParseInt(strings.Split(r.URL.Path, "/")[4], 10, 64)
		reason, _ := c.body["reason"].(string)
		answer(w, http.StatusOK, tr.ledger.Update(r.Context(), func(tx ledger.Tx) error { return tx.ResolveParked(id, c.actor, reason) }))
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/requests"), "/")
	switch {
	case r.URL.Path == "/api/v1/notices/seen":
		upTo, _ := c.body["up_to"].(float64)
		answer(w, http.StatusOK, tr.ledger.Update(r.Context(), func(tx ledger.Tx) error { return tx.MarkAllSeen(c.actor, int64(upTo)) }))
	case len(parts) == 1:
		tr.submit(w, r, c)
	case len(parts) == 4 && parts[2] == "files":
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write([]byte("%PDF-1.7 sample"))
	default:
		tr.act(w, r, c, parts[1], parts[2])
	}
}

// say gives the number of games asked for as the one value of a sentence.
func (tr *trigger) say(w http.ResponseWriter, c call) {
	params, _ := c.body["parameters"].(map[string]any)
	value := fmt.Sprint(params["count"])
	part := func(text string, value bool) map[string]any { return map[string]any{"text": text, "value": value} }
	protocol.WriteJSON(w, http.StatusOK, map[string]any{"parts": map[string]any{
		"tr": []any{part("En iyi ", false), part(value, true), part(", <en> & çok.", false)},
		"en": []any{part("The ", false), part(value, true), part(" best.", false)},
	}})
}

func (tr *trigger) checked() []call {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]call(nil), tr.checks...)
}

func (tr *trigger) submit(w http.ResponseWriter, r *http.Request, c call) {
	guid, _ := c.body["guid"].(string)
	err := tr.ledger.Update(r.Context(), func(tx ledger.Tx) error {
		if _, err := tx.Request(guid); err == nil {
			return nil // the same again
		}
		params, err := json.Marshal(c.body["parameters"])
		if err != nil {
			return err
		}
		approval := report.NoApproval
		if c.body["type"] == "churn.v2" {
			approval = access.Approver
		}
		note, _ := c.body["note"].(string)
		asked := report.Asked{
			Type: c.body["type"].(string), Owner: c.actor, OwnerName: c.actor, Parameters: params, Approval: approval, Note: note,
			Title: report.Text{EN: "Title", TR: "Başlık"}, Locale: "tr", TimeZone: "Europe/Istanbul", Formats: []string{"pdf"}, RequestedAt: tx.Now(), Retention: time.Hour,
		}
		req, m, err := report.New(guid, asked, 2*time.Minute, tx.Now())
		if err != nil {
			return err
		}
		tr.requests++
		return ledger.Move(tx, req, m)
	})
	answer(w, http.StatusAccepted, err)
}

func (tr *trigger) act(w http.ResponseWriter, r *http.Request, c call, guid, verb string) {
	reason, _ := c.body["reason"].(string)
	err := tr.ledger.Update(r.Context(), func(tx ledger.Tx) error {
		req, err := tx.Request(guid)
		if err != nil {
			return err
		}
		var m report.Move
		switch verb {
		case "seen":
			return tx.MarkSeen(c.actor, guid)
		case "approve":
			if m, err = req.Approve(c.actor, time.Minute, tx.Now()); err == nil {
				err = tx.AddApproval(ledger.Approval{GUID: guid, Account: c.actor, Approved: true, Reason: reason, At: tx.Now()})
			}
		case "decline":
			if m, err = req.Decline(c.actor, reason, tx.Now()); err == nil {
				err = tx.AddApproval(ledger.Approval{GUID: guid, Account: c.actor, Reason: reason, At: tx.Now()})
			}
		case "cancel":
			m, err = req.Cancel(c.actor, reason, tx.Now())
		case "resolve":
			kind, _ := c.body["kind"].(string)
			subject, _ := c.body["subject"].(string)
			return tx.CloseTask(ledger.Key{GUID: guid, Kind: ledger.Kind(kind), Subject: subject})
		case "redrive":
			if c.dry {
				c.body["version"] = float64(req.Version)
			}
			version, _ := c.body["version"].(float64)
			m, err = req.Redrive(c.actor, int64(version), time.Minute, tx.Now())
		}
		if c.dry && err == nil {
			protocol.WriteJSON(w, http.StatusOK, map[string]any{"version": req.Version - 1, "from": m.From, "to": m.To, "generation": req.Generation,
				"owed":  []any{map[string]any{"kind": "SUBMIT"}},
				"tried": []any{map[string]any{"kind": "EMAIL", "subject": "1/ready/derya", "attempts": 3, "error": "451 try again"}}})
			return errDry
		}
		if err != nil {
			return err
		}
		return ledger.Move(tx, req, m)
	})
	answer(w, http.StatusOK, err)
}

var errDry = errors.New("a dry run keeps nothing")

func answer(w http.ResponseWriter, status int, err error) {
	var refused *report.Refusal
	switch {
	case errors.Is(err, errDry):
	case errors.As(err, &refused):
		protocol.WriteProblem(w, protocol.NewProblem(http.StatusConflict, "moved-on", "%s", refused.Why))
	case err != nil:
		protocol.WriteProblem(w, protocol.NewProblem(http.StatusInternalServerError, protocol.CodeInternal, "%v", err))
	default:
		protocol.WriteJSON(w, status, map[string]string{})
	}
}

// down makes every call fail as if nobody were there.
func (tr *trigger) down(is bool) {
	if is {
		tr.refuse(protocol.NewProblem(http.StatusServiceUnavailable, protocol.CodeUnavailable, "no"))
		return
	}
	tr.refuse(nil)
}
