// SQLite takes minutes to compile for the race detector.
//
//go:build !race

package trigger_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/backoffice/trigger"
)

// onDisk is a world on a ledger whose tables can be read as they lie.
func onDisk(t *testing.T) (*world, *sqlite.Ledger) {
	t.Helper()
	var disk *sqlite.Ledger
	w := newWorldOn(t, time.Hour, func(now func() time.Time) ledger.Ledger {
		l, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db"), Now: now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		disk = l
		return l
	})
	return w, disk
}

// everything is each row of each table.
func everything(t *testing.T, l *sqlite.Ledger) string {
	t.Helper()
	var b strings.Builder
	err := l.Dump(t.Context(), func(read sqlite.Reader) error {
		var tables []string
		err := read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", func(row []any) error {
			tables = append(tables, row[0].(string))
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range tables {
			if err := read("SELECT * FROM "+name, func(row []any) error {
				fmt.Fprintln(&b, name, row)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCheckRecordsNothing(t *testing.T) {
	t.Parallel()
	w, disk := onDisk(t)
	w.ask("payroll.v1")
	before, told := everything(t, disk), w.events.Load()
	for _, body := range []string{
		form(w.guid(), "top-games.v1"), form(w.guid(), "payroll.v1"), form(w.guid(), "no-such.v1"),
		strings.Replace(form(w.guid(), "top-games.v1"), `"last-year"`, `"last-year","count":101`, 1),
	} {
		w.call("derya", "POST", "/requests/check", body)
	}
	if after := everything(t, disk); after != before {
		t.Errorf("the ledger was\n%s\nand is\n%s", before, after)
	}
	if n := w.events.Load(); n != told {
		t.Errorf("%d events more", n-told)
	}
}

// What check says is what submit records, and what check refuses submit refuses
// with the same answer.
func TestCheckIsSubmitWithoutTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.SampledFrom([]string{"1", "10", "100", "101", "0", "1.5", `"7"`, `"many"`, "null"}).Draw(rt, "count")
		period := rapid.SampledFrom([]string{
			`"last-year"`, `"last-month"`, `"yesterday"`, `"someday"`, `{"from":"2025-03-01","to":"2025-03-11"}`,
			`{"from":"2025-03-01","to":"2025-03-01"}`, `{"from":"2024-11-05","to":"2025-02-01"}`, "null",
		}).Draw(rt, "period")
		locale := rapid.SampledFrom([]string{"tr", "en", ""}).Draw(rt, "locale")
		to := rapid.SampledFrom([]string{"murat", "nobody"}).Draw(rt, "recipient")
		guid := w.guid()
		body := fmt.Sprintf(`{"guid":%q,"type":"top-games.v1","parameters":{"count":%s,"period":%s},"locale":%q,"recipients":[%q]}`,
			guid, count, period, locale, to)
		checked := w.call("derya", "POST", "/requests/check", body)
		submitted := w.call("derya", "POST", "/requests", body)
		if submitted.Code != http.StatusAccepted {
			if checked.Code != submitted.Code || checked.Body.String() != submitted.Body.String() {
				rt.Fatalf("to %s check answers\n%d %s\nand submit\n%d %s", body, checked.Code, checked.Body, submitted.Code, submitted.Body)
			}
			return
		}
		var c trigger.Checked
		if err := json.Unmarshal(checked.Body.Bytes(), &c); err != nil {
			rt.Fatalf("%d %s: %v", checked.Code, checked.Body, err)
		}
		s := w.status("derya", guid)
		if c.Sentence != s.Sentence || c.Short != s.Short || string(c.Parameters) != string(s.Parameters) || c.Approval != s.Approval {
			rt.Fatalf("to %s check says\n%+v\nand recorded is\n%+v", body, c, s)
		}
		for locale, parts := range c.Parts {
			whole := ""
			for _, p := range parts {
				whole += p.Text
			}
			if whole != s.Sentence.In(locale) {
				rt.Fatalf("the parts of %q are %+v", s.Sentence.In(locale), parts)
			}
		}
	})
}
