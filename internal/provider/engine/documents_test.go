package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/report"
)

// sold has a figure, a chart, a pivot of five countries and subtotals.
const sold = `
id: sold.v1
title: {en: Sales, tr: Satışlar}
cache: 1m
sources:
  sales: {database: shop, sql: "select game_id % 3 as shelf, game_id, country, sum(amount) as amount from sales group by game_id, country", CAP}
combine: select 'shelf ' || shelf as shelf, game_id, country, amount from sales order by 1, 2, 3
layout:
  figures:
    - {title: {en: Sold, tr: Satılan}, sql: select sum(amount) as total from result, format: money, currency: TRY, note: {en: "in {total:integer}"}}
    - {title: {en: Nothing}, sql: select amount from result where 1 = 0, format: money, currency: TRY}
  charts:
    - {type: bars, title: {en: "{top} leads"}, finding: "select max(country) as top from result", sql: "select country, amount from result", label: country, value: amount}
    - {type: line, title: {en: Nothing drawn}, sql: "select country, amount from result where 1 = 0", label: country, value: amount}
  tables:
    - title: {en: By shelf, tr: Raflar}
      subtotal: shelf
      columns: [{name: shelf}, {name: game_id, format: text}, {pivot: country, value: amount, keep: 2, format: money, currency: TRY, total: sum}]
    - {title: {en: Countries, tr: Ülkeler}, sql: "select country, sum(amount) as amount from result group by country", page: new, columns: [{name: country}, {name: amount, format: decimal, total: avg}]}
formats: [pdf, xlsx, csv]
`

func soldEngine(t *testing.T, cap string, pageRows int) (*engine.Engine, *world) {
	t.Helper()
	w := newWorld(t, 5, 40)
	w.file(t, "reports/sold.yaml", strings.Replace(sold, ", CAP", cap, 1))
	e, err := engine.Open(context.Background(), engine.Config{
		ReportDirs: []string{w.dir + "/reports"}, SourceFiles: []string{filepath.Join(w.dir, "sources.yaml")}, PageRows: pageRows,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e, w
}

func soldJob(formats ...string) engine.Job {
	job := topGames("en")
	job.Type, job.Parameters, job.Formats = "sold.v1", map[string]json.RawMessage{}, formats
	return job
}

func page(t *testing.T, r engine.Result) string {
	t.Helper()
	pdftest.Check(t, r.Documents[0].Bytes)
	return strings.Join(strings.Fields(pdftest.Text(t, r.Documents[0].Bytes)), " ")
}

func TestEveryFormatOfOneGathering(t *testing.T) {
	t.Parallel()
	e, _ := soldEngine(t, "", 0)
	r, err := e.Run(t.Context(), soldJob("csv", "pdf", "xlsx"), noProgress)
	if err != nil {
		t.Fatal(err)
	}
	var names, types []string
	for _, d := range r.Documents {
		names, types = append(names, d.Name), append(types, d.MediaType)
	}
	if !slices.Equal(names, []string{"sales.csv", "sales.pdf", "sales.xlsx"}) || types[0] != "text/csv" || types[1] != "application/pdf" {
		t.Errorf("documents are %v, %v", names, types)
	}
	head, _, _ := strings.Cut(string(r.Documents[0].Bytes), "\r\n")
	if n := strings.Count(head, ","); n != 2-1+len(countries) {
		t.Errorf("the records have the head %q, want all %d countries", head, len(countries))
	}
	r.Documents = r.Documents[1:]
	text := page(t, r)
	for _, need := range []string{"Subtotal: shelf 0", "3 others", "Each of the 3 columns added up here is in the Excel file.", "Sold", "leads", "₺2.0 million – in", "Average"} {
		if !strings.Contains(text, need) {
			t.Errorf("the page lacks %q:\n%s", need, text)
		}
	}
	if strings.Contains(text, "Nothing drawn") {
		t.Error("a chart without rows is drawn")
	}
}

func TestAPageWithoutRoomSaysWhereTheRestIs(t *testing.T) {
	t.Parallel()
	e, _ := soldEngine(t, "", 7)
	for _, c := range []struct {
		formats []string
		says    string
	}{
		{[]string{"pdf"}, "to have all 38, ask for the report as Excel."}, {[]string{"pdf", "xlsx"}, "are in the spreadsheet of this report."},
	} {
		r, err := e.Run(t.Context(), soldJob(c.formats...), noProgress)
		if err != nil {
			t.Fatal(err)
		}
		text := page(t, r)
		if !strings.Contains(text, "The first 7 rows are here") || !strings.Contains(text, c.says) || !strings.Contains(text, "Total") {
			t.Errorf("%v: the page does not say %q:\n%s", c.formats, c.says, text)
		}
		if r.Documents[0].Rows < 30 {
			t.Errorf("the manifest has %d rows, which are those shown", r.Documents[0].Rows)
		}
	}
}

func TestAPartSaysSo(t *testing.T) {
	t.Parallel()
	e, _ := soldEngine(t, ", rows: 10, at-cap: partial", 0)
	r, err := e.Run(t.Context(), soldJob("pdf"), noProgress)
	if err != nil || r.Sources[0].State != report.SourcePartial || r.Sources[0].Rows != 10 {
		t.Fatalf("sources %+v, %v", r.Sources, err)
	}
	if text := page(t, r); !strings.Contains(text, "Partial: some of these sources were not read to their end.") {
		t.Errorf("the page does not say that it is a part:\n%s", text)
	}
	e, _ = soldEngine(t, ", rows: 10", 0)
	if _, err := e.Run(t.Context(), soldJob("pdf"), noProgress); report.CodeOf(err) != "row-cap" {
		t.Errorf("without at-cap: %v", err)
	}
}

// TestRowsAreSharedDocumentsAreNot asks twice around a change of the data.
func TestRowsAreSharedDocumentsAreNot(t *testing.T) {
	t.Parallel()
	e, w := soldEngine(t, "", 0)
	ask := func(guid string, at time.Time, locale string) engine.Result {
		t.Helper()
		job := soldJob("pdf")
		job.GUID, job.AsOf, job.Locale = guid, at, locale
		r, err := e.Run(t.Context(), job, noProgress)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := ask("01a2082b-96d0-7c3e-9a41-000000000001", asOf, "en")
	shop := open(t, filepath.Join(w.dir, "shop.db"), "select 1")
	must(t, shop, "insert into sales values (1, '2025-01-01', 'Atlantis', 5)")
	must(t, shop, "commit")
	second := ask("01a2082b-96d0-7c3e-9a41-000000000002", asOf.Add(time.Minute), "en")
	other := ask("01a2082b-96d0-7c3e-9a41-000000000003", asOf.Add(time.Minute), "tr")
	later := ask("01a2082b-96d0-7c3e-9a41-000000000004", asOf.Add(time.Minute+1), "en")
	if second.Documents[0].Rows != first.Documents[0].Rows || !second.Sources[0].AsOf.Equal(asOf) {
		t.Errorf("within a minute: %d rows as of %s", second.Documents[0].Rows, second.Sources[0].AsOf)
	}
	if text := page(t, second); !strings.Contains(text, "000000000002") || strings.Contains(text, "000000000001") {
		t.Error("the second document is the first one's")
	}
	if later.Documents[0].Rows == first.Documents[0].Rows || other.Documents[0].Rows == first.Documents[0].Rows {
		t.Errorf("older rows and another language's were shared: %d, %d, %d rows", first.Documents[0].Rows, other.Documents[0].Rows, later.Documents[0].Rows)
	}
}

// TestManyAskAtOnce: each has a document of its own, and who gives up takes
// nothing from the others.
func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	e, _ := soldEngine(t, "", 0)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if n%5 == 0 {
				cancel()
			}
			_, err := e.Run(ctx, soldJob("pdf"), noProgress)
			if n%5 == 0 && !errors.Is(err, context.Canceled) || n%5 != 0 && err != nil {
				t.Errorf("request %d: %v", n, err)
			}
		})
	}
	all.Wait()
}
