package report_test

import (
	"testing"
	"time"

	"peyk/internal/report"
)

func TestHashIsOfWhatDecidesWhatRuns(t *testing.T) {
	t.Parallel()
	hash := func(change func(*report.Asked)) string {
		a := asked("finance")
		change(&a)
		h, err := a.Hash()
		if err != nil || len(h) != 64 {
			t.Fatalf("hash %q, %v", h, err)
		}
		return h
	}
	same := hash(func(*report.Asked) {})
	for name, change := range map[string]func(*report.Asked){
		"type":       func(a *report.Asked) { a.Type = "top-games.v2" },
		"version":    func(a *report.Asked) { a.TypeVersion = "6a4b" },
		"parameters": func(a *report.Asked) { a.Parameters = []byte(`{"count":500}`) },
		"formats":    func(a *report.Asked) { a.Formats = []string{"pdf", "xlsx"} },
		"language":   func(a *report.Asked) { a.Locale = "en" },
		"time zone":  func(a *report.Asked) { a.TimeZone = "UTC" },
	} {
		if hash(change) == same {
			t.Errorf("another %s has the same hash", name)
		}
	}
	for name, change := range map[string]func(*report.Asked){
		"note":           func(a *report.Asked) { a.Note = "lütfen" },
		"time":           func(a *report.Asked) { a.RequestedAt = noon },
		"spaces in JSON": func(a *report.Asked) { a.Parameters = []byte("{ \"count\": 50\n}") },
	} {
		if hash(change) != same {
			t.Errorf("another %s has another hash", name)
		}
	}
}

func TestParametersThatAreNoJSONCannotBeAccepted(t *testing.T) {
	t.Parallel()
	a := asked(report.NoApproval)
	a.Parameters = []byte(`{"count":`)
	if _, _, err := report.New(guid, a, promise, noon); err == nil {
		t.Error("a request was accepted whose hash cannot be told")
	}
}

func TestTextIsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	both := report.Text{EN: "Sales", TR: "Satış"}
	for _, c := range []struct {
		text   report.Text
		locale string
		want   string
	}{
		{both, "tr", "Satış"},
		{both, "tr-TR", "Satış"},
		{both, "en", "Sales"},
		{both, "de", "Sales"},
		{both, "", "Sales"},
		{report.Text{EN: "Sales"}, "tr", "Sales"},
		{report.Text{TR: "Satış"}, "en", "Satış"},
	} {
		if got := c.text.In(c.locale); got != c.want {
			t.Errorf("%+v in %q: %q, want %q", c.text, c.locale, got, c.want)
		}
	}
}

// What the provider knows nothing of is forgotten by the second such answer,
// when it was asked for at least 30 s after the first was noted.
func TestForgottenTakesTwoAnswersHalfAMinuteApart(t *testing.T) {
	t.Parallel()
	r := &report.Request{State: report.Preparing}
	asked := func(after time.Duration) bool {
		return r.Missed(noon.Add(after), noon.Add(after+time.Second))
	}
	if asked(0) {
		t.Error("forgotten by one answer")
	}
	if asked(30 * time.Second) {
		t.Error("forgotten by a second answer that was asked for 29 s after the first")
	}
	if !asked(31 * time.Second) {
		t.Error("not forgotten by an answer that was asked for 30 s after the first")
	}
	if _, err := r.Found(files, time.Time{}, noon, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Gone(noon, nil); err != nil {
		t.Fatal(err)
	}
	if asked(time.Hour) {
		t.Error("forgotten although another answer came between")
	}
}

func TestEveryStepHasWhoTakesIt(t *testing.T) {
	t.Parallel()
	want := []report.Role{
		report.Requester, report.Web, report.Trigger, report.Gateway, report.Gateway, report.ProviderApp, report.Reader,
		report.Gateway, report.Gateway, report.Gateway, report.Trace, report.Trace, report.Trace,
	}
	if len(want) != report.Steps {
		t.Fatalf("%d steps, want %d", report.Steps, len(want))
	}
	for i, role := range want {
		if got := report.Step(i + 1).Role(); got != role {
			t.Errorf("step %d is taken by %q, want %q", i+1, got, role)
		}
	}
	for _, none := range []report.Step{0, report.Steps + 1} {
		if got := none.Role(); got != "" {
			t.Errorf("step %d is taken by %q", none, got)
		}
	}
}

// Who sweeps a deadline is who may make the move it leads to.
func TestTheOwnerOfAStateMayEndIt(t *testing.T) {
	t.Parallel()
	end := map[report.State]report.State{
		report.AwaitingApproval: report.Expired, report.Accepted: report.Failed, report.Submitting: report.Failed,
		report.Preparing: report.Failed, report.Ready: report.Failed, report.Stored: report.Delivered,
	}
	for _, s := range report.States() {
		if role, _ := report.CanMove(s, end[s]); s.Owner() != role {
			t.Errorf("%s is swept by %q, but %q makes the move to %q", s, s.Owner(), role, end[s])
		}
		if s.Terminal() != (end[s] == "") {
			t.Errorf("%s terminal: %t", s, s.Terminal())
		}
		if _, can := design()[edge{s, report.Cancelled}]; s.Cancellable() != can {
			t.Errorf("%s cancellable: %t", s, s.Cancellable())
		}
	}
}

func TestWhatWasDecidedIsFinal(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*report.Request) (report.Move, error){
		"declined": func(r *report.Request) (report.Move, error) { return r.Decline(approver, "pahalı", noon) },
		"expired": func(r *report.Request) (report.Move, error) {
			return r.Expire(noon.Add(report.ApprovalTime))
		},
		"cancelled": func(r *report.Request) (report.Move, error) { return r.Cancel(requester, "", noon) },
	} {
		r, _, err := report.New(guid, asked("finance"), promise, noon)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := end(r); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Redrive("işletmen", r.Version, promise, noon); err == nil {
			t.Errorf("%s, but it was redriven", name)
		}
		if _, err := r.Approve(approver, promise, noon); err == nil {
			t.Errorf("%s, but it was approved", name)
		}
	}
}

func TestWhatRunsIsWhatWasApproved(t *testing.T) {
	t.Parallel()
	r, _, err := report.New(guid, asked("finance"), promise, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Approve(approver, promise, noon); err != nil {
		t.Fatal(err)
	}
	r.Asked.Parameters = []byte(`{"count":51}`)
	if _, err := r.Submit(noon, nil); err == nil || r.State != report.Accepted {
		t.Errorf("what was not approved went to %s, %v", r.State, err)
	}
	if _, err := r.Fail(report.Failure{Code: "not-approved"}, noon, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Redrive("işletmen", r.Version, promise, noon); err == nil || r.State != report.Failed {
		t.Errorf("what was not approved was redriven to %s, %v", r.State, err)
	}
}
