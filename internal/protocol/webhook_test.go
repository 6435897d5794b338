package protocol

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func someWebhook() Webhook {
	return Webhook{
		ID: "0198c1de-8f00-7a11-8d55-3c1f0e9b7a21", Source: WebhookSource, Type: WebhookType(Ready),
		Time: time.Date(2026, 11, 23, 9, 0, 5, 0, time.UTC),
		Data: WebhookData{ReportID: someGUID, Generation: 1, Rev: 3, State: Ready},
	}
}

func TestWebhookGolden(t *testing.T) {
	t.Parallel()
	body, err := someWebhook().Body()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "ready.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(body) + "\n"; got != string(want) {
		t.Errorf("webhook reads\n%swant\n%s", got, want)
	}
	back, err := ParseWebhook(body)
	if err != nil || back != someWebhook() {
		t.Errorf("came back as %+v, %v", back, err)
	}
}

func TestParseWebhookRefuses(t *testing.T) {
	t.Parallel()
	good, err := someWebhook().Body()
	if err != nil {
		t.Fatal(err)
	}
	for what, swap := range map[string][2]string{
		"another version":      {`"specversion":"1.0"`, `"specversion":"0.3"`},
		"no id":                {someWebhook().ID, ""},
		"no source":            {WebhookSource, ""},
		"another type":         {"peyk.report.ready.v1", "peyk.report.ready.v2"},
		"subject is no GUID":   {`"subject":"` + someGUID, `"subject":"` + strings.ToUpper(someGUID)},
		"data of another":      {`"report_id":"0198`, `"report_id":"0199`},
		"generation 0":         {`"generation":1`, `"generation":0`},
		"generation is a word": {`"generation":1`, `"generation":"1"`},
		"rev 0":                {`"rev":3`, `"rev":0`},
		"no state":             {`"state":"ready"`, `"state":""`},
		"no data":              {`"data":`, `"date":`},
		"cut":                  {`}}`, ``},
	} {
		bad := strings.Replace(string(good), swap[0], swap[1], 1)
		if bad == string(good) {
			t.Fatalf("%s: nothing was changed", what)
		}
		if w, err := ParseWebhook([]byte(bad)); err == nil {
			t.Errorf("%s: let through as %+v", what, w)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", "<html>", strings.Repeat(" ", MaxWebhookBody+1)} {
		if _, err := ParseWebhook([]byte(body)); err == nil {
			t.Errorf("%.20q is let through", body)
		}
	}
}

// A later version may add states and fields; any webhook means: look now.
func TestParseWebhookLetsGrow(t *testing.T) {
	t.Parallel()
	body := `{"specversion":"1.0","id":"a","source":"urn:x","type":"peyk.report.on_hold.v1","subject":"` + someGUID + `",
		"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"data":{"report_id":"` + someGUID + `","generation":2,"rev":9,"state":"on_hold","why":"?"}}`
	w, err := ParseWebhook([]byte(body))
	if err != nil || w.Data.State != "on_hold" || w.Data.State.Known() {
		t.Errorf("read %+v, %v", w, err)
	}
}

func FuzzParseWebhook(f *testing.F) {
	good, err := someWebhook().Body()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"specversion":"1.0","data_base64":"e30="}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := ParseWebhook(body)
		if err == nil && (CheckGUID(w.Data.ReportID) != nil || w.Data.Generation < 1 || w.Data.Rev < 1) {
			t.Errorf("ParseWebhook(%q) lets through %+v", body, w)
		}
	})
}
