// Package protocol is the border between the company and the provider of
// reports: the contract as one OpenAPI 3.1 file (openapi.yaml, see [Spec]),
// the messages as Go types, a client for the company's side, and the helpers
// with which a provider answers.
//
// Promise: what this package sends, the contract allows; every exchange in the
// tests of both sides runs through a validator fed with openapi.yaml (package
// protocoltest), so file and code cannot drift apart. The client believes
// nothing it can check: it follows no redirect, asks for no compression, reads
// no more than a limit, and refuses an answer about another report.
//
// The types and the client are written by hand and tested against the file,
// instead of being generated from it: files are streamed with Range, If-Range
// and strong ETags, and every error is problem+json, and with net/http both
// stay plain to read, where generated code wants an adapter for each.
//
// Limits: the package does not dial (the caller's *http.Client does, with its
// own rules about addresses and time), it does not retry, and it keeps nothing.
// Unknown fields and unknown states of an operation are let through: the
// contract may grow on the other side first.
//
// Failure: a call that did not work returns a *report.Error whose class says
// what to do (see classify), whose code is the provider's where it gave a
// well-formed one, and whose cause holds the *Problem for errors.As. A submit
// without an answer is transient, not unknown, because the same POST under the
// same Idempotency-Key may be sent again. Verification of a webhook fails with
// one of the errors listed at [Verifier.Verify].
package protocol

import _ "embed" // for the contract

//go:embed openapi.yaml
var spec []byte

// Spec returns the contract, an OpenAPI 3.1 document in YAML. The caller owns
// the copy.
func Spec() []byte { return append([]byte(nil), spec...) }

// Header names of the contract that net/http has no constants for.
const (
	HeaderRequestID      = "Peyk-Request-Id" // the GUID, on every request about one report
	HeaderIdempotencyKey = "Idempotency-Key" // "guid.generation", a quoted string (RFC 8941, 3.3.3)
	HeaderReprDigest     = "Repr-Digest"     // RFC 9530, section 3
)

// Media types of the contract.
const (
	MediaJSON       = "application/json"
	MediaProblem    = "application/problem+json"     // RFC 9457
	MediaCloudEvent = "application/cloudevents+json" // CloudEvents 1.0, structured mode
)

// Sizes of the contract, in bytes.
const (
	MaxSubmitBody  = 256 << 10 // of a POST; more is answered 413
	MaxAnswerBody  = 1 << 20   // of any JSON answer; the client reads no further
	MaxWebhookBody = 64 << 10  // of a webhook; more is answered 413
)
