package document

import (
	"fmt"
	"time"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render"
)

const guid = "0198f2a4-5c1e-7b3a-9d20-4f6a8b1c2d3e"

// frame is what every document says around its tables.
func frame(title, sentence, kind string, rows int) render.Document {
	l := lang.Of("tr")
	at := time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	return render.Document{
		Language: l, Title: title, Sentence: sentence, Company: "Kule Oyun Kiralama A.Ş.", GUID: guid, Type: kind, RequestedAt: at,
		Facts: []render.Fact{
			{Label: l.Words.RequestedBy, Value: "Derya Aksoy"},
			{Label: l.Words.Requested, Value: l.Date(at), Note: l.DayAndTime(at)},
			{Label: "Dönem", Value: "2025"},
			{Label: l.Words.Rows, Value: l.Integer(int64(rows))},
		},
		Empty: l.Words.Empty,
		Sources: render.Table{
			Title: l.Words.Sources,
			Columns: []render.Column{
				{Title: l.Words.Source}, {Title: l.Words.AsOf}, {Title: l.Words.RowsRead, Figure: true}, {Title: l.Words.State, Figure: true},
			},
			Rows: []render.Row{
				{Cells: []string{"Oyuncu yorumları", l.DateTime(at), l.Integer(2_713), l.Words.Complete}},
				{Cells: []string{"Mağaza satışları", l.DateTime(at), l.Integer(48_112), l.Words.Complete}},
				{Cells: []string{"Oyun kataloğu", l.DateTime(at), l.Integer(1_200), l.Words.Complete}},
			},
		},
		SourcesNote: l.Words.AllRead,
		Closing: []render.Fact{
			{Label: l.Words.ReportNumber, Value: guid}, {Label: l.Words.ReportType, Value: kind}, {Label: l.Words.Prepared, Value: l.DateTime(at)},
		},
	}
}

// countries of the sample, by their sales.
func countries() []string {
	return []string{
		"Türkiye", "Almanya", "Amerika Birleşik Devletleri", "Fransa", "Birleşik Krallık", "Hollanda", "İtalya", "İspanya", "Polonya", "Japonya",
		"Brezilya", "Kanada", "Azerbaycan", "Avusturya", "İsveç", "Belçika", "Norveç", "Danimarka", "Finlandiya", "Yunanistan",
	}
}

// game is the name of number i.
func game(i int) string {
	first := []string{"Sessiz", "Kayıp", "Gümüş", "Üçüncü", "Işıltılı", "Derin", "Son", "Yıldızsız", "Çelik", "Öteki"}
	second := []string{"Ormanın Şarkısı", "Kule", "Denizciler", "Ağaç Evi", "Kervan", "Fırtına Bekçisi", "İstasyon", "Göl"}
	return first[i%len(first)] + " " + second[i/len(first)%len(second)]
}

// Games is the report asked for most: 50 rows, four figures and a chart.
func Games() render.Document {
	const rows = 50
	l := lang.Of("tr")
	d := frame("En çok olumlu yorum alan oyunlar – ülke bazında satış",
		"2025 döneminde en az 100 yorum alan oyunlar içinden olumlu yorum oranı en yüksek 50 oyunun ülkelere göre satışı.", "top-games.v1", rows)
	d.Figures = []render.Figure{
		{Label: "Toplam satış", Number: "₺48,3", Unit: "milyon", Note: "50 oyun, 20 ülke"}, {Label: "En büyük pay", Number: "%21,4", Note: "Türkiye"},
		{Label: "Olumlu yorum", Number: "%94,2", Note: "18.204 yorumda"}, {Label: "En çok satan", Number: "₺2,1", Unit: "milyon", Note: game(7)},
	}
	d.Charts = []render.Chart{salesByCountry(l)}
	t := render.Table{Title: "Oyunlar, olumlu yorum oranına göre", Subtitle: "Satış, bin ₺", Columns: []render.Column{
		{Title: "Oyun"}, {Title: "Olumlu", Figure: true}, {Title: "Yorum", Figure: true},
	}}
	for _, name := range append(countries()[:5:5], "Diğer 15\u00a0ülke") {
		t.Columns = append(t.Columns, render.Column{Title: name, Figure: true})
	}
	t.Columns = append(t.Columns, render.Column{Title: l.Words.Total, Figure: true, Strong: true})
	for i := range rows {
		cells := []string{game(i), l.Percent(0.99-float64(i)*0.0021, 1), l.Integer(int64(100 + i*i%977))}
		for c := range 7 {
			cells = append(cells, l.Decimal(float64((i*7919+c*104729)%48_000)/float64(c+1), 0))
		}
		t.Rows = append(t.Rows, render.Row{Cells: cells})
	}
	t.Rows = append(t.Rows,
		render.Row{Cells: []string{l.Words.Total, "%94,2", "18.204", "10.340", "7.212", "5.804", "4.101", "3.377", "17.466", "48.300"}, Weight: render.Strong},
		render.Row{Cells: []string{l.Words.Share, "", "", "%21,4", "%14,9", "%12,0", "%8,5", "%7,0", "%36,2", "%100,0"}, Weight: render.Light})
	t.Note = "Olumlu yorum toplamı yorum sayısıyla ağırlıklı ortalamadır. Paylar yuvarlandığından toplamları 0,1 puan sapabilir."
	d.Tables = []render.Table{t}
	return d
}

func salesByCountry(l lang.Language) render.Chart {
	c := render.Chart{
		Kind: render.Bars, Title: "En büyük pay Türkiye; ilk üç ülke birlikte %48,3", Subtitle: "Ülke bazında satış, milyon ₺", Aside: l.Words.ShareOfAll,
		Labels: countries(), Tick: l.Decimal, Value: func(v float64) string { return l.Decimal(v, 1) },
	}
	values, sum := make([]float64, len(c.Labels)), 0.0
	for i := range values {
		values[i] = 10.34 / (1 + 0.43*float64(i))
		sum += values[i]
	}
	for _, v := range values {
		c.Shares = append(c.Shares, l.Percent(v/sum, 1))
	}
	c.Series = []render.Series{{Values: values}}
	return c
}

// Sales is a long list: so many rows of six columns, and their total.
func Sales(rows int) render.Document {
	l := lang.Of("tr")
	d := frame("Satışlar", "2025 döneminin bütün satışları, tarih sırasıyla.", "sales.v1", rows)
	t := render.Table{Title: "Satışlar, tarih sırasıyla", Columns: []render.Column{
		{Title: "Fiş"}, {Title: "Oyun"}, {Title: "Ülke"}, {Title: "Gün"}, {Title: "Adet", Figure: true}, {Title: "Tutar, ₺", Figure: true},
	}}
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	sum := 0.0
	for i := range rows {
		amount := float64((i*7919)%4_000_00) / 100
		sum += amount
		t.Rows = append(t.Rows, render.Row{Cells: []string{
			fmt.Sprintf("S-%07d", 1_000_000+i*3), game(i * 7), countries()[i%3], l.Date(day.AddDate(0, 0, i*365/rows)),
			l.Integer(int64(1 + i%5)), l.Decimal(amount, 2),
		}})
	}
	t.Rows = append(t.Rows, render.Row{Cells: []string{l.Words.Total, "", "", "", "", l.Decimal(sum, 2)}, Weight: render.Strong})
	d.Tables = []render.Table{t}
	return d
}
