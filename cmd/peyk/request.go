package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

type requestCommand struct {
	server
	Type       string            `arg:"" help:"Report type, e.g. top-games.v1 (see: peyk catalog)."`
	Parameter  map[string]string `short:"p" help:"A parameter; dates as 2026-01-31, periods as 2026-01-01..2026-01-31 or a preset such as last-year." placeholder:"k=v" mapsep:"none"`
	Wait       bool              `help:"Wait until it is over."`
	Out        string            `short:"o" help:"Write the report here (waits); several formats each with its own ending." placeholder:"FILE" type:"path"`
	GUID       string            `help:"Use this UUIDv7: sending it again is the same request." name:"guid" placeholder:"GUID"`
	Format     []string          `help:"pdf, xlsx, csv: one or several of those the report comes in; else its first." placeholder:"FORMAT"`
	Locale     string            `help:"Language of the document: tr or en." placeholder:"LANG"`
	TimeZone   string            `help:"Time zone of the dates." placeholder:"ZONE"`
	Recipients []string          `help:"Who else gets it (account names)." placeholder:"NAME" name:"to"`
	Note       string            `help:"A word to whoever approves it."`
}

// status is what the commands read of a request; the raw answer is kept for
// --json.
type status struct {
	GUID       string          `json:"guid"`
	State      report.State    `json:"state"`
	Outcome    report.Outcome  `json:"outcome"`
	Version    int64           `json:"version"`
	Generation int             `json:"generation"`
	Title      report.Text     `json:"title"`
	Sentence   report.Text     `json:"sentence"`
	Failure    *report.Failure `json:"failure"`
	Owner      string          `json:"owner"`
	Requested  time.Time       `json:"requested_at"`
	ExpectedBy time.Time       `json:"expected_by"`
	Files      []struct {
		Name   string `json:"name"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	} `json:"files"`
	Recipients []struct {
		Account string `json:"account"`
		Mail    string `json:"mail"`
		Reply   string `json:"reply"`
	} `json:"recipients"`
	Journal  []report.Entry `json:"journal"`
	Progress *progress      `json:"progress"`
	raw      json.RawMessage
}

// progress is how far the provider was when it was last asked.
type progress struct {
	Stage    string    `json:"stage"`
	Done     int       `json:"done"`
	Total    int       `json:"total"`
	Position int       `json:"position"`
	ReadyAt  time.Time `json:"ready_at"`
}

// String is a line like: gathering, 2 of 5, ready about 14:32:10.
func (p *progress) String() string {
	var all []string
	if p.Stage != "" {
		all = append(all, p.Stage)
	}
	if p.Position > 0 {
		all = append(all, fmt.Sprintf("place %d in line", p.Position))
	}
	if p.Total > 0 {
		all = append(all, fmt.Sprintf("%d of %d", p.Done, p.Total))
	}
	if !p.ReadyAt.IsZero() {
		all = append(all, "ready about "+p.ReadyAt.Local().Format(time.TimeOnly))
	}
	return strings.Join(all, ", ")
}

// endedError says that a request ended without a report.
type endedError struct{ status }

func (e *endedError) Error() string {
	why := ""
	if e.Failure != nil {
		why = " (" + e.Failure.Code + ")"
		if e.Failure.Detail != "" {
			why += ": " + e.Failure.Detail
		}
	}
	return fmt.Sprintf("request %s ended %s%s; see: peyk status %s", e.GUID, e.Outcome, why, e.GUID)
}

func (c *requestCommand) Run(ctx context.Context, out output) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	if c.Out != "" { // before anything is asked for
		if err := makeParent(c.Out); err != nil {
			return err
		}
	}
	guid := c.GUID
	if guid == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("make a GUID: %w", err)
		}
		guid = id.String()
	}
	if err := c.send(ctx, cl, guid); err != nil {
		return err
	}
	if !c.Wait && c.Out == "" {
		return c.sent(ctx, cl, guid, out)
	}
	st, err := await(ctx, cl, guid)
	if err != nil {
		return err
	}
	return c.arrived(ctx, cl, st, out)
}

// send posts the request until it is answered: the GUID keeps it one.
func (c *requestCommand) send(ctx context.Context, cl *client, guid string) error {
	body := map[string]any{"guid": guid, "type": c.Type, "parameters": c.Parameter}
	if c.Parameter == nil {
		body["parameters"] = map[string]string{}
	}
	for k, v := range map[string]string{"locale": c.Locale, "time_zone": c.TimeZone, "note": c.Note} {
		if v != "" {
			body[k] = v
		}
	}
	if len(c.Format) > 0 {
		body["formats"] = c.Format
	}
	if len(c.Recipients) > 0 {
		body["recipients"] = c.Recipients
	}
	for try := 0; ; try++ {
		err := cl.call(ctx, http.MethodPost, "/requests", body, nil)
		if err == nil || !again(err) {
			return err
		}
		if try == tries {
			return fmt.Errorf("%w; send the same request again with --guid %s", err, guid)
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		cl.refresh()
	}
}

// sent prints the GUID, the one thing to keep.
func (c *requestCommand) sent(ctx context.Context, cl *client, guid string, out output) error {
	if !c.JSON {
		_, err := fmt.Fprintln(out, guid)
		return err
	}
	st, err := fetchStatus(ctx, cl, guid)
	if err != nil {
		return err
	}
	return printJSON(out, st.raw)
}

// arrived writes the report, or says why there is none.
func (c *requestCommand) arrived(ctx context.Context, cl *client, st status, out output) error {
	if c.JSON {
		if err := printJSON(out, st.raw); err != nil {
			return err
		}
	}
	if st.State != report.Delivered {
		return &endedError{st}
	}
	if c.Out == "" {
		if c.JSON {
			return nil
		}
		_, err := fmt.Fprintf(out, "%s %s\n", st.GUID, st.Outcome)
		return err
	}
	if len(st.Files) == 0 {
		return fmt.Errorf("request %s has no file left", st.GUID)
	}
	for _, f := range st.Files {
		to := c.Out
		if len(st.Files) > 1 {
			to = strings.TrimSuffix(c.Out, filepath.Ext(c.Out)) + filepath.Ext(f.Name)
		}
		if err := download(ctx, cl, st.GUID, f.Name, to); err != nil {
			return err
		}
		if !c.JSON {
			fmt.Fprintf(out, "%s %s %s (%d bytes)\n", st.GUID, st.Outcome, to, f.Size)
		}
	}
	return nil
}

// download writes a file beside its place, then moves it there whole.
func download(ctx context.Context, cl *client, guid, name, to string) error {
	path := "/requests/" + url.PathEscape(guid) + "/files/" + url.PathEscape(name)
	resp, err := cl.open(ctx, http.MethodGet, path, nil)
	var problem *protocol.Problem
	if errors.As(err, &problem) && problem.Code == "collect-by-post" {
		resp, err = cl.open(ctx, http.MethodPost, path, nil)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-*")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	_, err = io.Copy(f, resp.Body)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), to)
	}
	if err != nil {
		return fmt.Errorf("write the report to %s: %w", to, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// pollRest is how often a waiting command looks. A restart of the server is
// waited for too, up to patience.
const (
	firstLook = 50 * time.Millisecond
	pollRest  = time.Second
	patience  = 2 * time.Minute
	tries     = 5 // of sending, a second apart
)

// await looks at the request until it is over, through restarts of the server.
func await(ctx context.Context, cl *client, guid string) (status, error) {
	last, show := time.Now(), line(os.Stderr)
	defer show("")
	for rest := firstLook; ; rest = min(2*rest, pollRest) {
		st, err := fetchStatus(ctx, cl, guid)
		if err == nil {
			last = time.Now()
			show(standing(st))
		}
		if err == nil && st.State.Terminal() {
			return st, nil
		}
		if err != nil && (!again(err) || time.Since(last) > patience) {
			return st, err
		}
		if err != nil {
			cl.refresh()
		}
		if err := pause(ctx, rest); err != nil {
			return st, fmt.Errorf("stopped waiting for %s: %w; it goes on, see: peyk status %s", guid, err, guid)
		}
	}
}

// standing is where a request that is waited for is.
func standing(st status) string {
	if st.Progress == nil {
		return string(st.State)
	}
	return string(st.State) + ": " + st.Progress.String()
}

// line shows one line that changes, on a terminal only.
func line(to *os.File) func(text string) {
	if !terminal(to) {
		return func(string) {}
	}
	return func(text string) { fmt.Fprint(to, "\r\033[K"+text) }
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func fetchStatus(ctx context.Context, cl *client, guid string) (st status, err error) {
	if err := cl.call(ctx, http.MethodGet, "/requests/"+url.PathEscape(guid), nil, &st.raw); err != nil {
		return st, err
	}
	if err := json.Unmarshal(st.raw, &st); err != nil {
		return st, fmt.Errorf("read the status of %s: %w", guid, err)
	}
	return st, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
