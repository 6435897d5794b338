package e2e

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// signedInJourney is Derya at the pages, without a browser: she signs in,
// fills in the form, is told by popup, and downloads what her letter brought.
func signedInJourney(t *testing.T, i *instance) {
	b, err := i.browser("derya", i.password("derya"))
	if err != nil {
		t.Fatal(err)
	}
	notices := b.follow(t)
	resp, page := b.get("/new/top-games.v1")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET the form: %s\n%s", resp.Status, page)
	}
	form := formIn(t, page, "/new/top-games.v1")
	guid := form.Get("guid")
	if !anyGUID.MatchString(guid) {
		t.Fatalf("the form is stamped %q, which is no GUID: %v", guid, form)
	}
	if resp, body := b.post("/new/top-games.v1", form); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/r/"+guid {
		t.Fatalf("POST the form: %s to %q\n%s", resp.Status, resp.Header.Get("Location"), body)
	}
	waitFor(t, notices, guid)
	i.delivered(guid)
	b.downloads(guid)
	i.checkLogs(guid)
}

// downloads takes the file off the request's page.
func (b *browser) downloads(guid string) {
	t := b.i.t
	t.Helper()
	_, page := b.get("/r/" + guid)
	link := regexp.MustCompile(`href="(/r/` + guid + `/files/[^"]+)"`).FindSubmatch(page)
	if link == nil {
		t.Fatalf("no download on the page of %s\n%s", guid, page)
	}
	resp, file := b.get(html.UnescapeString(string(link[1])))
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("download: %s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	if attached := b.i.attachment(guid); !bytes.Equal(attached, file) {
		t.Errorf("the page gave %d bytes, the letter brought %d others", len(file), len(attached))
	}
}

// follow opens the stream of popups and hands on each event: its kind and data.
func (b *browser) follow(t *testing.T) <-chan [2]string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.i.now().URLs.Web+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan [2]string)
	ended := make(chan struct{})
	t.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		defer close(events)
		defer resp.Body.Close()
		readEvents(ctx, bufio.NewScanner(resp.Body), events)
	}()
	return events
}

// readEvents takes a stream apart (HTML Living Standard, 9.2).
func readEvents(ctx context.Context, lines *bufio.Scanner, events chan<- [2]string) {
	var e [2]string
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			e[0] = value
		case "data":
			e[1] += value + "\n"
		case "":
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
			e = [2]string{}
		}
	}
}

// waitFor waits for the popup about a request.
func waitFor(t *testing.T, events <-chan [2]string, guid string) {
	t.Helper()
	var heard []string
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case e, open := <-events:
			if e[0] == "notice" && strings.Contains(e[1], guid) {
				return
			}
			if !open {
				t.Fatalf("the stream ended without a popup about %s; heard %q", guid, heard)
			}
			heard = append(heard, e[0])
		case <-ctx.Done():
			t.Fatalf("no popup about %s; heard %q", guid, heard)
		}
	}
}

// formIn is what a browser would send for the form with this action if nobody
// changed it.
func formIn(t *testing.T, page []byte, action string) url.Values {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{}
	for form := range doc.Descendants() {
		if form.DataAtom != atom.Form || attribute(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			addControl(values, n)
		}
	}
	return values
}

func addControl(values url.Values, n *html.Node) {
	name := attribute(n, "name")
	switch {
	case name == "":
	case n.DataAtom == atom.Input && chosen(n):
		values.Add(name, attribute(n, "value"))
	case n.DataAtom == atom.Textarea:
		values.Add(name, "")
	case n.DataAtom == atom.Select:
		for option := range n.Descendants() {
			if option.DataAtom == atom.Option && (has(option, "selected") || !values.Has(name)) {
				values.Set(name, attribute(option, "value"))
			}
		}
	}
}

// chosen says that an input is sent: a box or a circle only with its mark.
func chosen(n *html.Node) bool {
	kind := attribute(n, "type")
	return kind != "checkbox" && kind != "radio" || has(n, "checked")
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
