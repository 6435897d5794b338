package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
)

// endless is a report whose query does not end by itself.
const endless = `id: endless.v1
title: {en: Endless, tr: Sonsuz}
description: {en: Counts., tr: Sayar.}
approval: none
parameters: {}
sources:
  numbers: {title: {en: Numbers, tr: Sayılar}, database: shop, sql: "with recursive n(i) as (select 1 union all select i+1 from n) select count(*) counted from n"}
combine: select counted from numbers
layout:
  sentence: {en: "All numbers.", tr: "Bütün sayılar."}
  table:
    title: {en: Numbers, tr: Sayılar}
    columns:
      - {name: counted, format: integer, title: {en: Counted, tr: Sayılan}}
formats: [pdf]
`

// stopTime is the longest a job may go on after its DELETE.
const stopTime = 2 * time.Second

// TestDeleteStopsAQuery deletes a report while the real engine is inside a query
// that never ends: its worker is free for the next one soon after.
func TestDeleteStopsAQuery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"reports/endless.yaml": endless,
		"sources.yaml":         "databases:\n  shop: {sqlite: shop.db}\n",
		"shop.db":              "", // an empty file is an empty database
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := engine.Open(t.Context(), engine.Config{ReportDirs: []string{filepath.Join(dir, "reports")}, SourceFiles: []string{filepath.Join(dir, "sources.yaml")}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	watched := &watching{Engine: e, begun: make(chan struct{}, 1), ended: make(chan error, 1)}
	s := openStore(t, filepath.Join(dir, "store"), time.Now)
	defer s.Close()
	a := New(Config{
		Store: s, Engine: watched, Workers: 1, Now: time.Now, Random: func() float64 { return 0.5 },
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Tokens: []string{"secret"},
		Webhook: Webhook{URL: "http://127.0.0.1:1", Client: &http.Client{}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { a.Run(ctx) })
	defer run.Wait()
	defer cancel()

	r := request(1)
	r.Type, r.TypeVersion, r.Parameters = "endless.v1", e.Catalog().Types[0].Version, map[string]json.RawMessage{}
	if _, err := s.Submit(ctx, protocol.Submission{SubmitRequest: r, BodyHash: "x"}, 1); err != nil {
		t.Fatal(err)
	}
	<-watched.begun
	asked := time.Now()
	deleteOver(t, a, r.ReportID)
	select {
	case err := <-watched.ended:
		t.Logf("stopped %s after the DELETE: %v", time.Since(asked), err)
	case <-time.After(stopTime):
		t.Fatalf("the query goes on %s after the DELETE", stopTime)
	}
	if _, err := s.Operation(ctx, r.ReportID); err != nil {
		t.Error(err)
	}
	wantState(t, s, r.ReportID, protocol.Deleted)
}

// deleteOver is the company's DELETE.
func deleteOver(t *testing.T, a *App, guid string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodDelete, "/v1/reports/"+guid+"?generation=1", nil)
	r.Header.Set("Authorization", "Bearer secret")
	a.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNoContent {
		t.Fatalf("DELETE was answered %d: %s", w.Code, w.Body)
	}
}

// watching tells when the engine reads, and how its run ended.
type watching struct {
	*engine.Engine
	begun chan struct{}
	ended chan error
}

func (w *watching) Run(ctx context.Context, job engine.Job, progress engine.Progress) (engine.Result, error) {
	result, err := w.Engine.Run(ctx, job, func(done, total int, stage string) {
		progress(done, total, stage)
		select {
		case w.begun <- struct{}{}:
		default:
		}
	})
	w.ended <- err
	return result, err
}
