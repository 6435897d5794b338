package ideal

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

const companyTables = `
CREATE TABLE IF NOT EXISTS requests (guid TEXT NOT NULL UNIQUE, step INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal (guid TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (guid, seq)) STRICT;
CREATE TABLE IF NOT EXISTS inbox (id TEXT NOT NULL UNIQUE, guid TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS letters (guid TEXT NOT NULL UNIQUE, sent INTEGER NOT NULL, body BLOB NOT NULL) STRICT;`

// The rows of a journey, in bytes, as Peyk's tables hold them for the report
// type nothing.v1: a request with its file, recipient, notice and tasks; a
// webhook; a letter.
const (
	requestSize = 1500
	inboxSize   = 160
	letterSize  = 7200
)

// journaled is how much Peyk's journal grows in each of the company's commits.
var journaled = [...]int{ //nolint:gochecknoglobals // a table, never written
	1: 400, 2: 115, 3: 255, 4: 220, 5: 0, 6: 290, 7: 500, 8: 110, 9: 250, 10: 255, 11: 355, 12: 0, 13: 140,
}

// The commits of a journey.
const (
	companyCommits  = len(journaled) - 1
	providerCommits = 5
)

// Company is the side that asks.
type Company struct {
	dir      string
	token    string // of whoever asks, and of both companies with each other
	store    *store
	relay    *relay
	http     *http.Client
	log      *slog.Logger
	provider Provider // where it is and what it signs with

	mu   sync.Mutex
	told map[string]chan struct{} // by GUID: its webhook was taken in

	calls, puts atomic.Int64
	running     sync.WaitGroup
}

// Provider says how the other side is reached.
type Provider struct {
	URL      string
	Verifier protocol.Verifier
}

// Counts say what was done.
type Counts struct {
	Changes int64 `json:"changes"` // durable commits as their callers see them
	Syncs   int64 `json:"syncs"`   // commits of the file, each of one change or more
	Puts    int64 `json:"puts"`    // files made durable
	Calls   int64 `json:"calls"`   // HTTP calls made
	Letters int64 `json:"letters"`
}

// OpenCompany opens the company on a directory. Letters go to a port of
// loopback.
func OpenCompany(ctx context.Context, dir, token string, relayPort int, log *slog.Logger) (*Company, error) {
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o700); err != nil {
		return nil, fmt.Errorf("open the ideal company: %w", err)
	}
	s, err := openStore(ctx, dir, companyTables)
	if err != nil {
		return nil, fmt.Errorf("open the ideal company: %w", err)
	}
	return &Company{
		dir: filepath.Join(dir, "blobs"), token: token, store: s, relay: newRelay(relayPort), log: log,
		http: newClient(), told: map[string]chan struct{}{},
	}, nil
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}, Timeout: time.Minute}
}

// Meet tells where the provider is; before it, nothing may be asked.
func (c *Company) Meet(p Provider) { c.provider = p }

// Close waits for the journeys under way.
func (c *Company) Close() error {
	c.running.Wait()
	return c.store.close()
}

// Counts are those so far.
func (c *Company) Counts() Counts {
	return Counts{
		Changes: c.store.changes.Load(), Syncs: c.store.syncs.Load(),
		Puts: c.puts.Load(), Calls: c.calls.Load(), Letters: c.relay.letters.Load(),
	}
}

// Handler is both doors: of those who ask, and of the provider's webhooks.
func (c *Company) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/requests", c.ask)
	mux.HandleFunc("GET /api/v1/requests/{guid}", c.standing)
	mux.HandleFunc("POST /hooks", c.hook)
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, c.Counts()) })
	return bearer(c.token, mux)
}

// bearer lets in who knows the token.
func bearer(token string, next http.Handler) http.Handler {
	want := []byte("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", protocol.MediaJSON)
	w.WriteHeader(status)
	_, _ = w.Write(raw) // whoever asked is gone
}

// asked is what a form sends.
type asked struct {
	GUID string `json:"guid"`
	Type string `json:"type"`
}

func (c *Company) ask(w http.ResponseWriter, r *http.Request) {
	var in asked
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || protocol.CheckGUID(in.GUID) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := c.store.commit(
		step{"INSERT INTO requests (guid, step, body) VALUES (?, 1, ?)", []any{in.GUID, filler(requestSize)}},
		entry(in.GUID, 1),
	); err != nil {
		c.log.Error("not recorded", "guid", in.GUID, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c.running.Go(func() {
		if err := c.journey(in); err != nil {
			c.log.Error("journey broken off", "guid", in.GUID, "error", err)
		}
	})
	answer(w, http.StatusAccepted, asked{in.GUID, in.Type})
}

// standing tells what the bench wants to know of a request.
func (c *Company) standing(w http.ResponseWriter, r *http.Request) {
	var at int
	row := c.store.reads.QueryRowContext(r.Context(), "SELECT step FROM requests WHERE guid = ?", r.PathValue("guid"))
	if err := row.Scan(&at); err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	type fact struct {
		Name string `json:"name"`
	}
	out := struct {
		State   report.State `json:"state"`
		Journal []fact       `json:"journal"`
	}{State: report.Accepted}
	if at >= 11 {
		out.State = report.Delivered
	}
	if at == companyCommits {
		out.Journal = append(out.Journal, fact{"cleaned_at_provider"})
	}
	answer(w, http.StatusOK, out)
}

// hook takes a webhook in.
func (c *Company) hook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, protocol.MaxWebhookBody))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	signed, err := c.provider.Verifier.Verify(r.Header, body)
	var hook job
	if err != nil || json.Unmarshal(body, &hook) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	err = c.store.commit(
		step{"INSERT INTO inbox (id, guid, body) VALUES (?, ?, ?)", []any{signed.ID, hook.GUID, filler(inboxSize)}},
		entry(hook.GUID, 4), at(hook.GUID, 4),
	)
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	close(c.hooked(hook.GUID))
}

// hooked is closed when the webhook about a request was taken in, which may be
// before its 202.
func (c *Company) hooked(guid string) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	told, ok := c.told[guid]
	if !ok {
		told = make(chan struct{})
		c.told[guid] = told
	}
	return told
}

// entry is the journal's row of one commit.
func entry(guid string, commit int) step {
	return step{"INSERT INTO journal (guid, seq, body) VALUES (?, ?, ?)", []any{guid, commit, filler(journaled[commit])}}
}

// at moves the request on.
func at(guid string, commit int) step {
	return step{"UPDATE requests SET step = max(step, ?) WHERE guid = ?", []any{commit, guid}}
}

// filler is so many bytes of a row.
func filler(n int) []byte { return bytes.Repeat([]byte{'.'}, n) }
