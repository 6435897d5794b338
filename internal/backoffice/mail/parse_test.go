package mail_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"pgregory.net/rapid"

	"peyk/internal/backoffice/mail"
)

// part is one leaf of a message, decoded.
type part struct {
	mediaType, name string
	content         []byte
}

// leaves takes a message apart with nothing but the standard library.
func leaves(header textproto.MIMEHeader, body io.Reader) ([]part, error) {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("content type %q: %w", header.Get("Content-Type"), err)
	}
	if !strings.HasPrefix(mediaType, "multipart/") {
		return leaf(header, mediaType, body)
	}
	var all []part
	for reader := multipart.NewReader(body, params["boundary"]); ; {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		inner, err := leaves(p.Header, p)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
}

func leaf(header textproto.MIMEHeader, mediaType string, body io.Reader) ([]part, error) {
	switch encoding := header.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		return nil, fmt.Errorf("encoding %q", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	p := part{mediaType: mediaType, content: content}
	if disposition := header.Get("Content-Disposition"); disposition != "" {
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			return nil, fmt.Errorf("disposition %q: %w", disposition, err)
		}
		p.name = params["filename"]
	}
	return []part{p}, nil
}

// hostileText draws what people and other systems may put into a text.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune("aşİı₺😀 \r\n\t\x00\x02\x03\"\\<>,;:@()=?_.'\u202e\u2028\u00a0"))),
		rapid.SampledFrom([]string{
			"x\r\nBcc: everybody@example.com", "x\n\n<script>", "=?UTF-8?Q?x?=", strings.Repeat("ş", 400), strings.Repeat("a", 1200),
			"../../etc/passwd", `C:\report.pdf`, "report\u202efdp.exe", ".", "..", "", `a"; filename="b.exe`, "{{.Title}}", "\xff\xfe", "<b>&amp;</b>",
		}),
	)
}

func drawLetter(t *testing.T, rt *rapid.T, s shelf) mail.Letter {
	kind := rapid.SampledFrom(mail.Kinds()).Draw(rt, "kind")
	l := letter(t, kind, rapid.SampledFrom([]string{"tr", "en", "tr-TR", "", "de"}).Draw(rt, "locale"), s)
	for name, field := range map[string]*string{
		"from": &l.From.Name, "to": &l.To.Name, "requester": &l.Requester.Name, "title": &l.ReportTitle, "sentence": &l.Sentence,
		"finding": &l.Finding, "reason": &l.Reason, "why": &l.WhyAsked, "estimate": &l.Estimate, "decided by": &l.DecidedBy, "failure": &l.FailureSentence,
	} {
		if rapid.Bool().Draw(rt, name+" is hostile") {
			*field = hostileText().Draw(rt, name)
		}
	}
	for i := range l.Files {
		l.Files[i].Name = hostileText().Draw(rt, "file name")
		l.Files[i].MediaType = hostileText().Draw(rt, "media type")
	}
	return l
}

// TestAnyLetterReadsBack: whatever is in a letter, the message is one that
// independent parsers agree with, and says nothing the letter did not.
func TestAnyLetterReadsBack(t *testing.T) {
	t.Parallel()
	c := composer(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := shelf{}
		l := drawLetter(t, rt, s)
		row, err := c.Compose(t.Context(), l, sentAt(), s.open)
		if err != nil {
			rt.Fatalf("compose: %v", err)
		}
		msg, err := mail.Assemble(t.Context(), row, s.open)
		if err != nil {
			rt.Fatalf("assemble: %v", err)
		}
		checkLines(rt, msg)
		parsed, err := netmail.ReadMessage(bytes.NewReader(msg))
		if err != nil {
			rt.Fatalf("parse: %v\n%s", err, msg)
		}
		checkHeader(rt, l, row, parsed.Header)
		checkParts(rt, l, row, parsed, s)
		if _, err := gomail.EMLToMsgFromReader(bytes.NewReader(msg)); err != nil {
			rt.Fatalf("go-mail cannot parse it: %v\n%s", err, msg)
		}
	})
}

// checkLines holds the wire format: CRLF only, ASCII only, no line over the
// 998 of RFC 5322, no encoded line over 76.
func checkLines(rt *rapid.T, msg []byte) {
	if !bytes.HasSuffix(msg, []byte("\r\n")) {
		rt.Fatalf("the message does not end with a line end")
	}
	header := true
	for i, line := range bytes.Split(bytes.TrimSuffix(msg, []byte("\r\n")), []byte("\r\n")) {
		header = header && len(line) > 0
		if bytes.ContainsAny(line, "\r\n\x00") || bytes.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			rt.Fatalf("line %d holds what SMTP does not carry: %q", i, line)
		}
		if limit := map[bool]int{true: 78, false: 100}[header]; len(line) > limit {
			rt.Fatalf("line %d has %d bytes: %q", i, len(line), line)
		}
	}
}

// fieldNames is the whole header there may be.
var fieldNames = []string{"From", "To", "Reply-To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Content-Language", "X-Peyk-Request", "Mime-Version", "Content-Type"}

func checkHeader(rt *rapid.T, l mail.Letter, row mail.Row, header netmail.Header) {
	if len(header) != len(fieldNames) {
		rt.Fatalf("the header has %d fields, want %d: %v", len(header), len(fieldNames), header)
	}
	for _, name := range fieldNames {
		if len(header[name]) != 1 {
			rt.Fatalf("field %s is there %d times: %v", name, len(header[name]), header)
		}
	}
	for name, want := range map[string]mail.Person{"From": l.From, "To": l.To, "Reply-To": l.ReplyTo} {
		got, err := netmail.ParseAddress(header.Get(name))
		if err != nil || got.Address != want.Address {
			rt.Fatalf("%s %q reads as %v (%v), want %s", name, header.Get(name), got, err, want.Address)
		}
		if shown := visible(want.Name); visible(got.Name) != shown {
			rt.Fatalf("%s reads as %q, want %q", name, got.Name, shown)
		}
	}
	var decoder mime.WordDecoder
	subject, err := decoder.DecodeHeader(header.Get("Subject"))
	if err != nil || subject != row.Subject || !strings.Contains(visible(subject), visible(l.ReportTitle)) {
		rt.Fatalf("subject reads as %q (%v), want %q about %q", subject, err, row.Subject, l.ReportTitle)
	}
	if header.Get("X-Peyk-Request") != guid || header.Get("Message-Id") != row.MessageID || !strings.Contains(row.MessageID, guid) {
		rt.Fatalf("the GUID is missing: %v", header)
	}
}

// visible reduces a text to its letters, digits and signs: what must survive
// whatever becomes of the space and the controls between them.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r <= ' ' || r >= 0x7f && r <= 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x61c {
			return -1
		}
		return r
	}, s)
}

func checkParts(rt *rapid.T, l mail.Letter, row mail.Row, msg *netmail.Message, s shelf) {
	parts, err := leaves(textproto.MIMEHeader(msg.Header), msg.Body)
	if err != nil {
		rt.Fatalf("take apart: %v", err)
	}
	files := 0
	if l.Kind.Ready() {
		files = len(l.Files)
	}
	if len(parts) != 2+files || parts[0].mediaType != "text/plain" || parts[1].mediaType != "text/html" {
		rt.Fatalf("%d parts, want two texts and %d files", len(parts), files)
	}
	for i, want := range []string{row.Text, row.HTML} {
		// The line end before a boundary belongs to the boundary, ours before it to the text.
		if got := strings.ReplaceAll(string(parts[i].content), "\r\n", "\n"); got != want {
			rt.Fatalf("text %d reads as %q, want %q", i, got, want)
		}
	}
	for i, p := range parts[2:] {
		if !bytes.Equal(p.content, s[l.Files[i].Key]) {
			rt.Fatalf("file %d has other bytes", i)
		}
		if p.name != row.Attachments[i].Name || p.name == "" || strings.HasPrefix(p.name, ".") || strings.ContainsAny(p.name, "/\\\"\r\n\x00") || utf8.RuneCountInString(p.name) > 120 {
			rt.Fatalf("file %d is called %q, the row says %q", i, p.name, row.Attachments[i].Name)
		}
	}
	for _, text := range []string{row.Subject, row.Text, row.HTML} {
		if strings.ContainsAny(text, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\x00\x02\x03\r") {
			rt.Fatalf("what nobody sees came through: %q", text)
		}
	}
	if strings.Contains(row.HTML, "<script") || strings.Contains(row.HTML, "<b>") {
		rt.Fatalf("markup came through: %s", row.HTML)
	}
}

// TestSameBytesEachTime takes the row through JSON, as the ledger does.
func TestSameBytesEachTime(t *testing.T) {
	t.Parallel()
	for _, kind := range mail.Kinds() {
		s := shelf{}
		l := letter(t, kind, "tr", s)
		row, err := composer(t).Compose(t.Context(), l, sentAt(), s.open)
		if err != nil {
			t.Fatal(err)
		}
		again, err := composer(t).Compose(t.Context(), l, sentAt(), s.open)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		var kept mail.Row
		if err := json.Unmarshal(b, &kept); err != nil {
			t.Fatal(err)
		}
		var messages [][]byte
		for _, row := range []mail.Row{row, again, kept} {
			msg, err := mail.Assemble(t.Context(), row, s.open)
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, msg)
		}
		if !bytes.Equal(messages[0], messages[1]) || !bytes.Equal(messages[0], messages[2]) {
			t.Errorf("%s: three assemblies differ", kind)
		}
	}
}
