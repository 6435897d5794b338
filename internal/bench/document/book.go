package document

import (
	"fmt"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/sheet"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

// Book is a workbook of so many rows of eight columns: numbers, texts, days and
// money, with totals.
func Book(rows int) (sheet.Book, error) {
	look := func(f definition.Format, digits int) definition.Look {
		return definition.Look{Format: f, Digits: digits, Currency: lang.TRY, Unit: 1}
	}
	table := definition.Table{Title: both("Satışlar"), Columns: []definition.Column{
		{Name: "receipt", Title: both("Fiş"), Look: look(definition.FormatInteger, 0)},
		{Name: "game", Title: both("Oyun"), Look: look(definition.FormatText, 0)},
		{Name: "country", Title: both("Ülke"), Look: look(definition.FormatText, 0)},
		{Name: "player", Title: both("Oyuncu"), Look: look(definition.FormatText, 0)},
		{Name: "day", Title: both("Gün"), Look: look(definition.FormatDate, 0)},
		{Name: "count", Title: both("Adet"), Look: look(definition.FormatInteger, 0), Total: definition.Sum},
		{Name: "share", Title: both("Pay"), Look: look(definition.FormatPercent, 1), Total: definition.Avg},
		{Name: "amount", Title: both("Tutar"), Look: look(definition.FormatMoney, 2), Total: definition.Sum},
	}}
	from := tabulate.Rows{}
	for _, c := range table.Columns {
		from.Columns = append(from.Columns, c.Name)
	}
	for i := range rows {
		day := time.Date(2025, 1, 1+i%365, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		from.Rows = append(from.Rows, []any{
			int64(1_000_000 + i*3), game(i * 7), countries()[i%20], fmt.Sprintf("Oyuncu %d", i*31%50_000), day,
			int64(1 + i%5), float64(i%1000) / 1000, float64(i*7919%4_000_00) / 100,
		})
	}
	l := lang.Of("tr")
	grid, err := tabulate.Make(table, from, tabulate.Options{Language: l, Locale: "tr", Whole: true})
	if err != nil {
		return sheet.Book{}, fmt.Errorf("make a table of %d rows: %w", rows, err)
	}
	return sheet.Book{
		Title: "Satışlar", GUID: guid, Company: "Kule Oyun Kiralama A.Ş.", RequestedBy: "Derya Aksoy", Language: l,
		RequestedAt: time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC),
		Sheets:      []sheet.Sheet{{Name: "Satışlar", Title: "Satışlar", Grid: grid}},
		Sources:     sheet.Sources{Head: []string{l.Words.Source}, Rows: [][]string{{"Mağaza satışları"}}, Note: l.Words.AllRead},
	}, nil
}

func both(s string) report.Text { return report.Text{EN: s, TR: s} }
