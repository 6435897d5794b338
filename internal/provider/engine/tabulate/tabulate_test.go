package tabulate_test

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

func column(name string, format definition.Format, total definition.Total) definition.Column {
	c := definition.Column{Name: name, Look: definition.Look{Format: format, Unit: 1}, Total: total}
	switch format {
	case definition.FormatMoney:
		c.Digits, c.Currency = 2, lang.TRY
	case definition.FormatDecimal:
		c.Digits = 2
	case definition.FormatPercent:
		c.Digits = 1
	}
	return c
}

// cells are the texts of a grid.
type cells struct{ Rows, Totals [][]string }

func tabulated(columns []definition.Column, names []string, rows [][]any, l lang.Language) (cells, error) {
	g, err := tabulate.Make(definition.Table{Columns: columns}, tabulate.Rows{Columns: names, Rows: rows}, tabulate.Options{Language: l, Locale: l.Tag[:2]})
	return textOf(g, l), err
}

func textOf(g tabulate.Grid, l lang.Language) (c cells) {
	for _, r := range g.Rows {
		c.Rows = append(c.Rows, r.Text(g.Columns, l))
	}
	for _, r := range g.Totals {
		c.Totals = append(c.Totals, r.Text(g.Columns, l))
	}
	return c
}

// TestOneColumnTooManyIsNotShownAsOneOther: a pivot with one column more than it
// keeps shows them all; with two more, three share the last column.
func TestOneColumnTooManyIsNotShownAsOneOther(t *testing.T) {
	t.Parallel()
	amount := column("country", definition.FormatInteger, definition.NoTotal)
	amount.Pivot = &definition.Pivot{Value: "amount", Keep: 2, Others: report.Text{EN: "{n} others", TR: "Diğer {n}"}}
	countries := []string{"TR", "DE", "NL", "FR"}
	for n, want := range map[int][]string{
		1: {"TR"}, 2: {"TR", "DE"}, 3: {"TR", "DE", "NL"}, 4: {"TR", "DE", "2 others"},
	} {
		var rows [][]any
		for i, country := range countries[:n] {
			rows = append(rows, []any{country, int64(10 - i)})
		}
		g, err := tabulate.Make(definition.Table{Columns: []definition.Column{amount}},
			tabulate.Rows{Columns: []string{"country", "amount"}, Rows: rows}, tabulate.Options{Language: lang.Of("en"), Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, c := range g.Columns {
			titles = append(titles, c.Title)
		}
		if !reflect.DeepEqual(titles, want) || g.Gathered == 1 {
			t.Errorf("%d countries have the columns %q and %d gathered, want %q", n, titles, g.Gathered, want)
		}
	}
}

func TestCellsAndTotals(t *testing.T) {
	t.Parallel()
	columns := []definition.Column{
		column("n", definition.FormatInteger, definition.Sum), column("name", definition.FormatText, definition.NoTotal),
		column("share", definition.FormatPercent, definition.Avg), column("amount", definition.FormatMoney, definition.Sum),
		column("day", definition.FormatDate, definition.Count),
	}
	rows := [][]any{
		{"Moss", int64(1200), 0.955, "10.50", "2025-01-31"},
		{"Yedi", "34", nil, 0.25, "2025-02-01 10:00"},
		{int64(1234567), nil, int64(1), int64(7), nil},
	}
	got, err := tabulated(columns, []string{"name", "n", "share", "amount", "day"}, rows, lang.Of("tr"))
	if err != nil {
		t.Fatal(err)
	}
	want := cells{
		Rows: [][]string{
			{"1.200", "Moss", "%95,5", "₺10,50", "31.01.2025"},
			{"34", "Yedi", "–", "₺0,25", "01.02.2025"},
			{"–", "1234567", "%100,0", "₺7,00", "–"},
		},
		Totals: [][]string{
			{"1.234", "Toplam", "", "₺17,75", ""},
			{"", "Ortalama", "%97,8", "", ""},
			{"", "Sayı", "", "", "2"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestATotalWithoutPlaceForItsName(t *testing.T) {
	t.Parallel()
	got, err := tabulated([]definition.Column{column("n", definition.FormatInteger, definition.Avg)}, []string{"n"}, [][]any{{int64(1)}, {int64(2)}}, lang.Of("en"))
	if err != nil || !reflect.DeepEqual(got.Totals, [][]string{{"Average: 1.5"}}) {
		t.Errorf("got %q, %v", got.Totals, err)
	}
}

func TestWhatDoesNotFitFailsTheReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format definition.Format
		v      any
	}{
		{definition.FormatInteger, "12x"}, {definition.FormatInteger, ""}, {definition.FormatMoney, "0x10"}, {definition.FormatMoney, "inf"},
		{definition.FormatPercent, "1_000"}, {definition.FormatDecimal, []byte("1")}, {definition.FormatDate, "31.12.2025"}, {definition.FormatDate, int64(5)}, {definition.FormatDecimal, "1e999"},
	} {
		_, err := tabulated([]definition.Column{column("x", c.format, "")}, []string{"x"}, [][]any{{nil}, {c.v}}, lang.Of("en"))
		if report.CodeOf(err) != "value-unfit" || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("%s %v: got %v", c.format, c.v, err)
		}
	}
	if _, err := tabulated([]definition.Column{column("x", definition.FormatText, "")}, []string{"y"}, nil, lang.Of("en")); report.CodeOf(err) != "column-missing" {
		t.Errorf("a column that is not there: got %v", err)
	}
}

// TestSumsAreExact holds sums of amounts against fractions, which know no
// rounding.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Float64Range(-1e12, 1e12), 1, 300).Draw(t, "amounts")
		exact, rows := new(big.Rat), make([][]any, len(amounts))
		for i, a := range amounts {
			rows[i] = []any{a, "x"}
			exact.Add(exact, new(big.Rat).SetFloat64(a))
		}
		cells, err := tabulated([]definition.Column{column("a", definition.FormatDecimal, definition.Sum), column("t", definition.FormatText, "")}, []string{"a", "t"}, rows, lang.Of("en"))
		if err != nil {
			t.Fatal(err)
		}
		nearest, _ := exact.Float64()
		if want := lang.Of("en").Decimal(nearest, 2); cells.Totals[0][0] != want {
			t.Fatalf("got %s, want %s", cells.Totals[0][0], want)
		}
	})
}

func TestIntegersKeepTheirLastDigit(t *testing.T) {
	t.Parallel()
	cells, err := tabulated([]definition.Column{column("n", definition.FormatInteger, definition.Sum)}, []string{"n"}, [][]any{{int64(9007199254740993)}, {int64(2)}}, lang.Of("en"))
	if got := fmt.Sprint(cells.Rows, cells.Totals); err != nil || got != "[[9,007,199,254,740,993] [2]] [[Total: 9,007,199,254,740,995]]" {
		t.Errorf("got %s, %v", got, err)
	}
}
