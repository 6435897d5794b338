package trigger

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Status is how a request stands, whole.
type Status struct {
	Summary
	Version      int64           `json:"version"`
	Generation   int             `json:"generation"`
	TypeVersion  string          `json:"type_version"`
	Parameters   json.RawMessage `json:"parameters"`
	Formats      []string        `json:"formats"`
	Locale       string          `json:"locale"`
	TimeZone     string          `json:"time_zone"`
	Note         string          `json:"note,omitempty"`
	Approval     string          `json:"approval"`
	Approvals    []Decision      `json:"approvals"`
	ApprovedHash string          `json:"approved_hash,omitempty"`
	AcceptedAt   time.Time       `json:"accepted_at,omitzero"`
	Deadline     time.Time       `json:"deadline,omitzero"`
	KeptUntil    time.Time       `json:"kept_until,omitzero"`
	PurgedAt     time.Time       `json:"purged_at,omitzero"`
	Recipients   []Delivery      `json:"recipients"`
	Manifest     report.Manifest `json:"manifest"`
	Files        []Stored        `json:"files"`
	Tasks        []Owed          `json:"tasks"`
	Journal      []report.Entry  `json:"journal"`
	Progress     *Progress       `json:"progress,omitempty"` // while the provider prepares it
}

// Progress is how far the provider was when it was last asked.
type Progress struct {
	Stage    ledger.Stage `json:"stage"`
	Done     int          `json:"done"` // of Total; a Total of 0 is unknown
	Total    int          `json:"total"`
	Position int          `json:"position,omitempty"` // in the provider's line, 1: next
	ReadyAt  time.Time    `json:"ready_at,omitzero"`
	At       time.Time    `json:"at"`
}

// Summary is a request in a list.
type Summary struct {
	GUID        string          `json:"guid"`
	Type        string          `json:"type"`
	Title       report.Text     `json:"title"`
	Sentence    report.Text     `json:"sentence"`
	Short       report.Text     `json:"short,omitzero"` // the values alone
	State       report.State    `json:"state"`
	Outcome     report.Outcome  `json:"outcome"`
	Failure     *report.Failure `json:"failure,omitempty"`
	Owner       string          `json:"owner"`
	RequestedAt time.Time       `json:"requested_at"`
	ExpectedBy  time.Time       `json:"expected_by,omitzero"`
	Late        bool            `json:"late,omitempty"`
	EndedAt     time.Time       `json:"ended_at,omitzero"`
}

// Decision is one approval or refusal.
type Decision struct {
	By       string    `json:"by"`
	Approved bool      `json:"approved"`
	Reason   string    `json:"reason,omitempty"`
	At       time.Time `json:"at"`
}

// Delivery is one recipient and how far the letter got.
type Delivery struct {
	Account string           `json:"account"`
	Subject ledger.Subject   `json:"subject,omitempty"`
	Mail    ledger.MailState `json:"mail,omitempty"`
	Reply   string           `json:"reply,omitempty"`
	Flagged bool             `json:"flagged,omitempty"` // sent a second time after its fate was unknown
	At      time.Time        `json:"at,omitzero"`
}

// Stored is a file in our storage.
type Stored struct {
	report.File
	Generation int       `json:"generation"`
	BlobKey    string    `json:"blob_key"`
	StoredAt   time.Time `json:"stored_at"`
	URL        string    `json:"url"`
}

// Owed is a piece of work that is still open.
type Owed struct {
	Kind     ledger.Kind `json:"kind"`
	Subject  string      `json:"subject,omitempty"`
	DueAt    time.Time   `json:"due_at"`
	Attempts int         `json:"attempts"`
	Parked   bool        `json:"parked,omitempty"`
	Error    string      `json:"error,omitempty"`
}

func (s *Station) status(c call) (answer, error) {
	var out Status
	err := s.Store.View(c.Context(), func(v ledger.View) error {
		r, err := v.Visible(access.SeeScope(c.who), c.guid())
		if err != nil {
			return err
		}
		out, err = statusFor(c.who, v, r)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// statusFor is the status as who may read it: what is owed is the operator's.
func statusFor(who ledger.Account, v ledger.View, r *report.Request) (Status, error) {
	out, err := statusOf(v, r)
	if !access.MayOperate(who) {
		out.Tasks = []Owed{}
	}
	return out, err
}

func summaryOf(r *report.Request) Summary {
	return Summary{
		GUID: r.GUID, Type: r.Asked.Type, Title: r.Asked.Title, Sentence: r.Asked.Sentence, Short: r.Asked.Short,
		State: r.State, Outcome: r.Outcome, Failure: r.Failure, Owner: r.Asked.Owner,
		RequestedAt: r.CreatedAt, ExpectedBy: r.ExpectedBy, Late: !r.LateAt.IsZero(), EndedAt: r.EndedAt,
	}
}

func statusOf(v ledger.View, r *report.Request) (Status, error) {
	out := Status{
		Summary: summaryOf(r), Version: r.Version, Generation: r.Generation,
		TypeVersion: r.Asked.TypeVersion, Parameters: r.Asked.Parameters, Formats: r.Asked.Formats,
		Locale: r.Asked.Locale, TimeZone: r.Asked.TimeZone, Note: r.Asked.Note, Approval: r.Asked.Approval,
		ApprovedHash: r.ApprovedHash, AcceptedAt: r.AcceptedAt, Deadline: r.Deadline, PurgedAt: r.PurgedAt,
		Manifest: r.Manifest, Approvals: []Decision{}, Recipients: []Delivery{}, Files: []Stored{}, Tasks: []Owed{},
	}
	if !r.EndedAt.IsZero() {
		out.KeptUntil = r.EndedAt.Add(r.Asked.Retention)
	}
	for _, add := range []func(ledger.View, *report.Request, *Status) error{
		addApprovals, addRecipients, addFiles, addTasks, addProgress,
	} {
		if err := add(v, r, &out); err != nil {
			return Status{}, fmt.Errorf("read the status of %s: %w", r.GUID, err)
		}
	}
	var err error
	out.Journal, err = v.Journal(r.GUID)
	return out, err
}

func addProgress(v ledger.View, r *report.Request, out *Status) error {
	if r.State != report.Preparing {
		return nil
	}
	rows, err := v.Progress(r.GUID)
	for _, p := range rows {
		if p.Generation == r.Generation {
			out.Progress = &Progress{Stage: p.Stage, Done: p.Done, Total: p.Total, Position: p.Position, ReadyAt: p.ReadyAt, At: p.At}
		}
	}
	return err
}

func addApprovals(v ledger.View, r *report.Request, out *Status) error {
	rows, err := v.Approvals(r.GUID)
	for _, a := range rows {
		out.Approvals = append(out.Approvals, Decision{By: a.Account, Approved: a.Approved, Reason: a.Reason, At: a.At})
	}
	return err
}

// addRecipients shows each recipient with the last letter about the outcome.
func addRecipients(v ledger.View, r *report.Request, out *Status) error {
	people, err := v.Recipients(r.GUID)
	if err != nil {
		return err
	}
	mails, err := v.Mails(r.GUID)
	if err != nil {
		return err
	}
	for _, p := range people {
		d, newest := Delivery{Account: p.Account}, time.Time{}
		for _, m := range mails {
			if m.TellsEndTo(p.Account, r.Generation) && !m.CreatedAt.Before(newest) {
				newest = m.CreatedAt
				d.Subject, d.Mail, d.Reply, d.Flagged, d.At = m.Subject, m.State, m.Reply, m.Flagged, m.At
			}
		}
		out.Recipients = append(out.Recipients, d)
	}
	return nil
}

func addFiles(v ledger.View, r *report.Request, out *Status) error {
	files, err := v.Files(r.GUID)
	for _, f := range ledger.AsAsked(files, r.Manifest) {
		if f.Generation != r.Generation || f.BlobKey == "" {
			continue
		}
		out.Files = append(out.Files, Stored{
			File: f.File, Generation: f.Generation, BlobKey: f.BlobKey, StoredAt: f.StoredAt,
			URL: "/api/v1/requests/" + r.GUID + "/files/" + f.Name,
		})
	}
	return err
}

func addTasks(v ledger.View, r *report.Request, out *Status) error {
	tasks, err := v.Tasks(r.GUID)
	for _, t := range tasks {
		if !t.Done {
			out.Tasks = append(out.Tasks, Owed{
				Kind: t.Kind, Subject: t.Subject, DueAt: t.DueAt, Attempts: t.Attempts,
				Parked: !t.ParkedAt.IsZero(), Error: t.LastError,
			})
		}
	}
	return err
}

// list answers with the requests the caller may see, newest first.
func (s *Station) list(c call) (answer, error) {
	limit, err := readLimit(c.FormValue("limit"))
	if err != nil {
		return answer{}, err
	}
	f := ledger.Filter{Scope: access.SeeScope(c.who), Before: c.FormValue("before"), Limit: limit}
	if c.FormValue("mine") == "true" {
		f.Scope = ledger.Scope{Account: c.who.Name}
	}
	for _, text := range append(c.Form["state"], f.Before) {
		if !ledger.ValidText(text) {
			return answer{}, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "the address holds what is no text")
		}
	}
	for _, state := range c.Form["state"] {
		f.States = append(f.States, report.State(state))
	}
	out := struct {
		Requests []Summary `json:"requests"`
	}{[]Summary{}}
	err = s.Store.View(c.Context(), func(v ledger.View) error {
		rows, err := v.Requests(f)
		for _, r := range rows {
			out.Requests = append(out.Requests, summaryOf(r))
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// maxList is how many requests a list answers at most, and usually.
const maxList = 100

func readLimit(text string) (int, error) {
	if text == "" {
		return maxList, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxList {
		return 0, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "limit is a number from 1 to %d", maxList)
	}
	return n, nil
}

// catalog answers with the provider's catalog as it was last seen, and when.
func (s *Station) catalog(c call) (answer, error) {
	var out struct {
		protocol.Catalog
		SeenAt time.Time `json:"seen_at"`
	}
	err := s.Store.View(c.Context(), func(v ledger.View) (err error) {
		out.Catalog, out.SeenAt, err = readCatalog(v)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

func readCatalog(v ledger.View) (protocol.Catalog, time.Time, error) {
	row, err := v.Catalog()
	if errors.Is(err, ledger.ErrNotFound) {
		p := protocol.NewProblem(http.StatusServiceUnavailable, "no-catalog", "the provider's catalog was not seen yet; try again in a moment")
		p.RetryAfter = 2
		return protocol.Catalog{}, time.Time{}, p
	}
	if err != nil {
		return protocol.Catalog{}, time.Time{}, err
	}
	var kinds protocol.Catalog
	if err := json.Unmarshal(row.Body, &kinds); err != nil {
		return protocol.Catalog{}, time.Time{}, fmt.Errorf("read the catalog in the ledger: %w", err)
	}
	return kinds, row.At, nil
}
