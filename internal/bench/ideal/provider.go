package ideal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"peyk/internal/protocol"
)

const providerTables = `
CREATE TABLE IF NOT EXISTS jobs (guid TEXT NOT NULL UNIQUE, state TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS webhooks (id TEXT NOT NULL UNIQUE, guid TEXT NOT NULL, body BLOB NOT NULL) STRICT;`

// jobSize is what Peyk's provider writes down of a request, in bytes.
const jobSize = 700

// Reporter is the side that reports: the same document each time.
type Reporter struct {
	dir      string
	token    string
	hooks    string // where webhooks are posted
	document []byte
	key      protocol.SigningKey
	store    *store
	http     *http.Client
	log      *slog.Logger

	calls, puts atomic.Int64
	running     sync.WaitGroup
}

// OpenReporter opens the provider on a directory.
func OpenReporter(ctx context.Context, dir, token, hooks string, document []byte, key protocol.SigningKey, log *slog.Logger) (*Reporter, error) {
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
		return nil, fmt.Errorf("open the ideal provider: %w", err)
	}
	s, err := openStore(ctx, dir, providerTables)
	if err != nil {
		return nil, fmt.Errorf("open the ideal provider: %w", err)
	}
	return &Reporter{
		dir: filepath.Join(dir, "files"), token: token, hooks: hooks, document: document, key: key,
		store: s, http: newClient(), log: log,
	}, nil
}

// Close waits for the reports under way.
func (p *Reporter) Close() error {
	p.running.Wait()
	return p.store.close()
}

// Counts are those so far.
func (p *Reporter) Counts() Counts {
	return Counts{Changes: p.store.changes.Load(), Syncs: p.store.syncs.Load(), Puts: p.puts.Load(), Calls: p.calls.Load()}
}

// Handler answers the company.
func (p *Reporter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reports", p.submit)
	mux.HandleFunc("GET /reports/{guid}", p.operation)
	mux.HandleFunc("GET /files/{guid}", p.file)
	mux.HandleFunc("DELETE /reports/{guid}", p.remove)
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, p.Counts()) })
	return bearer(p.token, mux)
}

func (p *Reporter) submit(w http.ResponseWriter, r *http.Request) {
	var in job
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	err := p.store.commit(step{"INSERT INTO jobs (guid, state, sha256, size, body) VALUES (?, 'queued', '', 0, ?)", []any{in.GUID, filler(jobSize)}})
	if err != nil {
		p.log.Error("not accepted", "guid", in.GUID, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.running.Go(func() {
		if err := p.prepare(in.GUID); err != nil {
			p.log.Error("report broken off", "guid", in.GUID, "error", err)
		}
	})
	answer(w, http.StatusAccepted, job{GUID: in.GUID, State: "queued"})
}

// prepare makes the report and tells of it.
func (p *Reporter) prepare(guid string) error {
	if err := p.store.commit(step{"UPDATE jobs SET state = 'preparing' WHERE guid = ?", []any{guid}}); err != nil {
		return err
	}
	sum, err := put(p.dir, guid, p.document)
	if err != nil {
		return err
	}
	p.puts.Add(1)
	body, err := json.Marshal(job{GUID: guid, State: "ready", Filler: filler(100)})
	if err != nil {
		return err
	}
	id := "msg_" + uuid.NewString()
	err = p.store.commit(
		step{"UPDATE jobs SET state = 'ready', sha256 = ?, size = ? WHERE guid = ?", []any{sum, len(p.document), guid}},
		step{"INSERT INTO webhooks (id, guid, body) VALUES (?, ?, ?)", []any{id, guid, body}})
	if err != nil {
		return err
	}
	if err := p.tell(id, body); err != nil {
		return err
	}
	return p.store.commit(step{"DELETE FROM webhooks WHERE id = ?", []any{id}})
}

// tell posts a webhook, signed.
func (p *Reporter) tell(id string, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, p.hooks, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	protocol.SignWebhook(req.Header, id, time.Now(), body, p.key)
	p.calls.Add(1)
	resp, err := p.http.Do(req)
	if err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusNoContent {
		return errors.Join(err, fmt.Errorf("tell %s: %s", id, resp.Status))
	}
	return nil
}

func (p *Reporter) operation(w http.ResponseWriter, r *http.Request) {
	o, err := p.find(r)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	o.Filler = filler(200)
	answer(w, http.StatusOK, o)
}

func (p *Reporter) find(r *http.Request) (o job, err error) {
	row := p.store.reads.QueryRowContext(r.Context(), "SELECT guid, state, sha256, size FROM jobs WHERE guid = ?", r.PathValue("guid"))
	err = row.Scan(&o.GUID, &o.State, &o.SHA256, &o.Size)
	return o, err
}

func (p *Reporter) file(w http.ResponseWriter, r *http.Request) {
	o, err := p.find(r)
	if err != nil || o.State != "ready" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	content, err := os.ReadFile(filepath.Join(p.dir, o.GUID))
	if err != nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(content) // whoever asked is gone
}

func (p *Reporter) remove(w http.ResponseWriter, r *http.Request) {
	guid := r.PathValue("guid")
	err := p.store.commit(step{"UPDATE jobs SET state = 'deleted' WHERE guid = ?", []any{guid}})
	if err == nil {
		err = os.Remove(filepath.Join(p.dir, guid))
	}
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
