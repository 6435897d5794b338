// Package api is the pages' way to the trigger: every act of a person is a
// call of its API, in that person's name.
//
// Promise: a call carries the station's own token and the name of the signed-in
// account, and nothing else of the person's request.
//
// Limits: answers are read up to 1 MiB; files are passed on as they come.
//
// Failure: a refusal is a *protocol.Problem with the trigger's own status and
// code; ErrUnreachable means that nothing is known about the act, so that the
// same call may be made again.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
)

// ErrUnreachable says that the trigger did not answer, or not in its right mind.
var ErrUnreachable = errors.New("the trigger cannot be reached")

const maxAnswer = 1 << 20

// Client calls the trigger.
type Client struct {
	Base  *url.URL // its origin, without /api
	HTTP  *http.Client
	Token string
}

// Request is what a form asks for.
type Request struct {
	GUID       string                     `json:"guid"`
	Type       string                     `json:"type"`
	Parameters map[string]json.RawMessage `json:"parameters"`
	Formats    []string                   `json:"formats"`
	Locale     string                     `json:"locale"`
	TimeZone   string                     `json:"time_zone"`
	Recipients []string                   `json:"recipients,omitempty"` // besides the requester
	Note       string                     `json:"note,omitempty"`
}

// Submit asks for a report. drawn is when the form was drawn: the journal's
// first step.
func (c *Client) Submit(ctx context.Context, actor string, drawn time.Time, r Request) error {
	header := http.Header{"Peyk-Form-Drawn-At": {drawn.UTC().Format(time.RFC3339Nano)}}
	return c.post(ctx, actor, header, r, "requests")
}

// Approve lets a request run.
func (c *Client) Approve(ctx context.Context, actor, guid, reason string) error {
	return c.act(ctx, actor, guid, "approve", map[string]any{"reason": reason})
}

// Decline ends a request for good; the requester reads the reason.
func (c *Client) Decline(ctx context.Context, actor, guid, reason string) error {
	return c.act(ctx, actor, guid, "decline", map[string]any{"reason": reason})
}

// Cancel ends a request that is no longer wanted.
func (c *Client) Cancel(ctx context.Context, actor, guid, reason string) error {
	return c.act(ctx, actor, guid, "cancel", map[string]any{"reason": reason})
}

// Redrive sends a failed request on its way again; version is the one seen.
func (c *Client) Redrive(ctx context.Context, actor, guid string, version int64) error {
	return c.act(ctx, actor, guid, "redrive", map[string]any{"version": version})
}

// Letters has the letter about the report's end sent again, to those named.
func (c *Client) Letters(ctx context.Context, actor, guid string, to []string) error {
	return c.act(ctx, actor, guid, "letters", map[string]any{"to": to})
}

// PlanTask is a task in a plan.
type PlanTask struct {
	Kind     string    `json:"kind"`
	Subject  string    `json:"subject"`
	DueAt    time.Time `json:"due_at"`
	Attempts int       `json:"attempts"`
	Unclean  int       `json:"unclean"`
	ParkedAt time.Time `json:"parked_at"`
	Error    string    `json:"error"`
}

// Plan is what sending a request on its way again would do.
type Plan struct {
	Version    int64      `json:"version"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	Generation int        `json:"generation"`
	Owed       []PlanTask `json:"owed"`
	Closed     []PlanTask `json:"closed"`
	Tried      []PlanTask `json:"tried"`
	Redriven   int        `json:"redriven"`
}

// PlanRedrive asks what Redrive would do; nothing is done.
func (c *Client) PlanRedrive(ctx context.Context, actor, guid string) (p Plan, err error) {
	err = c.ask(ctx, actor, http.Header{}, url.Values{"dry-run": {"true"}}, map[string]any{}, &p, "requests", guid, "redrive")
	return p, err
}

// Resolve settles by hand a task of a request that is stuck.
func (c *Client) Resolve(ctx context.Context, actor, guid string, version int64, kind, subject, reason string) error {
	return c.act(ctx, actor, guid, "resolve", map[string]any{"version": version, "kind": kind, "subject": subject, "reason": reason})
}

// ResolveParked settles by hand a payload nobody could read.
func (c *Client) ResolveParked(ctx context.Context, actor, id, reason string) error {
	return c.post(ctx, actor, http.Header{}, map[string]any{"reason": reason}, "parked", id, "resolve")
}

// Seen marks the actor's notices of the request as seen.
func (c *Client) Seen(ctx context.Context, actor, guid string) error {
	return c.act(ctx, actor, guid, "seen", map[string]any{})
}

// Profile is all that people choose for themselves.
type Profile struct {
	Locale     string        `json:"locale"`
	TimeZone   string        `json:"time_zone"`
	Appearance string        `json:"appearance"`
	Keys       bool          `json:"keys"`
	NoMail     []ledger.News `json:"no_mail"`
	NoPopup    []ledger.News `json:"no_popup"`
}

// SetProfile writes the actor's choices.
func (c *Client) SetProfile(ctx context.Context, actor string, p Profile) error {
	return c.post(ctx, actor, http.Header{}, p, "me")
}

// ChangePassword changes the actor's password. Every sign-in of theirs ends.
func (c *Client) ChangePassword(ctx context.Context, actor, old, password string) error {
	return c.post(ctx, actor, http.Header{}, map[string]string{"old": old, "password": password}, "me", "password")
}

// NewToken makes a token for a program of the actor's and gives its secret.
func (c *Client) NewToken(ctx context.Context, actor, label, scope string, days int) (secret string, err error) {
	var made struct {
		Secret string `json:"secret"`
	}
	err = c.ask(ctx, actor, http.Header{}, nil, map[string]any{"label": label, "scope": scope, "days": days}, &made, "me", "tokens")
	if err == nil && made.Secret == "" {
		err = fmt.Errorf("make a token for %s: %w: it answers no secret", actor, ErrUnreachable)
	}
	return made.Secret, err
}

// RevokeToken ends a token of the actor's.
func (c *Client) RevokeToken(ctx context.Context, actor, id string) error {
	return c.post(ctx, actor, http.Header{}, map[string]any{}, "me", "tokens", id, "revoke")
}

// SeenUpTo marks the actor's notices as seen, up to the one of this number.
func (c *Client) SeenUpTo(ctx context.Context, actor string, seq int64) error {
	return c.post(ctx, actor, http.Header{}, map[string]any{"up_to": seq}, "notices", "seen")
}

func (c *Client) act(ctx context.Context, actor, guid, verb string, body any) error {
	return c.post(ctx, actor, http.Header{}, body, "requests", guid, verb)
}

// File opens a file of a report. With collect the download itself is recorded.
// The caller closes the answer's body.
func (c *Client) File(ctx context.Context, actor, guid, name string, collect bool) (*http.Response, error) {
	method := http.MethodGet
	if collect {
		method = http.MethodPost
	}
	res, err := c.call(ctx, method, actor, http.Header{}, nil, nil, "requests", guid, "files", name)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, problem(res)
	}
	return res, nil
}

// post has an act done; what is answered does not matter.
func (c *Client) post(ctx context.Context, actor string, header http.Header, body any, path ...string) error {
	return c.ask(ctx, actor, header, nil, body, nil, path...)
}

// ask posts a body and reads what is answered, if into is not nil.
func (c *Client) ask(ctx context.Context, actor string, header http.Header, query url.Values, body, into any, path ...string) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode call of %v: %w", path, err)
	}
	header.Set("Content-Type", "application/json")
	res, err := c.call(ctx, http.MethodPost, actor, header, query, raw, path...)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if !slices.Contains([]int{http.StatusOK, http.StatusAccepted, http.StatusCreated}, res.StatusCode) {
		return problem(res)
	}
	if into != nil {
		if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(into); err != nil {
			return fmt.Errorf("read the answer of %v: %w: %w", path, ErrUnreachable, err)
		}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) // so that the connection is kept
	return nil
}

func (c *Client) call(ctx context.Context, method, actor string, header http.Header, query url.Values, body []byte, path ...string) (*http.Response, error) {
	at := c.Base.JoinPath("api", "v1")
	for _, segment := range path {
		at = at.JoinPath(url.PathEscape(segment))
	}
	at.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w", method, at.Path, err)
	}
	req.Header = header
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Peyk-Act-As", actor)
	req.Header.Set("User-Agent", "peyk-web")
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w: %w", method, at.Path, ErrUnreachable, err)
	}
	return res, nil
}

// problem reads a refusal. What is not a problem document, and any failure of
// the trigger's own, counts as no answer.
func problem(res *http.Response) error {
	var p protocol.Problem
	err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&p)
	if err != nil || p.Code == "" || res.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("call %s: %w: it answers %s %s", res.Request.URL.Path, ErrUnreachable, res.Status, p.Detail)
	}
	p.Status = res.StatusCode
	return &p
}
