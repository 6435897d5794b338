package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Part is a piece of a sentence: a value somebody chose, or the words around it.
type Part struct {
	Text  string `json:"text"`
	Value bool   `json:"value"`
}

// Checked is a request in words, as it would be recorded.
type Checked struct {
	Parts map[string][]Part `json:"parts"` // the sentence, by language
}

// Check has the trigger go through a request and say it, recording nothing. Its
// refusals are those of Submit.
func (c *Client) Check(ctx context.Context, actor string, r Request) (Checked, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return Checked{}, fmt.Errorf("encode the request to check %s: %w", r.GUID, err)
	}
	res, err := c.call(ctx, http.MethodPost, actor, http.Header{"Content-Type": {"application/json"}}, raw, "requests", "check")
	if err != nil {
		return Checked{}, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Checked{}, problem(res)
	}
	var out Checked
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&out); err != nil {
		return Checked{}, fmt.Errorf("read the answer to check %s: %w: %w", r.GUID, ErrUnreachable, err)
	}
	return out, nil
}
