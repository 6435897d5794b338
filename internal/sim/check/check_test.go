package check

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

func TestLegalJourneysAreNotAccused(t *testing.T) {
	t.Parallel()
	all := stories()
	maps.Copy(all, oddStories())
	for name, tell := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range Check(tell().logs()) {
				t.Error(v)
			}
		})
	}
}

// The logs may come in any order, and from a file: numbers are float64 then.
func TestTheOrderOfTheLogsDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, tell := range stories() {
		doc, err := json.Marshal(tell().logs())
		if err != nil {
			t.Fatal(err)
		}
		var l Logs
		if err := json.Unmarshal(doc, &l); err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(1, 2))
		dice.Shuffle(len(l.Journal), func(i, j int) { l.Journal[i], l.Journal[j] = l.Journal[j], l.Journal[i] })
		dice.Shuffle(len(l.Provider), func(i, j int) { l.Provider[i], l.Provider[j] = l.Provider[j], l.Provider[i] })
		dice.Shuffle(len(l.Mail), func(i, j int) { l.Mail[i], l.Mail[j] = l.Mail[j], l.Mail[i] })
		dice.Shuffle(len(l.Clients), func(i, j int) { l.Clients[i], l.Clients[j] = l.Clients[j], l.Clients[i] })
		for _, v := range Check(l) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestNothingIsNothing(t *testing.T) {
	t.Parallel()
	if got := Check(Logs{}); len(got) > 0 {
		t.Errorf("empty logs: %v", got)
	}
}

func TestAViolationIsOneLine(t *testing.T) {
	t.Parallel()
	if got := (Violation{7, "g", "too late"}).String(); got != "I7: request g: too late" {
		t.Error(got)
	}
}

// Nothing of what is checked may be in the checker.
func TestOnlyTheStandardLibraryIsImported(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if first, _, _ := strings.Cut(strings.Trim(i.Path.Value, `"`), "/"); strings.Contains(first, ".") || first == "peyk" {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	l := manyStory().logs()
	b.ReportAllocs()
	for b.Loop() {
		if v := Check(l); len(v) > 0 {
			b.Fatal(v[0])
		}
	}
	b.ReportMetric(float64(len(l.Journal)), "rows")
}
