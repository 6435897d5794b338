package protocol

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Submission is a POST that can be read.
type Submission struct {
	SubmitRequest
	BodyHash string // SHA-256 in hex of the body's content, whatever its spacing and order of keys
}

// ReadSubmit reads a POST of a report as far as the contract alone can judge
// it. Whether the type exists and the parameters fit is the catalog's matter.
func ReadSubmit(w http.ResponseWriter, r *http.Request) (Submission, *Problem) {
	if mediaType(r.Header) != MediaJSON {
		return Submission{}, NewProblem(http.StatusUnsupportedMediaType, CodeUnsupportedMedia, "send %s", MediaJSON)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxSubmitBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		return Submission{}, NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body may have %d bytes", MaxSubmitBody)
	}
	if err != nil {
		return Submission{}, NewProblem(http.StatusBadRequest, CodeMalformed, "the body ended early")
	}
	var s Submission
	if err := json.Unmarshal(body, &s.SubmitRequest); err != nil {
		return Submission{}, NewProblem(http.StatusBadRequest, CodeMalformed, "body: %v", err)
	}
	if s.BodyHash, err = hashJSON(body); err != nil {
		return Submission{}, NewProblem(http.StatusBadRequest, CodeMalformed, "body: %v", err)
	}
	if p := checkHead(r, s.SubmitRequest); p != nil {
		return Submission{}, p
	}
	if p := checkSubmit(s.SubmitRequest); p != nil {
		return Submission{}, p
	}
	return s, nil
}

// checkHead compares the headers with the body.
func checkHead(r *http.Request, s SubmitRequest) *Problem {
	if err := CheckGUID(s.ReportID); err != nil {
		return NewProblem(http.StatusBadRequest, CodeMalformed, "report_id: %v", err)
	}
	guid, generation, err := ParseIdempotencyKey(r.Header.Get(HeaderIdempotencyKey))
	if err != nil {
		return NewProblem(http.StatusBadRequest, CodeMalformed, "%v", err)
	}
	if guid != s.ReportID || generation != s.Generation {
		return NewProblem(http.StatusBadRequest, CodeMalformed, "%s names %s generation %d, the body %s generation %d",
			HeaderIdempotencyKey, guid, generation, s.ReportID, s.Generation)
	}
	return checkRequestID(r, s.ReportID)
}

// checkSubmit finds everything wrong with the fields every type has, so that
// one answer names it all.
func checkSubmit(s SubmitRequest) *Problem {
	var details []ProblemDetail
	refuse := func(bad bool, pointer, detail string) {
		if bad {
			details = append(details, ProblemDetail{Pointer: pointer, Detail: detail})
		}
	}
	refuse(s.Type == "", "/type", "is missing")
	refuse(len(s.Formats) == 0, "/formats", "names no format")
	refuse(!isLocale(s.Locale), "/locale", "is no language tag")
	refuse(!isZone(s.TimeZone), "/time_zone", "is no IANA time zone")
	refuse(s.MaxBytes < 0, "/max_bytes", "is negative")
	refuse(len(s.RequestedBy) > 200, "/requested_by", "is longer than 200 bytes")
	if details == nil {
		return nil
	}
	return InvalidParameters(details...)
}

// InvalidParameters is the 422 that says where the body is wrong.
func InvalidParameters(details ...ProblemDetail) *Problem {
	p := NewProblem(http.StatusUnprocessableEntity, CodeInvalidParams, "the request cannot be prepared as it is")
	p.Errors = details
	return p
}

func isZone(name string) bool {
	_, err := time.LoadLocation(name)
	return name != "" && name != "Local" && err == nil
}

// isLocale accepts the shape of a language tag; which languages a document can
// be in is the engine's matter.
func isLocale(tag string) bool {
	bare := strings.ReplaceAll(tag, "-", "")
	return len(bare) >= 2 && len(tag) <= 35 && strings.IndexFunc(bare, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) < 0
}

// hashJSON hashes the content of a document: decoded and encoded again, keys
// are sorted and spacing is gone, while numbers keep their spelling.
func hashJSON(body []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var content any
	if err := dec.Decode(&content); err != nil {
		return "", err
	}
	canonical, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}
