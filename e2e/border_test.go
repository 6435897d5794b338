package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/sim/check"
)

// border writes down, for the checker, what the provider is seen to do on the
// wire. What it did and could not say, because it was killed, is asked again,
// and then seen.
type border struct {
	mu        sync.Mutex
	log       []check.Provider
	published map[string]bool // guid, generation and digests of results already seen
}

// watch lets the border see the answers of app and files.
func (b *border) watch(fronts ...*front) {
	b.published = map[string]bool{}
	for _, f := range fronts {
		f.record = b.see
	}
}

// see takes an answer apart and leaves it as it was.
func (b *border) see(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return fmt.Errorf("read the provider's answer: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := check.Provider{At: time.Now().UTC(), GUID: guidIn(r.Request)}
	generation := r.Request.URL.Query().Get("generation")
	switch m := r.Request.Method; {
	case m == http.MethodPost && r.StatusCode == http.StatusAccepted:
		seen.What = check.Posted
		_, after, _ := strings.Cut(strings.Trim(r.Request.Header.Get("Idempotency-Key"), `"`), ".")
		generation = after
	case m == http.MethodDelete && r.StatusCode == http.StatusNoContent:
		seen.What = check.Deleted
	case m == http.MethodGet && strings.Contains(r.Request.URL.Path, "/files/") && r.StatusCode == http.StatusOK:
		seen.What = check.Served
		sum := sha256.Sum256(body)
		seen.Files = map[string]string{path.Base(r.Request.URL.Path): hex.EncodeToString(sum[:])}
	}
	if n, err := strconv.Atoi(generation); err == nil && seen.What != "" {
		seen.Generation = n
		b.log = append(b.log, seen)
	}
	b.results(seen, body)
	return nil
}

// results notes what an operation says is ready, the first time it says so.
func (b *border) results(seen check.Provider, body []byte) {
	var o protocol.Operation
	if json.Unmarshal(body, &o) != nil || o.State != protocol.Ready || len(o.Results) == 0 {
		return
	}
	seen.What, seen.Generation, seen.Files = check.Published, o.Generation, map[string]string{}
	for _, f := range o.Results {
		seen.Files[f.Name] = f.SHA256
	}
	if key := fmt.Sprint(seen.GUID, seen.Generation, seen.Files); !b.published[key] {
		b.published[key] = true
		b.log = append(b.log, seen)
	}
}

// guidIn is the report a call is about.
func guidIn(r *http.Request) string {
	if guid := anyGUID.FindString(r.URL.Path); guid != "" {
		return guid
	}
	return anyGUID.FindString(r.Header.Get("Idempotency-Key"))
}

// seen is the log so far.
func (b *border) seen() []check.Provider {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]check.Provider(nil), b.log...)
}
