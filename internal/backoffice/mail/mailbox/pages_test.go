package mailbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/mail/mailbox"
)

// fetch asks the handler for a page as a browser on this machine does.
func fetch(t testing.TB, box *mailbox.Mailbox, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = "localhost:8025"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	box.Handler().ServeHTTP(w, r)
	return w
}

const hostile = "From: \"<script>alert(1)</script>\" <evil@example.com>\r\n" +
	"Subject: <script>alert(2)</script> =?UTF-8?Q?=C4=B0ndirim?=\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<script>alert(3)</script><img src=https://example.com/x.png>\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\n</pre><script>alert(4)</script>\r\n" +
	"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n" +
	"Content-Disposition: attachment; filename*=UTF-8''..%2F..%2F%22%0D%0AX-Evil%3A%201%0D%0Aş.html\r\n\r\nPHNjcmlwdD4=\r\n" +
	"--b--\r\n"

func TestHostileMailIsShownHarmlessly(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	send(t, sender(t, port), "derya@kule.example", []byte(hostile))
	id := box.Messages(nil)[0].ID

	for _, path := range []string{"/", "/messages/" + id} {
		page := fetch(t, box, path)
		if body := page.Body.String(); page.Code != 200 || strings.Contains(body, "<script") || !strings.Contains(body, "İndirim") {
			t.Errorf("%s: %d\n%s", path, page.Code, body)
		}
		policy := page.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	part := fetch(t, box, "/messages/"+id+"/html")
	if policy := part.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox ") ||
		strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the HTML part is served with the policy %q", policy)
	}
	file := fetch(t, box, "/api/messages/"+id+"/attachments/1")
	if file.Header().Get("Content-Type") != "application/octet-stream" || file.Body.String() != "<script>" ||
		!strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") || file.Header().Get("X-Evil") != "" {
		t.Errorf("the attachment is served as %v: %q", file.Header(), file.Body)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	send(t, sender(t, port), "derya@kule.example", message(1))
	id := box.Messages(nil)[0].ID
	paths := map[string]int{
		"/": 200, "/style.css": 200, "/messages/" + id: 200, "/messages/" + id + "/html": 200,
		"/api/messages": 200, "/api/messages/" + id: 200, "/api/messages/" + id + "/raw": 200,
		"/api/messages/" + id + "/attachments/1": 404, "/api/messages/" + id + "/attachments/x": 404,
		"/messages/nobody": 404, "/api/messages/nobody": 404, "/nothing": 404,
		"/api/messages/..%2f..%2fetc%2fpasswd/raw": 404, "/messages/..%2F" + id: 404,
	}
	for path, want := range paths {
		got := fetch(t, box, path)
		if got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
		for header, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got.Header().Get(header) != value {
				t.Errorf("%s: %s is %q, want %q", path, header, got.Header().Get(header), value)
			}
		}
		if !strings.Contains(got.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no policy", path)
		}
	}
}

// TestOtherNamesAreTurnedAway: a name somebody else points at 127.0.0.1 does
// not open the mailbox to their pages.
func TestOtherNamesAreTurnedAway(t *testing.T) {
	t.Parallel()
	box, _ := open(t, t.TempDir(), mailbox.Options{})
	for host, want := range map[string]int{
		"localhost": 200, "127.0.0.1:8025": 200, "[::1]:8025": 200, "mail.localhost:1": 200,
		"evil.example": 421, "127.0.0.1.evil.example:8025": 421, "10.0.0.7:8025": 421, "": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/messages", nil)
		r.Host = host
		w := httptest.NewRecorder()
		box.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	box, _ := open(t, t.TempDir(), mailbox.Options{})
	for _, c := range []struct{ target, accept, want string }{
		{"/", "", "No e-mail has been sent yet"},
		{"/", "tr-TR,tr;q=0.9,en;q=0.8", "Henüz gönderilmiş bir e-posta yok"},
		{"/", "de,fr;q=0.5", "No e-mail has been sent yet"},
		{"/?lang=tr", "en", "Henüz gönderilmiş bir e-posta yok"},
		{"/?lang=en", "tr", "No e-mail has been sent yet"},
		{"/messages/x?lang=tr", "", "Burada böyle bir sayfa"},
		{"/?lang=tr", "", `href="/?lang=tr"`},
	} {
		if body := fetch(t, box, c.target, "Accept-Language", c.accept).Body.String(); !strings.Contains(body, c.want) {
			t.Errorf("%s with %q does not say %q:\n%s", c.target, c.accept, c.want, body)
		}
	}
}

func TestListIsFilteredAndPaged(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	s := sender(t, port)
	for n := range 130 {
		send(t, s, map[bool]string{true: "derya@kule.example", false: "murat@kule.example"}[n%2 == 0], message(n))
	}
	for query, want := range map[string]int{
		"": 130, "?to=derya@kule.example": 65, "?to=MURAT": 65, "?guid=guid-5": 1, "?to=derya&guid=guid-5": 0, "?to=a@kule.example": 0,
	} {
		var got struct{ Messages []mailbox.Summary }
		if err := json.Unmarshal(fetch(t, box, "/api/messages"+query).Body.Bytes(), &got); err != nil || got.Messages == nil {
			t.Fatalf("%s: %v", query, err)
		}
		if len(got.Messages) != want {
			t.Errorf("%s: %d mails, want %d", query, len(got.Messages), want)
		}
	}
	first := fetch(t, box, "/").Body.String()
	if n := strings.Count(first, "<li>"); n != 100 {
		t.Errorf("the first page lists %d mails, want 100", n)
	}
	_, rest, _ := strings.Cut(first, `href="/?before=`)
	before, _, _ := strings.Cut(rest, `"`)
	if n := strings.Count(fetch(t, box, "/?before="+before).Body.String(), "<li>"); n != 30 {
		t.Errorf("the second page lists %d mails, want 30", n)
	}
}

// TestAnyBytesCanBeRead: whatever a mail is made of, it is kept, listed,
// shown and given back.
func TestAnyBytesCanBeRead(t *testing.T) {
	t.Parallel()
	box, port := open(t, t.TempDir(), mailbox.Options{})
	s := sender(t, port)
	pieces := []string{
		"Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: text/html; charset=x\r\n", "Content-Transfer-Encoding: base64\r\n",
		"Content-Disposition: attachment; filename=\"=?UTF-8?Q?=\r\n", "--b\r\n", "--b--\r\n", "\r\n", " folded\r\n", "Subject: =?x?y?z?=\r\n", "=ZZ=\r\n", ":\r\n", "\x00\xff\r\n",
	}
	rapid.Check(t, func(rt *rapid.T) {
		msg := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 30).Draw(rt, "pieces"), "")
		send(t, s, "derya@kule.example", []byte(msg))
		id := box.Messages(nil)[0].ID
		for _, path := range []string{"/messages/" + id, "/messages/" + id + "/html", "/api/messages/" + id} {
			if got := fetch(t, box, path); got.Code != 200 {
				rt.Fatalf("%s: %d for the mail %q", path, got.Code, msg)
			}
		}
		if raw := fetch(t, box, "/api/messages/"+id+"/raw").Body.String(); raw != msg {
			rt.Fatalf("raw is %q, want %q", raw, msg)
		}
	})
}
