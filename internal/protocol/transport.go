package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"peyk/internal/report"
)

// request builds a request with the headers every call carries. guid is empty
// for calls that are not about one report.
func (c *Client) request(ctx context.Context, method string, u *url.URL, guid string, body io.Reader) (*http.Request, error) {
	token, err := c.token(ctx)
	if err != nil {
		return nil, &report.Error{
			Class: report.Transient, Code: "token-unavailable", Sentence: sentence("token-unavailable"),
			Cause: fmt.Errorf("get the provider's token: %w", err),
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, &report.Error{
			Class: report.Permanent, Code: CodeMalformed, Sentence: sentence(CodeMalformed),
			Cause: fmt.Errorf("build %s %s: %w", method, u.Redacted(), err),
		}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", MediaJSON+", "+MediaProblem)
	// Set by hand, net/http asks for no compression and undoes none: a small
	// answer cannot unpack into a large one.
	req.Header.Set("Accept-Encoding", "identity")
	if guid != "" {
		req.Header.Set(HeaderRequestID, guid)
	}
	return req, nil
}

// send does the request and returns the response if its status is one of want.
// Every other end is an error, and the body is closed.
func (c *Client) send(req *http.Request, act string, want ...int) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreached(act, err)
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		resp.Body.Close()
		return nil, lie(act, fmt.Sprintf("answer is encoded as %.40q, asked for identity", enc))
	}
	if slices.Contains(want, resp.StatusCode) {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refused(act, resp)
}

// readJSON reads an answer of at most MaxAnswerBody bytes into v.
func readJSON(resp *http.Response, act string, v any) error {
	if got := mediaType(resp.Header); got != MediaJSON {
		return lie(act, fmt.Sprintf("%d with Content-Type %.60q, want %s", resp.StatusCode, got, MediaJSON))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswerBody+1))
	if err != nil {
		return unreached(act, fmt.Errorf("read the answer: %w", err))
	}
	if len(body) > MaxAnswerBody {
		return lie(act, fmt.Sprintf("answer is longer than %d bytes", MaxAnswerBody))
	}
	if err := json.Unmarshal(body, v); err != nil {
		return lie(act, "answer is no JSON of the contract: "+err.Error())
	}
	return nil
}

// mediaType is the Content-Type without its parameters; "" if malformed.
func mediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}
