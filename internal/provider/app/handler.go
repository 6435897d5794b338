package app

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// pageSize is how many operations a page of the list has.
const pageSize = 100

// Handler answers the calls of the contract but that for files, and, for the
// operator and without a token, GET /healthz (the process lives) and GET
// /readyz (it takes requests).
func (a *App) Handler() http.Handler {
	v1 := http.NewServeMux()
	v1.Handle("GET /v1/catalog", a.answer(a.catalog))
	v1.Handle("POST /v1/reports", a.answer(a.submit))
	v1.Handle("GET /v1/reports", a.answer(a.list))
	v1.Handle("GET /v1/reports/{guid}", a.answer(a.operation))
	v1.Handle("DELETE /v1/reports/{guid}", a.answer(a.remove))

	all := http.NewServeMux()
	all.Handle("/", protocol.RequireBearer(a.Tokens, protocol.Problems(v1)))
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	all.Handle("GET /readyz", a.answer(a.ready))
	return all
}

// answer is where errors become problems, and are logged if they are ours.
func (a *App) answer(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = telemetry.Serving(r, role)
		if guid := r.Header.Get(protocol.HeaderRequestID); telemetry.GUID(r.Context()) == "" && protocol.CheckGUID(guid) == nil {
			r = r.WithContext(telemetry.WithGUID(r.Context(), guid))
		}
		err := h(w, r)
		if err == nil {
			return
		}
		p := problemOf(err)
		if p.Status >= 500 {
			a.Log.ErrorContext(r.Context(), "cannot answer", "method", r.Method, "path", r.URL.Path, "error", err)
		} else {
			a.Log.InfoContext(r.Context(), "refused", "method", r.Method, "path", r.URL.Path,
				"status", p.Status, "code", p.Code, "detail", p.Detail)
		}
		protocol.WriteProblem(w, p)
	})
}

// problemOf is the table from errors to answers.
func problemOf(err error) *protocol.Problem {
	var p *protocol.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, store.ErrUnknown):
		return protocol.NewProblem(http.StatusNotFound, protocol.CodeReportUnknown, "no report of this GUID is known here")
	case errors.Is(err, store.ErrTombstoned):
		return protocol.NewProblem(http.StatusGone, protocol.CodeTombstoned, "this generation was deleted, or a higher one was asked for")
	case errors.Is(err, store.ErrKeyReused):
		return protocol.NewProblem(http.StatusUnprocessableEntity, protocol.CodeKeyReused, "this generation was asked for with another body")
	case errors.Is(err, store.ErrClosed):
		return stopping()
	}
	return protocol.NewProblem(http.StatusInternalServerError, protocol.CodeInternal, "the request could not be carried out; try again")
}

func stopping() *protocol.Problem {
	p := protocol.NewProblem(http.StatusServiceUnavailable, protocol.CodeUnavailable, "this service is stopping")
	p.RetryAfter = 5
	return p
}

func (a *App) ready(w http.ResponseWriter, r *http.Request) error {
	if a.stopping.Load() {
		return stopping()
	}
	if err := a.Store.Ping(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *App) catalog(w http.ResponseWriter, r *http.Request) error {
	c := a.Engine.Catalog()
	w.Header().Set("ETag", c.ETag)
	if protocol.NotModified(r, c.ETag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	protocol.WriteJSON(w, http.StatusOK, c)
	return nil
}

// submit looks for a replay before it asks the catalog: what was accepted once
// stays accepted, whatever the catalog says now.
func (a *App) submit(w http.ResponseWriter, r *http.Request) error {
	if a.stopping.Load() {
		return stopping()
	}
	s, p := protocol.ReadSubmit(w, r)
	if p != nil {
		return p
	}
	o, known, err := a.Store.Known(r.Context(), s)
	if err != nil {
		return err
	}
	if !known {
		t, err := a.check(s.SubmitRequest)
		if err != nil {
			return err
		}
		if o, err = a.Store.Submit(r.Context(), s, t.TypicalSeconds); err != nil {
			return err
		}
		a.Log.InfoContext(r.Context(), "accepted", "generation", s.Generation, "type", s.Type)
	}
	if err := a.stand(r.Context(), &o); err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/reports/"+s.ReportID)
	w.Header().Set("Retry-After", strconv.Itoa(lookAfter(o)))
	if r.Header.Get("Prefer") != "" {
		w.Header().Set("Preference-Applied", "respond-async")
	}
	protocol.WriteJSON(w, http.StatusAccepted, o)
	return nil
}

// check holds a request against the catalog.
func (a *App) check(s protocol.SubmitRequest) (engine.ReportType, error) {
	t, ok := a.reportType(s.Type)
	if !ok {
		return t, protocol.InvalidParameters(protocol.ProblemDetail{Pointer: "/type", Detail: "is not in the catalog"})
	}
	var details []protocol.ProblemDetail
	if s.TypeVersion != "" && s.TypeVersion != t.Version {
		details = append(details, protocol.ProblemDetail{Pointer: "/type_version", Detail: "is not the version in the catalog"})
	}
	for i, f := range s.Formats {
		if !slices.Contains(t.Formats, f) {
			details = append(details, protocol.ProblemDetail{Pointer: fmt.Sprintf("/formats/%d", i), Detail: "is not a format of this type"})
		}
	}
	if !s.Deadline.IsZero() && s.Deadline.Before(a.Now()) {
		details = append(details, protocol.ProblemDetail{Pointer: "/deadline", Detail: "has passed"})
	}
	if details != nil {
		return t, protocol.InvalidParameters(details...)
	}
	if err := a.Engine.Validate(s.Type, s.Parameters); err != nil {
		return t, invalid(err)
	}
	return t, nil
}

func (a *App) reportType(id string) (engine.ReportType, bool) {
	types := a.Engine.Catalog().Types
	i := slices.IndexFunc(types, func(t engine.ReportType) bool { return t.ID == id })
	if i < 0 {
		return engine.ReportType{}, false
	}
	return types[i], true
}

// invalid turns the engine's refusal into a 422; an error that is no refusal
// stays what it is.
func invalid(err error) error {
	if report.ClassOf(err) != report.Permanent {
		return err
	}
	p := protocol.InvalidParameters()
	if report.CodeOf(err) == protocol.CodeExpression {
		p.Code = protocol.CodeExpression
	}
	if e := new(report.Error); errors.As(err, &e) && e.Sentence != "" {
		p.Detail = e.Sentence
	}
	if fields := new(engine.Invalid); errors.As(err, &fields) {
		for _, f := range fields.Fields {
			p.Errors = append(p.Errors, protocol.ProblemDetail{Pointer: "/parameters/" + f.Name, Detail: f.Why})
		}
	}
	return p
}

func (a *App) operation(w http.ResponseWriter, r *http.Request) error {
	guid, p := protocol.PathReport(r)
	if p != nil {
		return p
	}
	o, err := a.Store.Operation(r.Context(), guid)
	if err != nil {
		return err
	}
	if !o.State.Ended() {
		if err := a.stand(r.Context(), &o); err != nil {
			return err
		}
		w.Header().Set("Retry-After", strconv.Itoa(lookAfter(o)))
	}
	w.Header().Set("ETag", o.ETag())
	if protocol.NotModified(r, o.ETag()) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	protocol.WriteJSON(w, http.StatusOK, o)
	return nil
}

func (a *App) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	after, err := time.Parse(time.RFC3339Nano, q.Get("updated_after"))
	if err != nil {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "query parameter updated_after: want an RFC 3339 time")
	}
	list, next, err := a.Store.Operations(r.Context(), after, q.Get("page"), pageSize)
	if errors.Is(err, store.ErrUnknown) {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "query parameter page: not given out here")
	}
	if err != nil {
		return err
	}
	protocol.WriteJSON(w, http.StatusOK, protocol.Page{Operations: list, Next: next})
	return nil
}

func (a *App) remove(w http.ResponseWriter, r *http.Request) error {
	guid, p := protocol.PathReport(r)
	if p != nil {
		return p
	}
	generation, p := protocol.QueryGeneration(r)
	if p != nil {
		return p
	}
	if err := a.Store.Delete(r.Context(), guid, generation); err != nil {
		return err
	}
	a.cancel(guid, generation)
	a.Log.InfoContext(r.Context(), "deleted", "generation", generation)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
