package ideal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/bench/sink"
	"peyk/internal/protocol"
)

// It does the work it is counted for, and no more: so many commits, puts, calls
// and letters for each journey.
func TestItDoesTheWorkOfSoManyJourneys(t *testing.T) {
	t.Parallel()
	const journeys = 20
	letters := make(chan string, journeys)
	relay, err := sink.Open(t.Context(), func(guid string, _ time.Time) { letters <- guid })
	if err != nil {
		t.Fatal(err)
	}
	company, provider, url := pair(t, relay.Port())
	var all sync.WaitGroup
	for range journeys {
		all.Go(func() { ask(t, url, uuid.Must(uuid.NewV7()).String()) })
	}
	all.Wait()
	seen := map[string]bool{}
	for range journeys {
		seen[<-letters] = true
	}
	if err := company.Close(); err != nil { // waits for the last steps
		t.Error(err)
	}
	if err := provider.Close(); err != nil {
		t.Error(err)
	}
	if err := relay.Close(); err != nil {
		t.Error(err)
	}
	if len(seen) != journeys || seen[""] {
		t.Errorf("letters about %d requests, want %d", len(seen), journeys)
	}
	c, p := company.Counts(), provider.Counts()
	want := Counts{Changes: journeys * int64(companyCommits), Syncs: c.Syncs, Puts: journeys, Calls: 4 * journeys, Letters: journeys}
	if c != want || c.Syncs == 0 || c.Syncs > c.Changes {
		t.Errorf("the company did %+v, want %+v", c, want)
	}
	want = Counts{Changes: journeys * providerCommits, Syncs: p.Syncs, Puts: journeys, Calls: journeys}
	if p != want || p.Syncs == 0 {
		t.Errorf("the provider did %+v, want %+v", p, want)
	}
}

// pair opens both sides and makes them known to each other.
func pair(t *testing.T, relay int) (*Company, *Reporter, string) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	company, err := OpenCompany(t.Context(), t.TempDir(), "secret", relay, log)
	if err != nil {
		t.Fatal(err)
	}
	front := listen(t, company.Handler())
	key, err := protocol.GenerateSigningKey("ideal", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := OpenReporter(t.Context(), t.TempDir(), "secret", front+"/hooks", []byte("the document"), key, log)
	if err != nil {
		t.Fatal(err)
	}
	err = company.introduce(Hello{URL: listen(t, provider.Handler()), PublicKey: key.Public().String()})
	if err != nil {
		t.Fatal(err)
	}
	return company, provider, front
}

func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	d, err := open(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	return d.url
}

func ask(t *testing.T, url, guid string) {
	t.Helper()
	body, err := json.Marshal(asked{GUID: guid, Type: "nothing.v1"})
	if err != nil {
		t.Error(err)
		return
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/requests", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("%s is answered %s", guid, resp.Status)
	}
}

// The letter is as long as the one Peyk sends for the same document.
func TestTheLetterIsAsLongAsPeyks(t *testing.T) {
	t.Parallel()
	const peyks = 7550 // with a document of 1 KB
	got := len(letter(uuid.NewString(), make([]byte, 1024)))
	if got < peyks-200 || got > peyks+200 {
		t.Error(fmt.Sprint("it has ", got, " bytes, Peyk's has ", peyks))
	}
}
