package sink

import (
	"net/smtp"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestALetterIsKnownByItsRequest(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 2)
	s, err := Open(t.Context(), func(guid string, _ time.Time) { heard <- guid })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for body, want := range map[string]string{
		"Subject: x\r\nX-Peyk-Request: 0195-1\r\n\r\nX-Peyk-Request: other\r\n..\r\n": "0195-1",
		"Subject: stray\r\n\r\nnothing\r\n":                                           "",
	} {
		if err := smtp.SendMail("127.0.0.1:"+strconv.Itoa(s.Port()), nil, "a@b.example", []string{"c@d.example"}, []byte(body)); err != nil {
			t.Fatal(err)
		}
		if got := <-heard; got != want {
			t.Errorf("heard of %q, want %q", got, want)
		}
	}
}
