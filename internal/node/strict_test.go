package node

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Every answer of the front door is protected, whoever gives it: the API, the
// health pages, and the mux that sends a path on to a clean one.
func TestFrontDoorIsStrict(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /api/v1/x", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	statuses := map[int]bool{}
	for _, secure := range []bool{false, true} {
		for _, call := range [][2]string{{"GET", "/healthz"}, {"GET", "/api/v1/x"}, {"POST", "/healthz"}, {"GET", "//healthz"}, {"GET", "/nowhere"}} {
			rec := httptest.NewRecorder()
			strict(mux, secure).ServeHTTP(rec, httptest.NewRequest(call[0], "http://peyk.example"+call[1], nil))
			statuses[rec.Code] = true
			want := map[string]string{
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
				"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "", "Cache-Control": "no-store",
			}
			if secure {
				want["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
			}
			for name, value := range want {
				if got := rec.Header().Get(name); got != value {
					t.Errorf("%v (%d), secure %v: %s is %q, want %q", call, rec.Code, secure, name, got, value)
				}
			}
		}
	}
	if len(statuses) < 5 {
		t.Errorf("only the statuses %v were tried", statuses)
	}
}
