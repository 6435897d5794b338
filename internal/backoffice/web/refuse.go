package web

import (
	"errors"
	"net/http"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/page/frame"
	"peyk/internal/backoffice/web/page/message"
	"peyk/internal/protocol"
	"peyk/internal/telemetry"
)

// errCrossOrigin is a form sent from a page that is not ours.
var errCrossOrigin = errors.New("the form was sent from another site")

// class is the page for an error: its status, and its texts' ids.
type class struct {
	status int
	words  string
}

// classOf is the table from errors to pages.
func classOf(err error) class {
	var p *protocol.Problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return class{http.StatusNotFound, "unknown"}
	case errors.Is(err, access.ErrForbidden), errors.Is(err, errCrossOrigin):
		return class{http.StatusForbidden, "forbidden"}
	case errors.Is(err, api.ErrUnreachable):
		return class{http.StatusServiceUnavailable, "unreachable"}
	case errors.Is(err, errNoCatalog):
		return class{http.StatusServiceUnavailable, "nocatalog"}
	case errors.Is(err, errPost):
		return class{http.StatusMethodNotAllowed, "once"}
	case errors.As(err, &tooLarge), errors.Is(err, errTooLong):
		return class{http.StatusRequestEntityTooLarge, "toolarge"}
	case errors.Is(err, errMalformed):
		return class{http.StatusBadRequest, "malformed"}
	case errors.As(err, &p):
		return classOfProblem(p)
	}
	return class{http.StatusInternalServerError, "internal"}
}

// classOfProblem is the table from the trigger's refusals to pages.
func classOfProblem(p *protocol.Problem) class {
	switch p.Status {
	case http.StatusNotFound:
		return class{http.StatusNotFound, "unknown"}
	case http.StatusForbidden:
		return class{http.StatusForbidden, "forbidden"}
	case http.StatusGone:
		if p.Code == "damaged" {
			return class{http.StatusGone, "damaged"}
		}
		return class{http.StatusGone, "gone"}
	case http.StatusTooManyRequests:
		return class{http.StatusTooManyRequests, "toooften"}
	case http.StatusConflict:
		if p.Code == "on-the-way" {
			return class{http.StatusConflict, "ontheway"}
		}
		return class{http.StatusConflict, "moved"}
	}
	return class{http.StatusInternalServerError, "internal"} // our own call was wrong
}

// refuse makes the page for an error, and logs it: here and nowhere else.
func (s *Station) refuse(v *visit, err error) answer {
	c := classOf(err)
	log := s.cfg.Logger.InfoContext
	if c.status >= http.StatusInternalServerError {
		log = s.cfg.Logger.ErrorContext
	}
	log(telemetry.Of(v.Context(), err), "page refused", "path", v.URL.Path, "status", c.status, "account", v.who.Name, "error", err)
	var allow func(http.ResponseWriter) error
	if c.status == http.StatusMethodNotAllowed {
		allow = func(w http.ResponseWriter) error {
			w.Header().Set("Allow", http.MethodPost) // RFC 9110, 15.5.6
			return nil
		}
	}
	if v.Header.Get("HX-Request") == "true" {
		return answer{status: c.status, before: allow}
	}
	p := message.Page{
		Title: v.w.Say("error." + c.words), Text: v.w.Say("error." + c.words + ".text"),
		Link: "/", Label: v.w.Say("error.home"),
	}
	if c.status == http.StatusServiceUnavailable && !changes(v.Method) {
		p.Link, p.Label = v.URL.RequestURI(), v.w.Say("error.retry")
	}
	f, ferr := s.frame(v, p.Title, "")
	if ferr != nil {
		f = s.bare(v, p.Title) // the ledger is down: no menu can be filled
	}
	return answer{status: c.status, page: message.View(f, p), before: allow}
}

// bare is the frame for who is not signed in.
func (s *Station) bare(v *visit, title string) frame.Frame {
	return frame.Frame{W: v.w, Asset: s.assets.URL, Title: title}
}

func (s *Station) nowhere(*visit) (answer, error) { return answer{}, ledger.ErrNotFound }

func (s *Station) crossOrigin(*visit) (answer, error) { return answer{}, errCrossOrigin }
