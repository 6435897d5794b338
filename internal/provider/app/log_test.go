package app

import (
	"net/http"
	"testing"

	"peyk/internal/protocol"
)

// Each record about a report names its request.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	in := request(1)
	must(p.Submit(t.Context(), in))(t)
	p.told(t)
	if err := p.Delete(t.Context(), in.ReportID, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Operation(t.Context(), "019ab0f2-7c00-7000-8000-000000000001", ""); err == nil {
		t.Error("a report that nobody asked for is known")
	}
	p.stop()
	p.log.About(in.ReportID, "accepted", "prepared", "told the company", "deleted")
	p.log.About("019ab0f2-7c00-7000-8000-000000000001", "refused")
}

// What is refused before its body is read is named by the header.
func TestLogsOfRefusedSubmitsNameTheRequest(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	in := request(1)
	in.Type = "none.v1"
	if _, err := p.Submit(t.Context(), in); err == nil {
		t.Error("an unknown type is accepted")
	}
	p.log.About(in.ReportID, "refused")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/reports", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set(protocol.HeaderRequestID, "not-a-guid")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
