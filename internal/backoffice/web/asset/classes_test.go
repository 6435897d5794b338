package asset_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// classesOf gathers the classes that the templates and the scripts give their
// elements, and the beginnings of those they put together.
func classesOf(t *testing.T) (whole map[string]string, begun []string) {
	t.Helper()
	templates, _ := filepath.Glob("../page/*/*.templ") // the pattern is a good one
	scripts, _ := filepath.Glob("files/[np]*.js")      // news.js and peyk.js: ours
	if len(templates) < 10 {
		t.Fatalf("%d templates", len(templates))
	}
	whole = map[string]string{}
	plain := regexp.MustCompile(`(?:\bclass="|\.className = ")([^"]*)"`)
	drawn := regexp.MustCompile(`\bclass=\{([^\n]*?)\}[\s/>]`)
	literal := regexp.MustCompile(`"([^"]*)"( \+)?`)
	for _, path := range append(templates, scripts...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		take := func(names string) {
			for _, name := range strings.Fields(names) {
				whole[name] = path
			}
		}
		for _, m := range plain.FindAllStringSubmatch(string(text), -1) {
			take(m[1])
		}
		for _, m := range drawn.FindAllStringSubmatch(string(text), -1) {
			for _, l := range literal.FindAllStringSubmatch(regexp.MustCompile(`[!=]= "[^"]*"`).ReplaceAllString(m[1], ""), -1) {
				if l[2] != "" {
					begun = append(begun, l[1])
				} else {
					take(l[1])
				}
			}
		}
	}
	return whole, begun
}

// Every class of a template has a rule, and every rule is about a class that
// some template or script gives.
func TestClassesAndRulesAreOfEachOther(t *testing.T) {
	t.Parallel()
	s := load(t)
	css := get(s, s.URL("peyk.css"), "").Body.String()
	css = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, "")
	css = regexp.MustCompile(`\{[^{}]*\}`).ReplaceAllString(css, "\n") // what is left are selectors
	ruled := map[string]bool{}
	for _, m := range regexp.MustCompile(`\.([a-zA-Z][\w-]*)`).FindAllStringSubmatch(css, -1) {
		ruled[m[1]] = true
	}
	whole, begun := classesOf(t)
	if len(ruled) < 100 || len(whole) < 100 {
		t.Fatalf("%d classes with rules, %d in use", len(ruled), len(whole))
	}
	for _, class := range slices.Sorted(maps.Keys(whole)) {
		if !ruled[class] {
			t.Errorf("%s: class %s has no rule", whole[class], class)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(ruled)) {
		if _, used := whole[class]; !used && !slices.ContainsFunc(begun, func(p string) bool { return strings.HasPrefix(class, p) }) {
			t.Errorf("no template gives class %s, which has a rule", class)
		}
	}
}
