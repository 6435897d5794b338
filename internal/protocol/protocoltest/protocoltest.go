// Package protocoltest holds every HTTP exchange of a test against the
// contract.
//
// Promise: a request or response that openapi.yaml does not allow fails the
// test, with what was exchanged and the rule it broke; so do a status, a header
// or a media type the contract does not name. Webhooks are held against the
// contract's webhooks section.
//
// Limits: for tests only. It reads bodies into memory, so it suits no endless
// stream. Paths outside its prefix are none of the contract's business and pass
// unchecked.
//
// Failure: a contract that cannot be read fails the test at once; a broken rule
// fails it with Errorf, so that the exchange still ends.
package protocoltest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"peyk/internal/protocol"
)

// webhookPath stands for the receiver's URL: the contract leaves the path of a
// webhook to the receiver, the validator needs one.
const webhookPath = "/v1/webhooks/reportChanged"

// compiled reads the contract once per test binary: it takes longer than most
// tests.
var compiled = sync.OnceValues(func() (validator.Validator, error) {
	doc, err := libopenapi.NewDocument(protocol.Spec())
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("understand openapi.yaml: %w", err)
	}
	hook, ok := model.Model.Webhooks.Get("reportChanged")
	if !ok {
		return nil, fmt.Errorf("openapi.yaml has no webhook reportChanged")
	}
	model.Model.Paths.PathItems.Set(webhookPath, hook)
	return validator.NewValidatorFromV3Model(&model.Model, config.WithFormatAssertions()), nil
})

// Contract checks exchanges against openapi.yaml. It may be used by many
// goroutines.
type Contract struct {
	tb     testing.TB
	check  validator.Validator
	prefix string // of the paths it speaks of
}

// New reads the contract for a test.
func New(tb testing.TB) *Contract {
	tb.Helper()
	check, err := compiled()
	if err != nil {
		tb.Fatal(err)
	}
	return &Contract{tb: tb, check: check, prefix: "/v1/"}
}

// Of reads another contract, whose paths all begin with prefix. It fails the
// test if spec is no valid OpenAPI.
func Of(tb testing.TB, spec []byte, prefix string) *Contract {
	tb.Helper()
	doc, err := libopenapi.NewDocument(spec)
	if err != nil {
		tb.Fatalf("read the contract of %s: %v", prefix, err)
	}
	check, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	if errs != nil {
		tb.Fatalf("understand the contract of %s: %v", prefix, errs)
	}
	if ok, broken := check.ValidateDocument(); !ok {
		tb.Fatalf("the contract of %s is no valid OpenAPI:\n%s", prefix, explain(broken))
	}
	return &Contract{tb: tb, check: check, prefix: prefix}
}

// Transport checks every request and its response on the way through base; nil
// means http.DefaultTransport.
func (c *Contract) Transport(base http.RoundTripper) http.RoundTripper {
	return c.transport(base, func(r *http.Request) string { return r.URL.Path })
}

// WebhookTransport does the same for a sender of webhooks, whatever URL they
// go to.
func (c *Contract) WebhookTransport(base http.RoundTripper) http.RoundTripper {
	return c.transport(base, func(*http.Request) string { return webhookPath })
}

// Handler checks requests to next and its responses.
func (c *Contract) Handler(next http.Handler) http.Handler { return c.handler(next, true) }

// Answers checks only the responses of next, for tests that send requests the
// contract does not allow.
func (c *Contract) Answers(next http.Handler) http.Handler { return c.handler(next, false) }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (c *Contract) transport(base http.RoundTripper, path func(*http.Request) string) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		body, err := drain(&r.Body)
		if err != nil {
			return nil, err
		}
		asked := standIn(r, path(r), body)
		c.request(asked, body)
		resp, err := base.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		answer, err := drain(&resp.Body)
		if err != nil {
			// A connection cut in the middle is the client's to judge.
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{err}))
			return resp, nil
		}
		c.response(standIn(r, path(r), body), resp, answer)
		return resp, nil
	})
}

func (c *Contract) handler(next http.Handler, both bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := drain(&r.Body)
		if err != nil {
			c.tb.Errorf("read the body of %s %s: %v", r.Method, r.URL, err)
			return
		}
		if both {
			c.request(standIn(r, r.URL.Path, body), body)
		}
		rec := httptest.NewRecorder()
		asked := standIn(r, r.URL.Path, body)
		next.ServeHTTP(rec, r)
		resp := rec.Result()
		answer := rec.Body.Bytes()
		c.response(asked, resp, answer)
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(answer)
	})
}

func (c *Contract) request(r *http.Request, body []byte) {
	if !strings.HasPrefix(r.URL.Path, c.prefix) {
		return
	}
	if ok, broken := c.check.ValidateHttpRequestSync(r); !ok {
		c.tb.Errorf("request breaks the contract: %s %s\n%v\n%.2000s\n%s", r.Method, r.URL, r.Header, body, explain(broken))
	}
}

func (c *Contract) response(asked *http.Request, resp *http.Response, body []byte) {
	if !strings.HasPrefix(asked.URL.Path, c.prefix) {
		return
	}
	held := *resp
	held.Body = io.NopCloser(bytes.NewReader(body))
	if ok, broken := c.check.ValidateHttpResponse(asked, &held); !ok {
		c.tb.Errorf("response breaks the contract: %d to %s %s\n%v\n%.2000s\n%s",
			resp.StatusCode, asked.Method, asked.URL, resp.Header, body, explain(broken))
	}
}

// standIn copies r for the validator, which reads bodies and wants a path it
// knows.
func standIn(r *http.Request, path string, body []byte) *http.Request {
	clone := r.Clone(r.Context())
	clone.URL.Path, clone.URL.RawPath = path, ""
	clone.Body = io.NopCloser(bytes.NewReader(body))
	return clone
}

// drain reads a body and puts an equal one in its place. On an error it returns
// what came before it.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	all, err := io.ReadAll(*body)
	if closing := (*body).Close(); err == nil {
		err = closing
	}
	*body = io.NopCloser(bytes.NewReader(all))
	return all, err
}

// failing is the rest of a body that was cut.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func explain(broken []*errors.ValidationError) string {
	var b strings.Builder
	for _, e := range broken {
		fmt.Fprintf(&b, "  %s: %s (openapi.yaml:%d)\n", e.Message, e.Reason, e.SpecLine)
		for _, s := range e.SchemaValidationErrors {
			fmt.Fprintf(&b, "    %s at %s\n", s.Reason, s.FieldPath)
		}
	}
	return b.String()
}
