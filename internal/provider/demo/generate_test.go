package demo_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/provider/demo"
)

// day is the day all tests live in.
var day = time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)

// shared is a company made once for the tests that only read it.
var shared = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "demo-test-")
	if err != nil {
		return "", err
	}
	return dir, demo.Generate(context.Background(), dir, 1, day)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := shared(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func company(t *testing.T) string {
	t.Helper()
	dir, err := shared()
	if err != nil {
		t.Fatalf("generate seed 1 as of %s: %v", day.Format(time.DateOnly), err)
	}
	return dir
}

// linesOf gives the rows of a query as lines.
func linesOf(t *testing.T, dir, file, text string, args ...any) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, file)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", file, text, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Trim(fmt.Sprint(values), "[]"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

var tables = map[string][]string{
	demo.Shop:      {"publishers", "genres", "countries", "games", "players", "sales", "rentals"},
	demo.Community: {"reviews", "sessions"},
}

// fingerprint is a digest of the data files. SQLite writes no time and no
// chance of its own into a file, so the same rows in the same order are the
// same bytes.
func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	for _, file := range []string{demo.Shop, demo.Community, demo.Catalog} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = sum.Write(b)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestSizeAndSpan(t *testing.T) {
	t.Parallel()
	dir, rows := company(t), 0
	for file, names := range tables {
		for _, name := range names {
			rows += len(linesOf(t, dir, file, "select 1 from "+name))
		}
	}
	if rows < 270_000 || rows > 290_000 {
		t.Errorf("%d rows in both databases; some 280,000 are promised", rows)
	}
	for _, table := range []string{"sales", "rentals", "reviews", "sessions"} {
		file := demo.Shop
		if table == "reviews" || table == "sessions" {
			file = demo.Community
		}
		span := linesOf(t, dir, file, "select min(date(at)), max(date(at)), count(distinct date(at)) from "+table)
		if want := "2023-11-23 2026-11-22 1096"; span[0] != want {
			t.Errorf("%s span %s, want every day of %s", table, span[0], want)
		}
	}
}

// What a person would never see in a real company must not be in this one.
func TestDataHoldTogether(t *testing.T) {
	t.Parallel()
	dir := company(t)
	for name, text := range map[string]string{
		"sale before release":    "select s.id from sales s join games g on g.id = s.game_id where s.at < g.released",
		"rental before joining":  "select r.id from rentals r join players p on p.id = r.player_id where r.at < p.joined",
		"country of a stranger":  "select s.id from sales s join players p on p.id = s.player_id where s.country <> p.country",
		"returned before rented": "select id from rentals where returned < date(at)",
		"two games of one name":  "select name from games group by name having count(*) > 1",
		"two players, one mail":  "select email from players group by email having count(*) > 1",
		"mail that may arrive":   "select email from players where email not glob '*@example.[cno][oer][mtg]' or email glob '*[^a-z0-9.@]*'",
		"phone that may ring":    "select phone from players where phone not glob '+* 000 *'",
		"kuruş in a price":       "select id from sales where amount % 100 <> 0 or amount <= 0",
		"half a kuruş":           "select r.id from rentals r join games g on g.id = r.game_id join publishers p on p.id = g.publisher_id where r.fee * p.royalty_percent % 100 <> 0 or r.handling <= 0",
		"rating off the scale":   "select id from games where rating < 0 or rating > 10 or rating * 10 <> round(rating * 10)",
		"genre without a code":   "select id from genres where code = '' or code glob '*[^a-z-]*'",
	} {
		if found := linesOf(t, dir, demo.Shop, text); len(found) > 0 {
			t.Errorf("%s: %d rows, the first %s", name, len(found), found[0])
		}
	}
}

// The second making happens later that day, in a directory a killed process
// left behind, beside a stranger's file.
func TestSameSeedAndDayGiveTheSameData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{".making/shop.db", "reports/mine.yaml", "shop.db", "demo.json"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := demo.Generate(t.Context(), dir, 1, day.Add(8*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if first, again := fingerprint(t, company(t)), fingerprint(t, dir); again != first {
		t.Errorf("seed 1, the same day: %s, then %s", first, again)
	}
	if _, err := os.Stat(filepath.Join(dir, ".making")); !os.IsNotExist(err) {
		t.Errorf(".making is still there: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "reports/mine.yaml")); string(b) != "half" {
		t.Errorf("a stranger's file was touched: %q, %v", b, err)
	}
}

func TestDataAreMadeAnewOnlyWhenTheyChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	last := ""
	for _, step := range []struct {
		name  string
		ctx   context.Context
		seed  uint64
		today time.Time
		same  bool
		fails bool
	}{
		{"first", t.Context(), 2, day, false, false},
		{"the same day", t.Context(), 2, day.Add(time.Hour), true, false},
		{"another seed, cancelled", ended, 1, day, true, true},
		{"the old data's marker holds", ended, 2, day, true, false},
		{"the next day", t.Context(), 2, day.AddDate(0, 0, 1), false, false},
	} {
		if err := demo.Generate(step.ctx, dir, step.seed, step.today); (err != nil) != step.fails {
			t.Fatalf("%s: error %v, want one: %v", step.name, err, step.fails)
		}
		now := fingerprint(t, dir)
		if (now == last) != step.same {
			t.Errorf("%s: the same data: %v, want %v", step.name, now == last, step.same)
		}
		last = now
	}
	if last == fingerprint(t, company(t)) {
		t.Error("seeds 1 and 2 give the same data")
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if err := demo.Generate(b.Context(), b.TempDir(), 1, day); err != nil {
			b.Fatal(err)
		}
	}
}
