package definition_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/strictyaml"
)

// full is a file that uses every key there is.
func full(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestTheFullFileIsRead(t *testing.T) {
	t.Parallel()
	r, err := definition.Parse("full.yaml", []byte(full(t)), places)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Parameters) != 10 || len(r.Figures) != 1 || len(r.Charts) != 3 || len(r.Tables) != 2 || r.Tables[0].Columns[2].Pivot.Keep != 5 {
		t.Errorf("read as %+v", r)
	}
	if _, err := r.Schema(); err != nil {
		t.Error(err)
	}
}

// hostile files: what stands in the full one, and what stands there instead.
func hostile() [][2]string {
	deep := strings.Repeat("[", 60) + strings.Repeat("]", 60)
	return [][2]string{
		{"id: full.v1", "id: full"},
		{"id: full.v1", "id: ../etc/passwd.v1"},
		{"id: full.v1", "id: " + strings.Repeat("a", 200) + ".v1"},
		{"id: full.v1", "id: [full.v1]"},
		{"id: full.v1", "id: null"},
		{"title: {en: Everything, tr: Her şey}", "title: Everything"},
		{"title: {en: Everything, tr: Her şey}", "title: {de: Alles}"},
		{"title: {en: Everything, tr: Her şey}", "title: {}"},
		{"approval: approver", "approval: The Boss"},
		{"typical: 30s", "typical: -5s"},
		{"typical: 30s", "typical: 9999h"},
		{"cache: 10m", "cache: ten minutes"},
		{"cache: 10m", "cash: 10m"},
		{"period: {type: date-range", "Period: {type: date-range"},
		{"period: {type: date-range", "locale: {type: date-range"},
		{"period: {type: date-range", "\"p; drop\": {type: date-range"},
		{"default: last-year", "default: last-millennium"},
		{"default: last-year", "default: {from: 2025-01-01}"},
		{"default: today", "default: 2025-02-30"},
		{"min: 1, max: 500", "min: 500, max: 1"},
		{"min: 1, max: 500", "min: 1.5, max: 500"},
		{"max: 500", "max: many"},
		{"digits: 1, default: 7.5", "digits: 1, default: 7.55"},
		{"digits: 1, default: 7.5", "digits: 99, default: 7.5"},
		{"max: 10, digits: 1, default: 7.5", "max: 5, digits: 1, default: 7.5"},
		{"min: 0, max: 10,", "min: .inf, max: 10,"},
		{"min: 0, max: 10,", "min: .nan, max: 10,"},
		{"{type: money, currency: TRY, min: 0.5", "{type: money, min: 0.5"},
		{"{type: money, currency: TRY, min: 0.5", "{type: money, currency: BTC, min: 0.5"},
		{"{type: decimal,", "{type: decimal, currency: TRY,"},
		{"max: 20, default: \"\"", "max: 0, default: \"\""},
		{"max: 20, default: \"\"", "max: 2, default: abc"},
		{"{type: boolean, default: false}", "{type: boolean, default: maybe}"},
		{"default: TR, values", "default: FR, values"},
		{"{value: DE}", "{value: TR}"},
		{"{value: DE}", "{title: {en: x}}"},
		{"values: [{value: TR, title: {en: Türkiye}}, {value: DE}]", "values: []"},
		{"values: [{value: TR, title: {en: Türkiye}}, {value: DE}]", "values: [TR, DE]"},
		{"from: {database: shop, sql: \"select code, en, tr from genres\"}", "from: {database: shops, sql: select code}"},
		{"from: {database: shop, sql: \"select code, en, tr from genres\"}", "from: {database: shop, sql: select :count}"},
		{"from: {database: shop, sql: \"select code, en, tr from genres\"}", "from: {database: shop, sql: select code}, values: [{value: a}]"},
		{"sql: g.rating}", "sql: \"g.rating or 1=1\"}"},
		{"sql: g.rating}", "sql: \"(select secret from vault)\"}"},
		{"{rating: {type: number", "{and: {type: number"},
		{"{rating: {type: number", "{rating: {type: blob"},
		{"fields: {rating", "filds: {rating"},
		{"games: {database: shop", "sqlite_master: {database: shop"},
		{"games: {database: shop", "result: {database: shop"},
		{"games: {database: shop", "Games: {database: shop"},
		{"games: {database: shop", "games: {database: vault"},
		{"select * from games where rating", "delete from games where rating"},
		{"select * from games where rating", "select 1; drop table games --"},
		{"select * from games where rating", "pragma writable_schema = 1 --"},
		{"select * from games where rating", "attach 'x' as y --"},
		{"select * from games where rating", "select 'never closed from games where rating"},
		{"select * from games where rating", "/* never closed"},
		{"rating >= :rating", "rating >= :ratng"},
		{"rating >= :rating", "rating >= ?"},
		{"rating >= :rating", "rating >= $rating"},
		{"rating >= :rating", "rating >= :period"},
		{"rating >= :rating", "rating >= :rating.from"},
		{"rows: 1000", "rows: 0"},
		{"rows: 1000", "rows: lots"},
		{"at-cap: partial", "at-cap: shrug"},
		{"timeout: 10s", "timeout: 0s"},
		{"{folder: files, file: notes.csv}", "{folder: files, file: /etc/passwd}"},
		{"{folder: files, file: notes.csv}", "{folder: files, file: ../../notes.csv}"},
		{"{folder: files, file: notes.csv}", "{folder: elsewhere, file: notes.csv}"},
		{"{folder: files, file: notes.csv}", "{}"},
		{"combine: \"select * from games g", "combine: \"insert into games g"},
		{"{count} best", "{cuont} best"},
		{"{v:percent}", "{v:percnt}"},
		{"{title: {en: Sales}, sql: select sum(amount) as v from result,", "{title: {en: Sales},"},
		{"format: money, currency: TRY, note", "format: monney, currency: TRY, note"},
		{"type: bars,", "type: pie,"},
		{"type: bars,", "type: bars, series: c,"},
		{"finding: select 1 as top, ", ""},
		{"label: a, value: b, series: c}", "label: a, value: b}"},
		{"label: a, value: b, series: c}", "label: a, value: b, series: c, shares: true}"},
		{"label: a, value: b, shares: true}", "label: a, shares: true}"},
		{"value: b, format: decimal, digits: 1}", "value: b, format: text}"},
		{"subtotal: publisher", "subtotal: publisherr"},
		{"shares: total\n", "shares: share\n"},
		{"{name: publisher}", "{nam: publisher}"},
		{"{name: publisher}", "{name: \"\"}"},
		{"{name: publisher}", "publisher"},
		{"total: avg, weight: reviews", "total: sum, weight: reviews"},
		{"{pivot: country, value: amount, keep: 5,", "{pivot: country, keep: 5,"},
		{"{pivot: country, value: amount, keep: 5,", "{pivot: country, value: amount, keep: 500,"},
		{"{pivot: country, value: amount, keep: 5,", "{pivot: country, value: amount, name: x,"},
		{"format: decimal, digits: 0, unit: thousand", "format: date, unit: thousand"},
		{"unit: thousand", "unit: dozen"},
		{"- {name: total,", "- {pivot: total, value: x}\n        - {name: total,"},
		{"page: new", "page: landscape"},
		{"columns: [{name: a, format: date}]", "columns: []"},
		{"columns: [{name: a, format: date}]", "columns: {name: a}"},
		{"  tables:", "  table: {columns: [{name: a}]}\n  tables:"},
		{"formats: [pdf, xlsx, csv]", "formats: [pdf, pdf]"},
		{"formats: [pdf, xlsx, csv]", "formats: [exe]"},
		{"formats: [pdf, xlsx, csv]", "formats: pdf"},
		{"formats: [pdf, xlsx, csv]", "formats: [pdf]\nformats: [csv]"},
		{"formats: [pdf, xlsx, csv]", "formats: " + deep},
		{"formats: [pdf, xlsx, csv]", "formats: &a [pdf]\nx: *a"},
		{"formats: [pdf, xlsx, csv]", "formats: !!python/object [pdf]"},
		{"formats: [pdf, xlsx, csv]", "formats: [pdf]\n---\nid: x.v1"},
		{"formats: [pdf, xlsx, csv]", "\tformats: [pdf]"},
		{"formats: [pdf, xlsx, csv]", "formats: [pdf"},
		{"approval: approver", "approval: \xff\xfe"},
		{"approval: approver", "approval: approver\n" + strings.Repeat("# filler\n", 40_000)},
	}
}

// TestHostileFilesAreToldWhatIsWrong has one golden file of what is said of
// each, for people to read: a clear word, at its place, and never a panic.
func TestHostileFilesAreToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	whole := full(t)
	var said strings.Builder
	for i, change := range hostile() {
		text := strings.Replace(whole, change[0], change[1], 1)
		if text == whole {
			t.Fatalf("%d: %q is not in the file", i, change[0])
		}
		_, err := definition.Parse("full.yaml", []byte(text), places)
		var mistakes strictyaml.Mistakes
		if !errors.As(err, &mistakes) {
			t.Errorf("%d: %.80q instead of %q: want mistakes, got %v", i, change[1], change[0], err)
			continue
		}
		fmt.Fprintf(&said, "%s\n", strings.ReplaceAll(fmt.Sprintf("%.70q", change[1]), "\n", " "))
		for _, m := range mistakes {
			fmt.Fprintf(&said, "    %d:%d: %s\n", m.Line, m.Column, m.Message)
		}
	}
	if n := len(hostile()); n < 100 {
		t.Errorf("%d hostile files, want 100", n)
	}
	golden(t, "testdata/hostile.txt", said.String())
}
