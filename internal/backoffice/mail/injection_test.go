package mail_test

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"

	letters "peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

// TestInjection puts one hostile text into one place at a time: no header gains
// a line, and no markup reaches the HTML.
func TestInjection(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"line end": "x\r\nBcc: everybody@example.com\r\n\r\n<script>alert(1)</script>",
		"line":     "x\nBcc: everybody@example.com\n\n<img src=https://example.com/x>",
		"NUL":      "x\x00Bcc: everybody@example.com<b>",
		"bidi":     "x\u202eBcc\u2066: \u200feverybody@example.com<b>",
	}
	places := map[string]struct {
		kind letters.Kind
		put  func(*letters.Letter, string)
	}{
		"title":          {letters.Succeeded, func(l *letters.Letter, s string) { l.ReportTitle = s }},
		"name":           {letters.Succeeded, func(l *letters.Letter, s string) { l.To.Name, l.Requester.Name = s, s }},
		"operator":       {letters.Succeeded, func(l *letters.Letter, s string) { l.ReplyTo.Name = s }},
		"who wants it":   {letters.Succeeded, func(l *letters.Letter, s string) { l.Again, l.AgainBy.Name = 1, s }},
		"note":           {letters.Asking, func(l *letters.Letter, s string) { l.Reason = s }},
		"decline reason": {letters.Declined, func(l *letters.Letter, s string) { l.Reason = s }},
		"finding":        {letters.Partial, func(l *letters.Letter, s string) { l.Finding = s }},
		"sentence":       {letters.Succeeded, func(l *letters.Letter, s string) { l.Sentence = s }},
		"why asked":      {letters.Asking, func(l *letters.Letter, s string) { l.WhyAsked, l.Estimate = s, s }},
		"who decided":    {letters.Succeeded, func(l *letters.Letter, s string) { l.DecidedBy = s }},
		"failure":        {letters.Failed, func(l *letters.Letter, s string) { l.FailureSentence = s }},
		"file name":      {letters.Succeeded, func(l *letters.Letter, s string) { l.Files[0].Name = s + `"; filename="../../a.exe` }},
	}
	for place, p := range places {
		for what, text := range texts {
			s := shelf{}
			l := letter(t, p.kind, "tr", s)
			clean := len(fields(t, s, l))
			p.put(&l, text)
			row := compose(t, l, s)
			header := fields(t, s, l)
			if len(header) != clean || header["Bcc"] != nil {
				t.Errorf("%s in %s: the header has %d fields, want %d: %v", what, place, len(header), clean, header)
			}
			for _, bad := range []string{"<script", "<img", "<b>", "\x00", "\u202e", "\u2066", "\u200f"} {
				if strings.Contains(row.HTML, bad) {
					t.Errorf("%s in %s: %q reached the HTML", what, place, bad)
				}
			}
			for _, a := range row.Attachments {
				if strings.ContainsAny(a.Name, "\r\n\x00/\\\"") {
					t.Errorf("%s in %s: a file is called %q", what, place, a.Name)
				}
			}
		}
	}
}

func fields(t *testing.T, s shelf, l letters.Letter) mail.Header {
	t.Helper()
	msg, err := letters.Assemble(t.Context(), compose(t, l, s), s.open)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	return parsed.Header
}

// TestDisplayNames: a name with the signs of an address stays a name.
func TestDisplayNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		`Aksoy, Derya "CEO" <ceo@evil.example>`, `derya@evil.example`, `a\b`, `O'Neil; Şükrü (İK)`, "Çağrı Öztürk, İSTANBUL ığüşöç",
	} {
		s := shelf{}
		l := letter(t, letters.Failed, "tr", s)
		l.To.Name, l.ReplyTo.Name, l.From.Name = name, name, name
		header := fields(t, s, l)
		for field, want := range map[string]string{"To": l.To.Address, "Reply-To": l.ReplyTo.Address, "From": l.From.Address} {
			got, err := mail.ParseAddressList(header.Get(field))
			if err != nil || len(got) != 1 || got[0].Address != want || got[0].Name != name {
				t.Errorf("%s %q reads as %v (%v), want %q <%s>", field, header.Get(field), got, err, name, want)
			}
		}
	}
}

// TestAddressesThatAreNone are refused wherever they stand.
func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"a@b.example\r\nBcc: c@d.example", "a@b.example\n", "\na@b.example", "a\x00@b.example", "a@b.example\u2028", "a@b,c@d.example"} {
		for place, put := range map[string]func(*letters.Letter){
			"from": func(l *letters.Letter) { l.From.Address = address }, "to": func(l *letters.Letter) { l.To.Address = address },
			"reply-to": func(l *letters.Letter) { l.ReplyTo.Address = address },
		} {
			s := shelf{}
			l := letter(t, letters.Failed, "tr", s)
			put(&l)
			if _, err := composer(t).Compose(t.Context(), l, sentAt(), s.open); report.CodeOf(err) != "address-unusable" {
				t.Errorf("%q in %s: got %v, want address-unusable", address, place, err)
			}
		}
	}
}

// TestWhatEveryLetterSays in its header: it was made by a program, in which
// language, and under which name; nobody unsubscribes from their own report.
func TestWhatEveryLetterSays(t *testing.T) {
	t.Parallel()
	for _, kind := range letters.Kinds() {
		s := shelf{}
		header := fields(t, s, letter(t, kind, "tr", s))
		for field, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": "tr", "List-Unsubscribe": "", "Precedence": ""} {
			if got := header.Get(field); got != want {
				t.Errorf("%s: %s is %q, want %q", kind, field, got, want)
			}
		}
		if header.Get("Message-Id") == "" || header.Get("Reply-To") == "" {
			t.Errorf("%s: Message-ID or Reply-To is missing: %v", kind, header)
		}
	}
}
