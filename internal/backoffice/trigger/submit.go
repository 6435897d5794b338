package trigger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// formDrawnHeader carries when web drew the form, evidence of step 1.
const formDrawnHeader = "Peyk-Form-Drawn-At"

// More than any type has.
const (
	maxFormats    = 10
	maxParameters = 200
)

// asked is the body of POST /requests.
type asked struct {
	GUID       string                     `json:"guid"`
	Type       string                     `json:"type"`
	Parameters map[string]json.RawMessage `json:"parameters"`
	Formats    []string                   `json:"formats,omitempty"`
	Locale     string                     `json:"locale,omitempty"`
	TimeZone   string                     `json:"time_zone,omitempty"`
	Recipients []string                   `json:"recipients,omitempty"` // accounts besides the requester
	Note       string                     `json:"note,omitempty"`
}

// taken is the body of the 202. It says only what never changes, so that the
// same request gets the same answer at any time.
type taken struct {
	GUID        string       `json:"guid"`
	State       report.State `json:"state"` // the first one
	Version     int64        `json:"version"`
	RequestedAt time.Time    `json:"requested_at"`
	Status      string       `json:"status"`
}

func (s *Station) submit(c call) (answer, error) {
	var in asked
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	if err := checkShape(in); err != nil {
		return answer{}, err
	}
	out, err := s.take(c.about(in.GUID), in)
	return out, telemetry.About(in.GUID, err)
}

// take records a request once, however often it is sent, and answers with what
// was recorded.
func (s *Station) take(c call, in asked) (answer, error) {
	r, fresh, err := s.record(c, in)
	if err != nil {
		return answer{}, err
	}
	if fresh {
		s.publish(c.Context(), event.Event{Type: firstEvent(r), GUID: r.GUID, Generation: r.Generation, Version: r.Version})
		s.Log.InfoContext(c.Context(), "request recorded", "type", in.Type, "state", r.State, "owner", c.who.Name)
	}
	path := "/api/v1/requests/" + r.GUID
	first := taken{GUID: r.GUID, State: firstState(r.Asked), Version: 1, RequestedAt: r.CreatedAt, Status: path}
	return answer{status: http.StatusAccepted, body: first, location: path}, nil
}

func firstState(a report.Asked) report.State {
	if a.Approval == report.NoApproval {
		return report.Accepted
	}
	return report.AwaitingApproval
}

func firstEvent(r *report.Request) event.Type {
	if r.State == report.AwaitingApproval {
		return event.ApprovalAsked
	}
	return event.ReportRequested
}

// checkShape refuses what needs no catalog to be refused.
func checkShape(in asked) error {
	id, err := uuid.Parse(in.GUID)
	if err != nil || id.String() != in.GUID || id.Version() != 7 {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "guid must be a UUIDv7 in lower case (RFC 9562)")
	}
	if utf8.RuneCountInString(in.Note) > report.MaxNote {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "a note may have %d characters", report.MaxNote)
	}
	if len(in.Formats) > maxFormats || len(in.Parameters) > maxParameters {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "a request names at most %d formats and %d parameters", maxFormats, maxParameters)
	}
	if len(in.Recipients) > 50 {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "a report goes to at most 50 people")
	}
	return nil
}

// record commits the request, or finds the one this GUID already is.
func (s *Station) record(c call, in asked) (r *report.Request, fresh bool, err error) {
	bodyHash, err := hashBody(in)
	if err != nil {
		return nil, false, err
	}
	err = s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		fresh = false
		if r, err = tx.Request(in.GUID); err == nil {
			return sameRequest(r, c.who.Name, bodyHash)
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		what, err := s.resolve(tx, c.who, in)
		if err != nil {
			return err
		}
		what.BodyHash = bodyHash
		fresh = true
		r, err = s.insert(tx, c, in, what)
		return err
	})
	return r, fresh, err
}

// hashBody digests the body as it was meant: field order and spaces do not
// count, every value does.
func hashBody(in asked) (string, error) {
	sort.Strings(in.Recipients)
	for name, raw := range in.Parameters {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return "", fmt.Errorf("compact parameter %s: %w", name, err)
		}
		in.Parameters[name] = b.Bytes()
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("hash the body of %s: %w", in.GUID, err)
	}
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:]), nil
}

func sameRequest(r *report.Request, owner, bodyHash string) error {
	if r.Asked.Owner != owner || r.Asked.BodyHash != bodyHash {
		return protocol.NewProblem(http.StatusConflict, "guid-reused", "this GUID already belongs to another request")
	}
	return nil
}

// insert is the commit of steps 1 to 3.
func (s *Station) insert(tx ledger.Tx, c call, in asked, what report.Asked) (*report.Request, error) {
	what.RequestedAt = tx.Now()
	expected, err := expectedTime(tx, what.Type)
	if err != nil {
		return nil, err
	}
	r, move, err := report.New(in.GUID, what, expected, tx.Now())
	if err != nil {
		return nil, err
	}
	for _, name := range in.recipientsOf(c.who.Name) {
		if err := tx.PutRecipient(ledger.Recipient{GUID: r.GUID, Account: name}); err != nil {
			return nil, err
		}
	}
	form := report.Evidence{"parameters": len(in.Parameters), "formats": what.Formats, "recipients": len(in.Recipients) + 1}
	if at := c.Header.Get(formDrawnHeader); at != "" {
		if drawn, err := time.Parse(time.RFC3339Nano, at); err == nil {
			form["form_drawn_at"] = drawn.UTC()
		}
	}
	asked := ledger.Fact(r, report.Requester, report.StepAsked, "asked", form)
	stamped := ledger.Fact(r, report.Web, report.StepStamped, "stamped", report.Evidence{"guid": r.GUID, "by": c.UserAgent()})
	for _, e := range []report.Entry{asked, stamped} {
		if err := tx.Append(e); err != nil {
			return nil, err
		}
	}
	return r, ledger.Move(tx, r, move)
}

func (a asked) recipientsOf(owner string) []string {
	names := append([]string{owner}, a.Recipients...)
	slices.Sort(names)
	return slices.Compact(names)
}

// resolve turns what came in into what will run.
func (s *Station) resolve(tx ledger.View, who ledger.Account, in asked) (report.Asked, error) {
	what, _, err := s.resolveWith(tx, who, in)
	return what, err
}

// resolution is how a request was understood: its type and its values.
type resolution struct {
	kind   protocol.ReportType
	values map[string]json.RawMessage
}

func (s *Station) resolveWith(tx ledger.View, who ledger.Account, in asked) (report.Asked, resolution, error) {
	kind, err := findType(tx, in.Type)
	if err != nil {
		return report.Asked{}, resolution{}, err
	}
	in.Locale = cmp.Or(in.Locale, who.Locale, "en")
	in.TimeZone = cmp.Or(in.TimeZone, who.TimeZone, "UTC")
	if len(in.Formats) == 0 {
		in.Formats = kind.Formats[:1]
	}
	zone, bad, err := checkDelivery(tx, kind, in)
	if err != nil {
		return report.Asked{}, resolution{}, err
	}
	values, wrong := resolveParameters(kind, in.Parameters, tx.Now().In(zone))
	if bad = append(bad, wrong...); len(bad) > 0 {
		p := protocol.NewProblem(http.StatusUnprocessableEntity, protocol.CodeInvalidParams, "some answers of the form cannot be used")
		p.Errors = bad
		return report.Asked{}, resolution{}, p
	}
	parameters, err := json.Marshal(values)
	if err != nil {
		return report.Asked{}, resolution{}, fmt.Errorf("write down the parameters of %s: %w", in.GUID, err)
	}
	return report.Asked{
		Type: kind.ID, TypeVersion: kind.Version, Title: kind.Title, Sentence: inWords(kind, values), Short: inShort(kind, values),
		Parameters: parameters, Formats: in.Formats, Locale: in.Locale, TimeZone: in.TimeZone,
		Owner: who.Name, OwnerName: who.FullName, Note: in.Note,
		Approval: access.ApprovalBy(kind.Approval), Retention: s.Retention,
	}, resolution{kind, values}, nil
}

// findType looks the type up in the catalog as the gateway last saw it.
func findType(v ledger.View, id string) (protocol.ReportType, error) {
	kinds, _, err := readCatalog(v)
	if err != nil {
		return protocol.ReportType{}, err
	}
	if kind, found := kinds.Find(id); found && len(kind.Formats) > 0 {
		return kind, nil
	}
	return protocol.ReportType{}, protocol.NewProblem(http.StatusUnprocessableEntity, "unknown-type", "there is no report type %q", id)
}

// checkDelivery checks language, time zone, formats and recipients.
func checkDelivery(v ledger.View, kind protocol.ReportType, in asked) (zone *time.Location, bad []protocol.ProblemDetail, err error) {
	refuse := func(pointer, format string, args ...any) {
		bad = append(bad, protocol.ProblemDetail{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	}
	if in.Locale != "tr" && in.Locale != "en" {
		refuse("/locale", "is tr or en")
	}
	zone, unknown := time.LoadLocation(in.TimeZone)
	if unknown != nil || in.TimeZone == "Local" {
		zone = time.UTC
		refuse("/time_zone", "is no time zone of the IANA database")
	}
	for i, f := range in.Formats {
		if !slices.Contains(kind.Formats, f) {
			refuse(fmt.Sprintf("/formats/%d", i), "this report comes as %v", kind.Formats)
		}
		if slices.Contains(in.Formats[:i], f) {
			refuse(fmt.Sprintf("/formats/%d", i), "is named twice")
		}
	}
	for i, name := range in.Recipients {
		a, err := v.Account(name)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return zone, nil, fmt.Errorf("look up recipient %s: %w", name, err)
		}
		if err != nil || a.Gone {
			refuse(fmt.Sprintf("/recipients/%d", i), "nobody here is called %q", name)
		}
	}
	return zone, bad, nil
}

// Without history a report is promised in a quarter of an hour.
const (
	history       = 20
	withoutRecord = 15 * time.Minute
)

// expectedTime is the 95th percentile of the last reports of the type.
func expectedTime(v ledger.View, kind string) (time.Duration, error) {
	took, err := v.Durations(kind, history)
	if err != nil {
		return 0, fmt.Errorf("look up how long %s takes: %w", kind, err)
	}
	if len(took) == 0 {
		return withoutRecord, nil
	}
	slices.Sort(took)
	return took[(len(took)*95+99)/100-1], nil
}
