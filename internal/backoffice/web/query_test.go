package web_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// want says which elements are meant: a tag ("" is any) and attributes given
// as name, value, …; a value "*" is any value, a class is one of its words.
type want struct {
	tag   string
	attrs []string
}

func el(tag string, attrs ...string) want { return want{tag, attrs} }

func (x want) matches(n *html.Node) bool {
	if n.Type != html.ElementNode || x.tag != "" && n.Data != x.tag {
		return false
	}
	for i := 0; i+1 < len(x.attrs); i += 2 {
		value, ok := attr(n, x.attrs[i])
		switch {
		case !ok:
			return false
		case x.attrs[i+1] == "*":
		case x.attrs[i] == "class":
			if !strings.Contains(" "+value+" ", " "+x.attrs[i+1]+" ") {
				return false
			}
		case value != x.attrs[i+1]:
			return false
		}
	}
	return true
}

// all finds the elements below n, in the order of the page.
func all(n *html.Node, x want) []*html.Node {
	var found []*html.Node
	for c := range n.Descendants() {
		if x.matches(c) {
			found = append(found, c)
		}
	}
	return found
}

// one finds the only such element.
func one(t testing.TB, n *html.Node, x want) *html.Node {
	t.Helper()
	found := all(n, x)
	if len(found) != 1 {
		t.Fatalf("%d elements %v, want one, in\n%s", len(found), x, text(n))
	}
	return found[0]
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

// text is what a person reads of n, spaces collapsed.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// filled reads the fields of a form as a browser would send them.
func filled(n *html.Node) map[string][]string {
	out := map[string][]string{}
	for c := range n.Descendants() {
		name := ""
		if c.Type == html.ElementNode {
			name = value(c, "name")
		}
		_, checked := attr(c, "checked")
		kind := value(c, "type")
		switch {
		case name == "":
		case c.Data == "textarea":
			out[name] = append(out[name], text(c))
		case c.Data == "select":
			for _, o := range all(c, el("option", "selected", "*")) {
				out[name] = append(out[name], value(o, "value"))
			}
		case c.Data == "input" && (kind != "checkbox" && kind != "radio" || checked):
			out[name] = append(out[name], value(c, "value"))
		}
	}
	return out
}
