package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"peyk/internal/report"
)

type statusCommand struct {
	server
	GUID string `arg:"" help:"The request."`
}

func (c *statusCommand) Run(ctx context.Context, out output) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	st, err := fetchStatus(ctx, cl, c.GUID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, st.raw)
	}
	return printStatus(out, st)
}

func printStatus(out output, st status) error {
	fmt.Fprintf(out, "%s\n%s\n\n%s", st.Title.EN, st.Sentence.EN, st.State)
	if st.Outcome != "" {
		fmt.Fprintf(out, " – %s", st.Outcome)
	}
	if st.Failure != nil {
		fmt.Fprintf(out, " (%s) %s", st.Failure.Code, st.Failure.Detail)
	}
	if st.Progress != nil {
		fmt.Fprintf(out, ": %s", st.Progress)
	}
	fmt.Fprintf(out, "\nasked by %s at %s, generation %d\n", st.Owner, st.Requested.Local().Format("2006-01-02 15:04:05"), st.Generation)
	for _, f := range st.Files {
		fmt.Fprintf(out, "file %s, %d bytes, sha256 %s\n", f.Name, f.Size, f.SHA256)
	}
	for _, r := range st.Recipients {
		fmt.Fprintf(out, "to %s %s %s\n", r.Account, r.Mail, r.Reply)
	}
	fmt.Fprintln(out)
	return printJournal(out, st.Journal)
}

// printJournal lists the journal, with the step of the thirteen where a row is
// one.
func printJournal(out output, rows []report.Entry) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range rows {
		step := ""
		if e.Step > 0 {
			step = fmt.Sprint(int(e.Step))
		}
		evidence, err := json.Marshal(e.Evidence)
		if err != nil {
			return fmt.Errorf("print row %d: %w", e.Seq, err)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Seq, e.At.Local().Format("15:04:05.000"), step, e.Role, e.Kind, e.Name, evidence)
	}
	return w.Flush()
}

type listCommand struct {
	server
	State []string `help:"Only these states, e.g. FAILED." placeholder:"STATE"`
	Limit int      `help:"At most so many." default:"20"`
	Mine  bool     `help:"Only what I asked for or receive."`
}

func (c *listCommand) Run(ctx context.Context, out output) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	q := url.Values{"limit": {fmt.Sprint(c.Limit)}}
	for _, s := range c.State {
		q.Add("state", strings.ToUpper(s))
	}
	if c.Mine {
		q.Set("mine", "true")
	}
	var raw json.RawMessage
	if err := cl.call(ctx, http.MethodGet, "/requests?"+q.Encode(), nil, &raw); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, raw)
	}
	var list struct{ Requests []status }
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, st := range list.Requests {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", st.GUID, st.Requested.Local().Format("2006-01-02 15:04"), st.State, st.Outcome, st.Title.EN)
	}
	return w.Flush()
}

type catalogCommand struct{ server }

func (c *catalogCommand) Run(ctx context.Context, out output) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := cl.call(ctx, http.MethodGet, "/catalog", nil, &raw); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, raw)
	}
	return printCatalog(out, raw)
}
