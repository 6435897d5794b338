package strictyaml_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/strictyaml"
)

// read takes a small form out of a file, as callers do.
func read(text string) (*strictyaml.Document, string) {
	doc := strictyaml.Parse("a.yaml", []byte(text))
	f := doc.Root.Fields("name", "count", "on", "list", "kind")
	name := f.Need("name").Text()
	f.Get("count").Int()
	f.Get("on").Bool()
	f.Get("kind").OneOf("apple", "pear")
	for _, item := range f.Get("list").Items() {
		item.Text()
	}
	return doc, name
}

func TestMistakesNameTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: a\n": "",
		"name: a\ncount: 3\non: true\nlist: [x]\n":      "",
		"name: |\n  two\n  lines\n":                     "",
		"# " + strings.Repeat("-", 500) + "\nname: a\n": "",
		"name: a\ncuont: 3\n":                           `a.yaml:2:1: unknown key "cuont"; did you mean "count"?`,
		"name: a\nzzzzzzz: 3\n":                         `a.yaml:2:1: unknown key "zzzzzzz"; known here: name, count, on, list, kind`,
		"{name: a, b from c}\n":                         `a.yaml:1:11: "b from c" is read as a key of its own; inside {…} a text with a comma needs quotes`,
		"count: 3\n":                                    `a.yaml:1:1: the key "name" is missing`,
		"name: 3\n":                                     `a.yaml:1:7: text is needed here, not a whole number`,
		"name: a\ncount: '3'\n":                         `a.yaml:2:8: a whole number is needed here, not text`,
		"name: a\ncount: 3.5\n":                         "a.yaml:2:8: a whole number is needed here, not a number with a fraction",
		"name: a\nlist:\n  - x\n  - [y]\n":              `a.yaml:4:5: text is needed here, not a list`,
		"name: a\nkind: appel\n":                        `a.yaml:2:7: "appel" is not known here; did you mean "apple"?`,
		"name: a\nname: b\n":                            `a.yaml:2:1: mapping key "name" already defined at [1:1]`,
		"":                                              "a.yaml:1:1: the file is empty",
		"- a\n":                                         "a.yaml:1:1: a group of keys is needed here, not a list",
		"name: a\n---\nname: b\n":                       "a.yaml:3:1: a second document begins here; a file holds one",
		"name: &x a\nkind: *x\n":                        "a.yaml:1:7: Anchor is not part of this file's YAML; write the value out",
		"name: !!str a\n":                               "a.yaml:1:7: Tag is not part of this file's YAML; write the value out",
		"1: a\nname: b\n":                               "a.yaml:1:1: a key is a plain word",
	} {
		doc, _ := read(text)
		got := ""
		if err := doc.Err(); err != nil {
			got = err.Error()
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestAllMistakesAreToldInOrder(t *testing.T) {
	t.Parallel()
	doc, _ := read("kind: plum\ncount: many\nnmae: a\n")
	want := []string{"a.yaml:1:1:", "a.yaml:1:7:", "a.yaml:2:8:", "a.yaml:3:1:"}
	lines := strings.Split(doc.Err().Error(), "\n")
	for i, w := range want {
		if i >= len(lines) || !strings.HasPrefix(lines[i], w) {
			t.Fatalf("want lines beginning with %q, got\n%s", want, doc.Err())
		}
	}
}

func TestCanonicalIgnoresHowItIsWritten(t *testing.T) {
	t.Parallel()
	one := strictyaml.Parse("a", []byte("a: {b: [1, true, ~], c: 'x y'} # said\n")).Root.Canonical()
	two := strictyaml.Parse("a", []byte("\na:\n    b:\n    - 1\n    - true\n    - null\n    c: \"x y\"\n")).Root.Canonical()
	if string(one) != string(two) || string(one) != `{"a":{"b":[1,true,null],"c":"x y"}}` {
		t.Errorf("%s and %s", one, two)
	}
}

func TestANestedAbyssIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	const n = 60_000
	for _, text := range []string{
		"name: " + strings.Repeat("[", 40) + strings.Repeat("]", 40),
		strings.Repeat("[", n), strings.Repeat("{a: ", n), strings.Repeat("- ", n), strings.Repeat("? ", n), strings.Repeat("[\n", n),
	} {
		if err := strictyaml.Parse("a", []byte(text)).Err(); err == nil || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("%.10q, %d bytes: got %v", text, len(text), err)
		}
	}
}

// TestDidYouMeanFindsATypo: one slip of the fingers in a known word leads back
// to it, whatever other words there are.
func TestDidYouMeanFindsATypo(t *testing.T) {
	t.Parallel()
	known := []string{"parameters", "sources", "combine", "layout", "formats", "description", "approval"}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(known).Draw(t, "word")
		i := rapid.IntRange(0, len(word)-2).Draw(t, "at")
		typo := map[string]string{
			"missing": word[:i] + word[i+1:],
			"double":  word[:i] + word[i:i+1] + word[i:],
			"swapped": word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:],
			"wrong":   word[:i] + "q" + word[i+1:],
		}[rapid.SampledFrom([]string{"missing", "double", "swapped", "wrong"}).Draw(t, "slip")]
		if got := strictyaml.DidYouMean(typo, known); got != `did you mean "`+word+`"?` {
			t.Fatalf("%q: %s, want %s", typo, got, word)
		}
	})
}

// FuzzParse looks for panics and for mistakes without a place.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"name: a\n", "a: [b, {c: d}]", "? x", "- - -", "a: |\n b", "{", "a: 'b", "\t", "<<: *a", "---\n...\n---\n", "a: 0xff", "a: .inf", "!!binary x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, _ := read(text)
		doc.Root.Canonical()
		var mistakes strictyaml.Mistakes
		errors.As(doc.Err(), &mistakes)
		for _, m := range mistakes {
			if m.Line < 1 || m.Column < 1 || m.Message == "" {
				t.Fatalf("%q: a mistake without a place: %#v", text, m)
			}
		}
	})
}
