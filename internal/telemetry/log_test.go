package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"peyk/internal/telemetry"
)

const guid = "0198f2a4-5b1c-7def-8a01-23456789abcd"

// record logs once and reads the line back.
func record(t *testing.T, level string, speak func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	log, err := telemetry.NewLog(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	speak(log)
	if out.Len() == 0 {
		return nil
	}
	line := make(map[string]any)
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", out.Bytes(), err)
	}
	return line
}

func TestRecordsCarryTheRequest(t *testing.T) {
	t.Parallel()
	ctx := telemetry.WithRole(telemetry.WithGUID(t.Context(), guid), "gateway")
	for name, derive := range map[string]func(*slog.Logger) *slog.Logger{
		"plain":      func(l *slog.Logger) *slog.Logger { return l },
		"with attrs": func(l *slog.Logger) *slog.Logger { return l.With("part", "fetch") },
	} {
		line := record(t, "info", func(l *slog.Logger) { derive(l).InfoContext(ctx, "fetched", "bytes", 5) })
		if line["guid"] != guid || line["role"] != "gateway" || line["bytes"] != 5.0 || line["msg"] != "fetched" {
			t.Errorf("%s: %v", name, line)
		}
	}
	if telemetry.GUID(ctx) != guid || telemetry.Role(ctx) != "gateway" {
		t.Errorf("the context knows guid %q, role %q", telemetry.GUID(ctx), telemetry.Role(ctx))
	}
}

func TestRecordsInventNothing(t *testing.T) {
	t.Parallel()
	line := record(t, "info", func(l *slog.Logger) { l.InfoContext(context.Background(), "started") })
	if _, ok := line["guid"]; ok {
		t.Errorf("a guid out of nowhere: %v", line)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	if line := record(t, "warn", func(l *slog.Logger) { l.Info("started") }); line != nil {
		t.Errorf("below its level: %v", line)
	}
	if _, err := telemetry.NewLog(&bytes.Buffer{}, "loud"); err == nil {
		t.Error("loud is a level")
	}
}

// A duration says its unit: milliseconds.
func TestDurationsHaveAUnit(t *testing.T) {
	t.Parallel()
	line := record(t, "info", func(l *slog.Logger) {
		l.Info("prepared", "took", 1500*time.Microsecond, slog.Group("try", "rest", 2*time.Second))
	})
	inner, _ := line["try"].(map[string]any)
	if line["took_ms"] != 1.5 || line["took"] != nil || inner["rest_ms"] != 2000.0 {
		t.Errorf("%v", line)
	}
}
