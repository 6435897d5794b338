package report_test

import (
	"reflect"
	"testing"
	"time"

	"peyk/internal/report"
)

// kept lists the fields that a redriven request has from before, each with the
// reason. Every other field must be as in a request that was just asked for.
func kept() map[string]string {
	return map[string]string{
		"GUID":      "it is the same request",
		"Asked":     "it asks for the same",
		"CreatedAt": "it was asked for then",
		"Submitted": "the provider may still hold an earlier generation, which must be deleted there",
	}
}

// TestRedriveResetsEveryFieldThatIsNotKept compares by reflection, so that a
// field that is added later must be reset or listed in kept.
func TestRedriveResetsEveryFieldThatIsNotKept(t *testing.T) {
	t.Parallel()
	later := noon.Add(48 * time.Hour)
	fresh, _, err := report.New(guid, asked(report.NoApproval), promise, later)
	if err != nil {
		t.Fatal(err)
	}
	r := used(t)
	before := *r
	if _, err := r.Redrive("işletmen", r.Version, promise, later); err != nil {
		t.Fatal(err)
	}
	if r.Version != before.Version+1 || r.Generation != before.Generation+1 {
		t.Errorf("redriven from version %d, generation %d it has version %d, generation %d",
			before.Version, before.Generation, r.Version, r.Generation)
	}
	fields := reflect.TypeOf(*r)
	for i := range fields.NumField() {
		name, want := fields.Field(i).Name, reflect.ValueOf(*fresh).Field(i).Interface()
		if name == "Version" || name == "Generation" {
			continue
		}
		if _, keeps := kept()[name]; keeps {
			want = reflect.ValueOf(before).Field(i).Interface()
		}
		if got := reflect.ValueOf(*r).Field(i).Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v after the redrive, want %v", name, got, want)
		}
	}
	for name := range kept() {
		if _, ok := fields.FieldByName(name); !ok {
			t.Errorf("a request has no field %s", name)
		}
	}
}

// used is a failed request with a value in every field that a redrive may find
// set.
func used(t *testing.T) *report.Request {
	t.Helper()
	r := &report.Request{}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(noon.Add(time.Duration(i) * time.Minute)))
		case bool:
			f.SetBool(true)
		case int, int64:
			f.SetInt(int64(100 + i))
		}
	}
	hash, err := asked(report.NoApproval).Hash()
	if err != nil {
		t.Fatal(err)
	}
	r.GUID, r.State, r.Outcome = guid, report.Failed, report.OutcomeFailed
	r.Failure = &report.Failure{Code: "engine", Retriable: true}
	r.Asked, r.ApprovedHash = asked(report.NoApproval), hash
	r.Manifest = report.Manifest{Files: []report.File{{Name: "a.pdf"}}, Sources: []report.Source{{Name: "shop"}}}
	r.PurgedAt = time.Time{} // a purged request cannot be redriven
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "PurgedAt" {
			t.Fatalf("this test must set the field %s", name)
		}
	}
	return r
}
