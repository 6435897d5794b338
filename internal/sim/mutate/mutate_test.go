package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// examine mutates the sample and returns what is printed and the verdicts.
func examine(t *testing.T, survivors string) (printed string, verdicts map[string]string, err error) {
	t.Helper()
	dir := t.TempDir()
	listed := filepath.Join(dir, "survivors.txt")
	if err := os.WriteFile(listed, []byte(survivors), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	o := options{
		packs: []pack{{label: "sample", dir: "internal/sim/mutate/testdata/sample"}}, noSim: true, reasons: listed,
		only: regexp.MustCompile(""), least: 75, workers: 2, out: filepath.Join(dir, "verdicts.txt"),
	}
	err = run(t.Context(), o, &out)
	text, readErr := os.ReadFile(o.out)
	if readErr != nil {
		t.Fatalf("%v; %v\n%s", err, readErr, out.String())
	}
	verdicts = map[string]string{}
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		verdicts[columns[0]] = columns[3]
	}
	return out.String(), verdicts, err
}

const sampleSurvivors = "# A comment.\n" +
	"sample/sample.go clamp boundary n < 0\tzero is returned either way\n" +
	"sample/sample.go clamp boundary n > most\tmost is returned either way\n" +
	"sample/sample.go unused boundary n > 3\tnot reached\n" +
	"sample/sample.go unused negation n > 3\tnot reached\n" +
	"sample/sample.go named error return out + 1, err\tits error is nil\n"

// TestSample runs every mutant of the sample: each must have the fate it has by
// the sample's construction.
func TestSample(t *testing.T) {
	t.Parallel()
	printed, verdicts, err := examine(t, sampleSurvivors)
	if err != nil {
		t.Errorf("%v\n%s", err, printed)
	}
	want := map[string]string{
		"clamp boundary n < 0": "survives", "clamp negation n < 0": "TestClamp",
		"clamp negation n > most && most != 0 || n == 13": "TestClamp",
		"clamp operand n > most && most != 0":             "TestClamp",
		"clamp operand n > most":                          "TestClamp", "clamp boundary n > most": "survives", "clamp negation n > most": "TestClamp",
		"clamp operand most != 0": "TestClamp", "clamp negation most != 0": "TestClamp",
		"clamp operand n == 13": "TestClamp", "clamp negation n == 13": "TestClamp",
		"half negation isOdd(n)": "TestHalf", "half error return 0, errOdd": "TestHalf", "isOdd negation n%2 != 0": "TestHalf",
		"quarter error return half(n / 2)": "TestHalf",
		"named negation err == nil":        "TestHalf", "named error return": "TestHalf", "named error return out + 1, err": "not reached",
		"unused boundary n > 3": "not reached", "unused negation n > 3": "not reached",
		"endless negation n != 0": "TestEndless",
	}
	for name, fate := range want {
		got, ok := verdicts["sample/sample.go "+name]
		if !ok || !strings.Contains(got, fate) {
			t.Errorf("%s: %q, want %q", name, got, fate)
		}
		delete(verdicts, "sample/sample.go "+name)
	}
	for name, got := range verdicts {
		t.Errorf("unexpected mutant %s: %s", name, got)
	}
}

// TestTheListOfSurvivorsIsExact: a survivor without a reason and a reason
// without a survivor both fail the run.
func TestTheListOfSurvivorsIsExact(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(sampleSurvivors, "\n")
	_, _, err := examine(t, strings.Join(slices.Delete(slices.Clone(lines), 1, 2), ""))
	if err == nil || !strings.Contains(err.Error(), "1 survivors are not in") {
		t.Errorf("with a line left out: %v", err)
	}
	_, _, err = examine(t, sampleSurvivors+"sample/sample.go half negation isOdd(n)\twrong\n")
	if err == nil || !strings.Contains(err.Error(), "no survivor: sample/sample.go half negation isOdd(n)") {
		t.Errorf("with a line too many: %v", err)
	}
}
