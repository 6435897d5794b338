package api

import (
	"context"
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
	var out Checked
	err := c.ask(ctx, actor, http.Header{}, nil, r, &out, "requests", "check")
	return out, err
}
