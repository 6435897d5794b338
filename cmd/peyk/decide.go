package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// acting is a command that changes how a request stands.
type acting struct {
	server
	GUID string `arg:"" help:"The request."`
}

// act posts and prints how the request stands now.
func (a acting) act(ctx context.Context, out output, verb string, body any) error {
	cl, err := a.client()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := cl.call(ctx, http.MethodPost, "/requests/"+url.PathEscape(a.GUID)+"/"+verb, body, &raw); err != nil {
		return err
	}
	if a.JSON {
		return printJSON(out, raw)
	}
	var st status
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s %s\n", st.GUID, st.State)
	return err
}

type reason struct {
	Reason string `json:"reason"`
}

type approveCommand struct {
	acting
	Reason string `help:"A word to the requester."`
}

func (c *approveCommand) Run(ctx context.Context, out output) error {
	return c.act(ctx, out, "approve", reason{c.Reason})
}

type declineCommand struct {
	acting
	Reason string `help:"Why; the requester reads it." required:""`
}

func (c *declineCommand) Run(ctx context.Context, out output) error {
	return c.act(ctx, out, "decline", reason{c.Reason})
}

type cancelCommand struct {
	acting
	Reason string `help:"Why, for the journal."`
}

func (c *cancelCommand) Run(ctx context.Context, out output) error {
	return c.act(ctx, out, "cancel", reason{c.Reason})
}

type redriveCommand struct {
	acting
	Version int64 `help:"The version that was looked at; without it, the present one." placeholder:"N"`
}

func (c *redriveCommand) Run(ctx context.Context, out output) error {
	if c.Version == 0 {
		cl, err := c.client()
		if err != nil {
			return err
		}
		st, err := fetchStatus(ctx, cl, c.GUID)
		if err != nil {
			return err
		}
		c.Version = st.Version
	}
	return c.act(ctx, out, "redrive", map[string]int64{"version": c.Version})
}
