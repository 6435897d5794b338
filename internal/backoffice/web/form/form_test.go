package form_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/web/form"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

func speak(t testing.TB) *words.Words {
	t.Helper()
	b, err := words.Open()
	if err != nil {
		t.Fatal(err)
	}
	return b.For("en", "Europe/Istanbul", time.Date(2026, 11, 23, 11, 30, 0, 0, time.UTC))
}

// kind draws any report type, and values its parameters may have.
func kind(r *rapid.T) (protocol.ReportType, map[string]any) {
	t := protocol.ReportType{ID: "any.v1", Formats: []string{"pdf"}}
	values := map[string]any{}
	for i := range rapid.IntRange(0, 6).Draw(r, "parameters") {
		p := protocol.Parameter{Name: fmt.Sprintf("p%d", i), Title: report.Text{EN: "Title"}}
		p.Type = rapid.SampledFrom([]protocol.ParameterType{
			protocol.DateRange, protocol.Date, protocol.Integer, protocol.Number, protocol.Text, protocol.Boolean, protocol.Choice, protocol.Choices,
		}).Draw(r, p.Name)
		v := valueOf(r, &p)
		raw, err := json.Marshal(v)
		if err != nil {
			r.Fatal(err)
		}
		p.Default = raw
		t.Parameters = append(t.Parameters, p)
		values[p.Name] = v
	}
	return t, values
}

func valueOf(r *rapid.T, p *protocol.Parameter) any {
	day := func(label string, from time.Time) time.Time {
		return from.AddDate(0, 0, rapid.IntRange(1, 2000).Draw(r, label))
	}
	epoch := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, v := range []string{"a", "b", "c"} {
		p.Choices = append(p.Choices, protocol.ChoiceOption{Value: v})
	}
	switch p.Type {
	case protocol.DateRange:
		p.Presets = rapid.SampledFrom([][]string{nil, {"last-year", "this-month"}}).Draw(r, "presets")
		from := day("from", epoch)
		return map[string]any{"from": from.Format(time.DateOnly), "to": day("to", from).Format(time.DateOnly)}
	case protocol.Date:
		return day("day", epoch).Format(time.DateOnly)
	case protocol.Integer:
		n := rapid.Int32().Draw(r, "integer")
		low := float64(n) - 1
		p.Min = &low
		return float64(n)
	case protocol.Number:
		return rapid.Float64Range(-1e9, 1e9).Draw(r, "number")
	case protocol.Boolean:
		return rapid.Bool().Draw(r, "boolean")
	case protocol.Choice:
		return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "choice")
	case protocol.Choices:
		return rapid.SampledFrom([][]any{{"a"}, {"b", "c"}, {"a", "b", "c"}}).Draw(r, "choices")
	}
	return rapid.StringMatching(`[a-zçğıöşü]([a-zçğıöşü ,"'<>&]{0,20}[a-zçğıöşü])?`).Draw(r, "text")
}

// A form filled in as an earlier request was, and read back untouched, asks for
// the same parameters. So does a fresh form whose defaults are these.
func TestReadIsTheInverseOfFilling(t *testing.T) {
	t.Parallel()
	w := speak(t)
	rapid.Check(t, func(r *rapid.T) {
		typ, want := kind(r)
		raw, err := json.Marshal(want)
		if err != nil {
			r.Fatal(err)
		}
		for how, values := range map[string]url.Values{
			"again": form.Again(typ, report.Asked{Parameters: raw, Formats: []string{"pdf"}, Locale: "tr"}, nil, w.Now()),
			"fresh": form.Fresh(typ, "tr", w.Now()),
		} {
			drawn := form.Draw(typ, w, values, nil)
			if len(drawn) != len(typ.Parameters) {
				r.Fatalf("%s: %d fields for %d parameters", how, len(drawn), len(typ.Parameters))
			}
			params, problems := form.Read(typ, w, values)
			if len(problems) > 0 {
				r.Fatalf("%s: %v in %v", how, problems, values)
			}
			if got := decoded(r, params); !reflect.DeepEqual(got, want) {
				r.Fatalf("%s: read %v\nwant %v\nform %v", how, got, want, values)
			}
		}
	})
}

func decoded(r *rapid.T, params map[string]json.RawMessage) map[string]any {
	got := map[string]any{}
	for name, raw := range params {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			r.Fatal(err)
		}
		got[name] = v
	}
	return got
}

// Whatever is typed, reading it never fails but by naming fields that are
// drawn, and never gives parameters beside problems.
func TestNothingTypedBreaksTheForm(t *testing.T) {
	t.Parallel()
	w := speak(t)
	rapid.Check(t, func(r *rapid.T) {
		typ, _ := kind(r)
		values := form.Fresh(typ, "en", w.Now())
		for _, p := range typ.Parameters {
			for _, suffix := range []string{"", ".from", ".to"} {
				values[form.Key(p.Name)+suffix] = rapid.SliceOfN(rapid.String(), 0, 2).Draw(r, p.Name+suffix)
			}
		}
		before := fmt.Sprint(values)
		params, problems := form.Read(typ, w, values)
		if len(problems) > 0 && params != nil {
			r.Fatalf("problems %v and parameters %v", problems, params)
		}
		fields := map[string]bool{}
		for _, f := range form.Draw(typ, w, values, problems) {
			fields[f.Key] = true
			if f.Problem != problems[f.Key] {
				r.Fatalf("%s shows %q, want %q", f.Key, f.Problem, problems[f.Key])
			}
		}
		for key := range problems {
			if !fields[key] {
				r.Fatalf("a problem at %q, which is not drawn", key)
			}
		}
		if fmt.Sprint(values) != before {
			r.Fatal("what was typed has changed")
		}
	})
}

func TestPointersFindTheirFields(t *testing.T) {
	t.Parallel()
	got := form.FromPointers([]protocol.ProblemDetail{
		{Pointer: "/parameters/count", Detail: "first"}, {Pointer: "/parameters/count", Detail: "second"},
		{Pointer: "/parameters/a~1b", Detail: "slash"}, {Pointer: "/formats/0", Detail: "format"},
		{Pointer: "/recipients/2", Detail: "person"}, {Pointer: "/guid", Detail: "general"}, {Pointer: "", Detail: "lost"},
	})
	want := form.Problems{"p.count": "first", "p.a/b": "slash", "formats": "format", "recipients": "person", "": "general"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
