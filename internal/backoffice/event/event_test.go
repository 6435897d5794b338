package event_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"peyk/internal/backoffice/event"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const guid = "0198f2a4-5b1c-7def-8a01-23456789abcd"

var update = flag.Bool("update", false, "write the golden files anew")

func TestSubjectIsTheNameInKebabCase(t *testing.T) {
	t.Parallel()
	word := regexp.MustCompile(`[A-Z][a-z]*`)
	for _, typ := range event.Types() {
		words := word.FindAllString(string(typ), -1)
		want := event.SubjectPrefix + strings.ToLower(strings.Join(words, "-"))
		if got := typ.Subject(); got != want {
			t.Errorf("%s: subject %q, want %q", typ, got, want)
		}
	}
}

// The golden files are what other versions of Peyk have written: reading them
// must go on working when they no longer are what is written.
func TestEveryTypeReadsItsGoldenBytes(t *testing.T) {
	t.Parallel()
	for _, typ := range event.Types() {
		want := event.Event{Type: typ, GUID: guid, Generation: 2, Version: 7}
		file := filepath.Join("testdata", string(typ)+".v1.json")
		raw, err := event.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := event.Decode(golden); err != nil || got != want {
			t.Errorf("%s: read %+v, %v; want %+v", file, got, err, want)
		}
		if string(raw) != string(golden) {
			t.Errorf("%s: now written as\n%s\nnot as\n%s", file, raw, golden)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := event.Event{
			Type:       rapid.SampledFrom(event.Types()).Draw(t, "type"),
			GUID:       drawGUID(t),
			Generation: rapid.IntRange(0, 1<<30).Draw(t, "generation"),
			Version:    rapid.Int64Range(0, 1<<62).Draw(t, "version"),
		}
		raw, err := event.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := event.Decode(raw); err != nil || got != want {
			t.Fatalf("%s: read %+v, %v; want %+v", raw, got, err, want)
		}
	})
}

func drawGUID(t *rapid.T) string {
	id, err := uuid.FromBytes(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "guid"))
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func TestUnpublishable(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]event.Event{
		"type":       {Type: "ReportEaten", GUID: guid},
		"no guid":    {Type: event.ReportReady},
		"upper case": {Type: event.ReportReady, GUID: strings.ToUpper(guid)},
		"generation": {Type: event.ReportReady, GUID: guid, Generation: -1},
		"version":    {Type: event.ReportReady, GUID: guid, Version: -1},
	} {
		if raw, err := event.Encode(e); err == nil {
			t.Errorf("%s: %+v was written: %s", name, e, raw)
		}
	}
}

// written gives the bytes of a good event after one replacement in them.
func written(t *testing.T, old, new string) []byte {
	t.Helper()
	raw, err := event.Encode(event.Event{Type: event.ReportReady, GUID: guid, Generation: 1, Version: 3})
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(raw), old, new, 1)
	if changed == string(raw) && old != new {
		t.Fatalf("%q does not occur in %s", old, raw)
	}
	return []byte(changed)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"empty":            nil,
		"garbage":          []byte("\x00\x01peyk"),
		"not an object":    []byte(`[]`),
		"no envelope":      []byte(`{"guid":"` + guid + `","type":"ReportReady"}`),
		"torn":             written(t, "", "")[:100],
		"two values":       append(written(t, "", ""), `{}`...),
		"too long":         append(written(t, "", ""), strings.Repeat(" ", event.MaxSize)...),
		"old specversion":  written(t, `"1.0"`, `"0.3"`),
		"another subject":  written(t, `"subject":"0198`, `"subject":"0199`),
		"guid is a name":   written(t, `"guid":"`+guid, `"guid":"ada`),
		"fractional":       written(t, `"generation":1`, `"generation":1.5`),
		"negative":         written(t, `"version":3`, `"version":-3`),
		"types contradict": written(t, `"type":"ReportReady"`, `"type":"ReportFailed"`),
	} {
		if e, err := event.Decode(raw); !errors.Is(err, event.ErrUnreadable) || e != (event.Event{}) {
			t.Errorf("%s: read %+v, %v from %.300s", name, e, err, raw)
		}
	}
}

func TestNewerPeyk(t *testing.T) {
	t.Parallel()
	got, err := event.Decode(written(t, `"generation":1`, `"mood":"fine","generation":1`))
	if err != nil || got.Generation != 1 {
		t.Errorf("with a new field: %+v, %v", got, err)
	}
	got, err = event.Decode(written(t, `"type":"ReportReady"`, `"type":"ReportEaten"`))
	if !errors.Is(err, event.ErrUnknownType) || got.Type != "ReportEaten" || got.GUID != guid {
		t.Errorf("with a new type: %+v, %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := event.Encode(event.Event{Type: event.ReportReady, GUID: guid})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"specversion":"1.0"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := event.Decode(raw)
		if err != nil {
			return
		}
		again, err := event.Encode(e)
		if err != nil {
			t.Fatalf("%q was read as %+v, which cannot be written: %v", raw, e, err)
		}
		if got, err := event.Decode(again); err != nil || got != e {
			t.Fatalf("%q was read as %+v, then as %+v, %v", raw, e, got, err)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	e := event.Event{Type: event.ReportReady, GUID: guid, Generation: 1, Version: 3}
	for b.Loop() {
		if _, err := event.Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	raw, err := event.Encode(event.Event{Type: event.ReportReady, GUID: guid, Generation: 1, Version: 3})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := event.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
