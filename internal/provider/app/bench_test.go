package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"peyk/internal/protocol"
)

// BenchmarkJourney measures from POST to the receipt of the webhook over real
// HTTP and a real disk, with an engine that needs no time: what the protocol
// and the store cost. The contract's validator is left out.
func BenchmarkJourney(b *testing.B) {
	s := openStore(b, b.TempDir(), time.Now)
	defer s.Close()
	told := make(chan struct{}, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
		told <- struct{}{}
	}))
	defer receiver.Close()
	a := New(Config{
		Store: s, Engine: &fakeEngine{}, Tokens: []string{"secret"}, Now: time.Now, Random: func() float64 { return 0.5 },
		Log:     slog.New(slog.DiscardHandler),
		Webhook: Webhook{URL: receiver.URL, Keys: []protocol.SigningKey{testKey()}, Client: receiver.Client()},
	})
	server := httptest.NewServer(a.Handler())
	defer server.Close()
	client := must(protocol.NewClient(server.URL, server.URL, protocol.StaticToken("secret"), server.Client()))(b)
	ctx, cancel := context.WithCancel(b.Context())
	var run sync.WaitGroup
	run.Go(func() { a.Run(ctx) })
	defer run.Wait()
	defer cancel()

	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		must(client.Submit(ctx, request(1)))(b)
		<-told
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
