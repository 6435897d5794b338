package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"peyk/internal/report"
)

// Token gives the bearer token for the next request. It is asked each time, so
// that a token can be changed while the process runs.
type Token func(context.Context) (string, error)

// StaticToken is a [Token] that never changes.
func StaticToken(token string) Token {
	return func(context.Context) (string, error) { return token, nil }
}

// Client is the company's side of the contract. It may be used by many
// goroutines at once.
type Client struct {
	app, files *url.URL
	token      Token
	http       *http.Client
}

// NewClient makes a client for a provider whose reporting app and file service
// are reached at the two base URLs. Both are configured by the operator and
// never taken from a message. Of hc everything is kept but its rule for
// redirects and its cookies: no redirect is followed and no cookie is held.
func NewClient(app, files string, token Token, hc *http.Client) (*Client, error) {
	appURL, err := parseBase(app)
	if err != nil {
		return nil, fmt.Errorf("base URL of the reporting app: %w", err)
	}
	filesURL, err := parseBase(files)
	if err != nil {
		return nil, fmt.Errorf("base URL of the file service: %w", err)
	}
	own := *hc
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{app: appURL, files: filesURL, token: token, http: &own}, nil
}

func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q must be http(s)://host[:port][/path]", u.Redacted())
	}
	return u, nil
}

// Answer is what a conditional GET brought.
type Answer[T any] struct {
	Value     T      // zero when Unchanged
	ETag      string // for the next conditional GET; empty: the provider gave none
	Unchanged bool   // 304: what was known under the ETag still holds

	RetryAfter time.Duration // when it is worth asking again; 0: not said
}

// Accepted is a 202: the provider has the request, or has had it before.
type Accepted struct {
	Operation  Operation // as it is now, which may already be ready
	Location   string    // as sent; never followed
	RetryAfter time.Duration
}

// Catalog fetches the catalog, conditionally if etag is not empty.
func (c *Client) Catalog(ctx context.Context, etag string) (Answer[Catalog], error) {
	return conditional[Catalog](ctx, c, "fetch the catalog", "", c.app.JoinPath("v1", "catalog"), etag, nil)
}

// Operation fetches the operation of the highest generation of a report,
// conditionally if etag is not empty.
func (c *Client) Operation(ctx context.Context, guid, etag string) (Answer[Operation], error) {
	u := c.app.JoinPath("v1", "reports", guid)
	check := func(o Operation) error { return o.Check(guid) }
	return conditional(ctx, c, "ask for report "+guid, guid, u, etag, check)
}

// Operations fetches one page of the operations changed after a time, oldest
// change first. page is "" for the first and Page.Next of the page before for
// every other.
func (c *Client) Operations(ctx context.Context, updatedAfter time.Time, page string) (Page, error) {
	u := c.app.JoinPath("v1", "reports")
	q := url.Values{"updated_after": {updatedAfter.UTC().Format(time.RFC3339Nano)}}
	if page != "" {
		q.Set("page", page)
	}
	u.RawQuery = q.Encode()
	check := func(p Page) error {
		for _, o := range p.Operations {
			if err := CheckGUID(o.ReportID); err != nil {
				return err
			}
			if err := o.Check(o.ReportID); err != nil {
				return err
			}
		}
		return nil
	}
	answer, err := conditional(ctx, c, "list operations", "", u, "", check)
	return answer.Value, err
}

// Submit posts a request. The same request may be posted again at any time:
// the Idempotency-Key makes it one.
func (c *Client) Submit(ctx context.Context, s SubmitRequest) (Accepted, error) {
	act := fmt.Sprintf("submit report %s generation %d", s.ReportID, s.Generation)
	body, err := json.Marshal(s)
	if err != nil {
		return Accepted{}, &report.Error{Class: report.Permanent, Code: CodeMalformed, Sentence: sentence(CodeMalformed), Cause: fmt.Errorf("%s: %w", act, err)}
	}
	req, err := c.request(ctx, http.MethodPost, c.app.JoinPath("v1", "reports"), s.ReportID, bytes.NewReader(body))
	if err != nil {
		return Accepted{}, err
	}
	req.Header.Set("Content-Type", MediaJSON)
	req.Header.Set(HeaderIdempotencyKey, IdempotencyKey(s.ReportID, s.Generation))
	req.Header.Set("Prefer", "respond-async")
	resp, err := c.send(req, act, http.StatusAccepted)
	if err != nil {
		return Accepted{}, err
	}
	defer resp.Body.Close()
	return readAccepted(resp, act, s)
}

func readAccepted(resp *http.Response, act string, s SubmitRequest) (Accepted, error) {
	a := Accepted{Location: resp.Header.Get("Location")}
	if a.Location == "" {
		return Accepted{}, lie(act, "202 without Location")
	}
	if err := readJSON(resp, act, &a.Operation); err != nil {
		return Accepted{}, err
	}
	if err := a.Operation.Check(s.ReportID); err != nil {
		return Accepted{}, lie(act, err.Error())
	}
	if a.Operation.Generation < s.Generation {
		return Accepted{}, lie(act, fmt.Sprintf("202 speaks of generation %d", a.Operation.Generation))
	}
	a.RetryAfter, _ = retryAfter(resp.Header)
	return a, nil
}

// Delete asks the provider to remove all generations up to one and to refuse
// them from now on. 404 and 410 are success too: nothing is left there.
func (c *Client) Delete(ctx context.Context, guid string, generation int) error {
	u := c.app.JoinPath("v1", "reports", guid)
	u.RawQuery = url.Values{"generation": {strconv.Itoa(generation)}}.Encode()
	req, err := c.request(ctx, http.MethodDelete, u, guid, nil)
	if err != nil {
		return err
	}
	act := fmt.Sprintf("delete report %s up to generation %d", guid, generation)
	resp, err := c.send(req, act, http.StatusNoContent, http.StatusNotFound, http.StatusGone)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// conditional is every GET that is answered with JSON.
func conditional[T any](ctx context.Context, c *Client, act, guid string, u *url.URL, etag string, check func(T) error) (Answer[T], error) {
	var answer Answer[T]
	req, err := c.request(ctx, http.MethodGet, u, guid, nil)
	if err != nil {
		return answer, err
	}
	want := []int{http.StatusOK}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
		want = append(want, http.StatusNotModified)
	}
	resp, err := c.send(req, act, want...)
	if err != nil {
		return answer, err
	}
	defer resp.Body.Close()
	answer.RetryAfter, _ = retryAfter(resp.Header)
	if resp.StatusCode == http.StatusNotModified {
		return Answer[T]{ETag: etag, Unchanged: true, RetryAfter: answer.RetryAfter}, nil
	}
	if err := readJSON(resp, act, &answer.Value); err != nil {
		return Answer[T]{}, err
	}
	if check != nil {
		if err := check(answer.Value); err != nil {
			return Answer[T]{}, lie(act, err.Error())
		}
	}
	answer.ETag = strings.TrimSpace(resp.Header.Get("ETag"))
	return answer, nil
}
