package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"peyk/internal/telemetry"
)

func TestServingNamesRoleAndRequest(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/r/" + guid: guid, "/v1/reports/" + guid + "/files/a.pdf": guid,
		"/": "", "/r/not-a-guid": "", "/r/" + strings.ToUpper(guid): "", "/r/x" + guid: "",
	} {
		ctx := telemetry.Serving(httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil), "web").Context()
		if telemetry.GUID(ctx) != want || telemetry.Role(ctx) != "web" {
			t.Errorf("%s: guid %q, role %q", path, telemetry.GUID(ctx), telemetry.Role(ctx))
		}
	}
}

// The errors of several requests are taken apart, however deep they were joined;
// an error of two causes stays one.
func TestEachErrorIsOfItsRequest(t *testing.T) {
	t.Parallel()
	first, second, other := errors.New("first"), errors.New("second"), errors.New("other")
	both := fmt.Errorf("%w: %w", first, second)
	err := telemetry.Join(nil, telemetry.Join(telemetry.About("a", first), telemetry.About("b", both)), other, telemetry.About("c", nil))
	var got []string
	for ctx, err := range telemetry.Each(t.Context(), err) {
		got = append(got, telemetry.GUID(ctx)+"="+err.Error())
	}
	if fmt.Sprint(got) != "[a=first b=first: second =other]" {
		t.Errorf("%v", got)
	}
	if !errors.Is(err, second) || err.Error() != "first\nfirst: second\nother" {
		t.Errorf("the whole is %q", err)
	}
	for range telemetry.Each(context.Background(), telemetry.Join(nil, nil)) {
		t.Error("an error out of nothing")
	}
	if telemetry.GUID(telemetry.Of(t.Context(), fmt.Errorf("wrapped: %w", telemetry.About("a", first)))) != "a" {
		t.Error("the request of a wrapped error is lost")
	}
}
