package report_test

import (
	"testing"
	"time"

	"peyk/internal/report"
)

// deliver takes a request all the way with what the provider declared.
func deliver(t *testing.T, m report.Manifest) *report.Request {
	t.Helper()
	r, _, err := report.New(guid, asked(report.NoApproval), promise, noon)
	if err != nil {
		t.Fatal(err)
	}
	r.Announced(noon)
	for _, move := range []func() (report.Move, error){
		func() (report.Move, error) { return r.Submit(noon, nil) },
		func() (report.Move, error) { return r.Prepare(noon, nil) },
		func() (report.Move, error) { return r.Found(m, time.Time{}, noon, nil) },
		func() (report.Move, error) { return r.Store(noon, nil) },
		func() (report.Move, error) { r.Announced(noon); return r.Deliver(noon, nil) },
	} {
		if _, err := move(); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestOutcomeOfADeliveredReport(t *testing.T) {
	t.Parallel()
	rows := func(n ...int) (out []report.File) {
		for _, rows := range n {
			out = append(out, report.File{Name: "rapor", Rows: rows})
		}
		return out
	}
	source := func(states ...report.SourceState) (out []report.Source) {
		for _, s := range states {
			out = append(out, report.Source{Name: "shop", State: s})
		}
		return out
	}
	for name, c := range map[string]struct {
		files   []report.File
		sources []report.Source
		want    report.Outcome
	}{
		"rows":                               {rows(7), source(report.SourceComplete), report.OutcomeSucceeded},
		"no sources named":                   {rows(7), nil, report.OutcomeSucceeded},
		"no rows":                            {rows(0), source(report.SourceComplete), report.OutcomeEmpty},
		"no rows in any file":                {rows(0, 0), nil, report.OutcomeEmpty},
		"rows in one file":                   {rows(0, 3), nil, report.OutcomeSucceeded},
		"a capped source":                    {rows(7), source(report.SourceComplete, report.SourcePartial), report.OutcomePartial},
		"a source out of reach":              {rows(7), source(report.SourceUnreached), report.OutcomePartial},
		"no rows since a source was unheard": {rows(0), source(report.SourceUnreached), report.OutcomePartial},
		"a source in no known state":         {rows(7), source("maybe"), report.OutcomePartial},
	} {
		if got := deliver(t, report.Manifest{Files: c.files, Sources: c.sources}).Outcome; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNothingIsNotAnEmptyReport(t *testing.T) {
	t.Parallel()
	if (report.Manifest{}).Empty() {
		t.Error("a manifest without files is called empty, as if there were a document that says so")
	}
}
