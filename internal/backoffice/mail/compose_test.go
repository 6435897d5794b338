package mail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

func compose(t *testing.T, l mail.Letter, s shelf) mail.Row {
	t.Helper()
	row, err := composer(t).Compose(t.Context(), l, sentAt(), s.open)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// TestDamage: one wrong byte anywhere, and nothing is sent.
func TestDamage(t *testing.T) {
	t.Parallel()
	damages := map[string]func(shelf, *mail.Row, string){
		"a byte of a file":   func(s shelf, _ *mail.Row, key string) { s[key][100] ^= 1 },
		"a file cut":         func(s shelf, _ *mail.Row, key string) { s[key] = s[key][:len(s[key])-1] },
		"a file longer":      func(s shelf, _ *mail.Row, key string) { s[key] = append(s[key], 'x') },
		"a file gone":        func(s shelf, _ *mail.Row, key string) { delete(s, key) },
		"a word of the text": func(_ shelf, r *mail.Row, _ string) { r.Text += "." },
		"a header field":     func(_ shelf, r *mail.Row, _ string) { r.Header[2].Value = "other" },
		"the digest":         func(_ shelf, r *mail.Row, _ string) { r.SHA256 = strings.Repeat("0", 64) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shelf{}
			l := letter(t, mail.Succeeded, "tr", s)
			row := compose(t, l, s)
			damage(s, &row, l.Files[0].Key)
			msg, err := mail.Assemble(t.Context(), row, s.open)
			if report.ClassOf(err) != report.Permanent || report.CodeOf(err) != "bytes-damaged" || msg != nil {
				t.Errorf("got %d bytes and %v, want Permanent bytes-damaged", len(msg), err)
			}
		})
	}
}

// TestStorageTrouble: storage that does not answer is no damage.
func TestStorageTrouble(t *testing.T) {
	t.Parallel()
	s := shelf{}
	l := letter(t, mail.Succeeded, "tr", s)
	row := compose(t, l, s)
	trouble := errors.New("disk does not answer")
	for name, open := range map[string]mail.Open{
		"at open": func(context.Context, string) (io.ReadCloser, error) { return nil, trouble },
		"at read": func(context.Context, string) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("x"), failing{trouble})), nil
		},
	} {
		if _, err := mail.Assemble(t.Context(), row, open); !errors.Is(err, trouble) || report.CodeOf(err) == "bytes-damaged" {
			t.Errorf("%s: got %v, want the trouble itself", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestTooLargeIsLinked holds both sides of the limit, counted by hand: 76
// characters of base64 carry 57 bytes and cost 78 on the wire.
func TestTooLargeIsLinked(t *testing.T) {
	t.Parallel()
	largest := mail.MaxAttached / 78 * 57
	for _, c := range []struct {
		sizes    []int
		attached int
	}{
		{[]int{largest}, 1}, {[]int{largest + 57}, 0}, {[]int{largest / 2, largest / 2}, 2}, {[]int{largest, 57}, 0}, {nil, 0},
	} {
		s := shelf{}
		l := letter(t, mail.Succeeded, "en", s)
		l.Files = nil
		for i, size := range c.sizes {
			l.Files = append(l.Files, s.put(strings.Repeat("x", i+1)+".pdf", "application/pdf", 1, 1, bytes.Repeat([]byte{byte(i)}, size)))
		}
		row := compose(t, l, s)
		if len(row.Attachments) != c.attached || row.Size > 10_240_000 {
			t.Errorf("%v bytes: %d attached, %d bytes in all; want %d attached", c.sizes, len(row.Attachments), row.Size, c.attached)
		}
		if says := strings.Contains(row.Text, "too large to attach"); says != (c.attached == 0 && len(c.sizes) > 0) {
			t.Errorf("%v bytes: the letter says %q", c.sizes, row.Text)
		}
		if !strings.Contains(row.Text, l.Link) || !strings.Contains(row.HTML, l.Link) {
			t.Errorf("%v bytes: the link is missing", c.sizes)
		}
	}
}

// TestIdentity: a mail is the same mail by request, generation, kind and
// recipient, and by nothing else.
func TestIdentity(t *testing.T) {
	t.Parallel()
	s := shelf{}
	base := compose(t, letter(t, mail.Failed, "tr", s), s).MessageID
	changes := map[string]struct {
		change func(*mail.Letter)
		same   bool
	}{
		"language":        {func(l *mail.Letter) { l.Locale = "en" }, true},
		"words":           {func(l *mail.Letter) { l.FailureSentence = "x" }, true},
		"name":            {func(l *mail.Letter) { l.To.Name = "x" }, true},
		"case of address": {func(l *mail.Letter) { l.To.Address = "Derya.Aksoy@kule.example" }, true},
		"recipient":       {func(l *mail.Letter) { l.To.Address = "x@kule.example" }, false},
		"generation":      {func(l *mail.Letter) { l.Generation++ }, false},
		"kind":            {func(l *mail.Letter) { l.Kind = mail.Rejected }, false},
		"request":         {func(l *mail.Letter) { l.GUID = "01a2082b-96d0-7c3e-9a41-5d0be27f8c17" }, false},
	}
	for name, c := range changes {
		l := letter(t, mail.Failed, "tr", s)
		c.change(&l)
		if got := compose(t, l, s).MessageID; (got == base) != c.same {
			t.Errorf("another %s: %s, was %s", name, got, base)
		}
	}
}

func TestUnusableLetters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*mail.Letter)
		code  string
	}{
		"kind":            {func(l *mail.Letter) { l.Kind = "other" }, "letter-unusable"},
		"GUID":            {func(l *mail.Letter) { l.GUID = "x>\r\nBcc: a@b" }, "letter-unusable"},
		"host":            {func(l *mail.Letter) { l.Host = "a b" }, "letter-unusable"},
		"link":            {func(l *mail.Letter) { l.Link = "javascript:alert(1)" }, "letter-unusable"},
		"relative link":   {func(l *mail.Letter) { l.Link = "/r/1" }, "letter-unusable"},
		"broken link":     {func(l *mail.Letter) { l.Link = "https://a/\r\nx" }, "letter-unusable"},
		"no recipient":    {func(l *mail.Letter) { l.To.Address = "" }, "address-unusable"},
		"line end":        {func(l *mail.Letter) { l.To.Address = "a@b\r\nBcc: c@d" }, "address-unusable"},
		"two":             {func(l *mail.Letter) { l.To.Address = "a@b.example, c@d.example" }, "address-unusable"},
		"with name":       {func(l *mail.Letter) { l.To.Address = "A <a@b.example>" }, "address-unusable"},
		"Turkish letters": {func(l *mail.Letter) { l.To.Address = "şeyma@kule.example" }, "address-unusable"},
		"sender":          {func(l *mail.Letter) { l.From.Address = "peyk" }, "address-unusable"},
		"reply to":        {func(l *mail.Letter) { l.ReplyTo.Address = "" }, "address-unusable"},
	} {
		s := shelf{}
		l := letter(t, mail.Succeeded, "tr", s)
		c.spoil(&l)
		if _, err := composer(t).Compose(t.Context(), l, sentAt(), s.open); report.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

// TestInternationalDomain goes out as SMTP without extensions takes it.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	s := shelf{}
	l := letter(t, mail.Failed, "tr", s)
	l.To.Address = "derya@çınar.example"
	l.ReplyTo = mail.Person{Name: "Operatör", Address: "operator@kule.example"}
	row := compose(t, l, s)
	if row.To != "derya@xn--nar-2lay.example" && !strings.HasPrefix(row.To, "derya@xn--") {
		t.Errorf("goes to %s", row.To)
	}
	msg, err := mail.Assemble(t.Context(), row, s.open)
	if err != nil || !bytes.Contains(msg, []byte("\r\nReply-To: =?UTF-8?Q?Operat=C3=B6r?= <operator@kule.example>\r\n")) {
		t.Errorf("%v\n%s", err, msg)
	}
}

// TestToOthers: who did not ask is not told that they did.
func TestToOthers(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"tr": "Merhaba Murat Yıldız, Derya Aksoy tarafından istenen “En çok olumlu yorum alan oyunlar – ülke bazında satış” raporu hazır.",
		"en": "Hello Murat Yıldız, the report “Top games by positive reviews – sales by country” that Derya Aksoy asked for is ready.",
	} {
		s := shelf{}
		l := letter(t, mail.Succeeded, locale, s)
		l.To = mail.Person{Name: "Murat Yıldız", Address: "murat.yildiz@kule.example"}
		if text := strings.Join(strings.Fields(compose(t, l, s).Text), " "); !strings.Contains(text, want) {
			t.Errorf("the letter says\n%s\nwant\n%s", text, want)
		}
	}
}

// TestEachFormatGoesOutAsWhatItIs, text with the signs it is written in.
// Who had a letter sent again is named in it; without a name, by address.
func TestWhoHadItSentAgain(t *testing.T) {
	t.Parallel()
	for said, by := range map[string]mail.Person{
		"You asked for this":                  {Name: "Derya", Address: "Derya.Aksoy@kule.example"},
		"Çağrı Öztürk asked for this":         {Name: "Çağrı Öztürk", Address: "cagri@kule.example"},
		"\ncagri@kule.example asked for this": {Address: "cagri@kule.example"},
	} {
		s := shelf{}
		l := letter(t, mail.Succeeded, "en", s)
		l.Again, l.AgainBy = 1, by
		if text := compose(t, l, s).Text; !strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), said) {
			t.Errorf("by %v it does not say %q:\n%s", by, said, text)
		}
	}
}

func TestEachFormatGoesOutAsWhatItIs(t *testing.T) {
	t.Parallel()
	for mediaType, want := range map[string]string{
		"application/pdf": "application/pdf;", "text/csv": "text/csv; charset=utf-8;", excel: excel + ";", "text/html": "application/octet-stream;",
	} {
		s := shelf{}
		l := letter(t, mail.Succeeded, "en", s)
		l.Files = []mail.File{s.put("report", mediaType, 0, 1, []byte("x"))}
		if got := compose(t, l, s).Attachments[0].Header[0]; got.Name != "Content-Type" || !strings.HasPrefix(got.Value, want) {
			t.Errorf("%s: got %+v, want %s", mediaType, got, want)
		}
	}
}
