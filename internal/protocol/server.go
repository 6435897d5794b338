package protocol

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"path"
	"strings"
)

// RequireBearer lets requests with one of the tokens through. Several tokens
// live side by side while one is being changed. No token is 401, a wrong one
// 403; both are compared in constant time.
func RequireBearer(tokens []string, next http.Handler) http.Handler {
	sums := make([][32]byte, len(tokens))
	for i, t := range tokens {
		sums[i] = sha256.Sum256([]byte(t))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			w.Header().Set("WWW-Authenticate", "Bearer") // RFC 6750, section 3
			WriteProblem(w, NewProblem(http.StatusUnauthorized, CodeUnauthenticated, "send Authorization: Bearer and a token"))
			return
		}
		sum, ok := sha256.Sum256([]byte(token)), 0
		for _, s := range sums {
			ok |= subtle.ConstantTimeCompare(sum[:], s[:])
		}
		if ok == 0 {
			WriteProblem(w, NewProblem(http.StatusForbidden, CodeForbidden, "this token is not accepted here"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Problems serves mux and turns its own answers, for a path or a method it
// does not know, into problems. A path that is not clean is not found: the
// contract knows no redirects.
func Problems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path {
			WriteProblem(w, NewProblem(http.StatusNotFound, CodeNotFound, "no such path"))
			return
		}
		fallback, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		only := headOnly{header: http.Header{}}
		fallback.ServeHTTP(&only, r)
		if only.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", only.header.Get("Allow"))
			WriteProblem(w, NewProblem(only.status, CodeMethodNotAllowed, "this path answers %s", only.header.Get("Allow")))
			return
		}
		WriteProblem(w, NewProblem(http.StatusNotFound, CodeNotFound, "no such path"))
	})
}

// headOnly listens to what a handler would have said.
type headOnly struct {
	header http.Header
	status int
}

func (h *headOnly) Header() http.Header         { return h.header }
func (h *headOnly) WriteHeader(status int)      { h.status = status }
func (h *headOnly) Write(p []byte) (int, error) { return len(p), nil }

// NotModified reports whether a conditional GET already has etag (RFC 9110,
// 13.1.2, weak comparison).
func NotModified(r *http.Request, etag string) bool {
	for member := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		member = strings.TrimSpace(member)
		if member == "*" || strings.TrimPrefix(member, "W/") == etag {
			return true
		}
	}
	return false
}

// PathReport reads the GUID of the path value "guid" and checks that the
// Peyk-Request-Id, where there is one, is the same.
func PathReport(r *http.Request) (string, *Problem) {
	guid := r.PathValue("guid")
	if err := CheckGUID(guid); err != nil {
		return "", NewProblem(http.StatusBadRequest, CodeMalformed, "path: %v", err)
	}
	return guid, checkRequestID(r, guid)
}

func checkRequestID(r *http.Request, guid string) *Problem {
	if id := r.Header.Get(HeaderRequestID); id != "" && id != guid {
		return NewProblem(http.StatusBadRequest, CodeMalformed, "%s %.40q is not the report %s", HeaderRequestID, id, guid)
	}
	return nil
}

// QueryGeneration reads the query parameter generation, which the contract
// requires where it has it.
func QueryGeneration(r *http.Request) (int, *Problem) {
	n, err := ParseGeneration(r.URL.Query().Get("generation"))
	if err != nil {
		return 0, NewProblem(http.StatusBadRequest, CodeMalformed, "query parameter generation: %v", err)
	}
	return n, nil
}
