// Package million fills a ledger as a company does that is long at work, for
// measurements: by a few statements over whole sets, some minutes for a million
// requests that would take the stations hours.
//
// Promise: rows are as the stations leave them, as far as lists, pages and
// searches read them: requests in every state, recipients, notices, journals,
// the index of words. One person asks for six of ten, one for five in all; one
// receives a fifth of all. Each title has one word in common; "elma" and "armut"
// are each in half of the sentences and never in the same; "zürafa" is in three.
//
// Limits: for empty ledgers that nobody has open. Tasks are all done and gone.
//
// Failure: the error of the first statement that failed, with its text.
package million

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger/search"
	"peyk/internal/report"
)

// The people measurements are about. All others are called person N.
const (
	Most  = "derya" // asks for six of ten
	Few   = "az"    // asks for five
	Gets  = "emre"  // receives a fifth, asks for nothing
	Kinds = 40
	sorts = 3000 // different sentences
	crowd = 400
)

// Exec runs one statement.
type Exec func(ctx context.Context, query string, args ...any) error

// Dialect is what the two databases say differently.
type Dialect struct {
	Numbers string // the table numbers (i, ms, guid) of n rows; %d is n, then the first millisecond
	Time    string // a moment of ms milliseconds since 1970; %s is ms
	True    string
	False   string
	Arg     func(n int) string // the n-th argument, from 1
}

// SQLite is that of package sqlite.
func SQLite() Dialect {
	return Dialect{
		Numbers: `CREATE TEMP TABLE numbers AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT i, ms, printf('%%08x-%%04x-7000-8000-%%012x', ms >> 16, ms & 65535, i) AS guid FROM (SELECT i, %d + i * 31000 AS ms FROM n)`,
		Time: "((%s) * 1000)", True: "1", False: "0", Arg: func(int) string { return "?" },
	}
}

// Postgres is that of package postgres.
func Postgres() Dialect {
	return Dialect{
		Numbers: `CREATE TEMP TABLE numbers AS SELECT i, ms, lpad(to_hex(ms >> 16), 8, '0') || '-' || lpad(to_hex(ms & 65535), 4, '0')
			|| '-7000-8000-' || lpad(to_hex(i), 12, '0') AS guid FROM (SELECT i, %[2]d + i * 31000 AS ms FROM generate_series(1, %[1]d::bigint) AS i) AS n`,
		Time: "to_timestamp((%s) / 1000.0)", True: "true", False: "false", Arg: func(n int) string { return "$" + strconv.Itoa(n) },
	}
}

// Fill makes n requests, the last one just before now. GUIDs rise with i.
func Fill(ctx context.Context, d Dialect, n int, now time.Time, exec Exec) error {
	f := filler{d: d, exec: exec}
	first := now.Add(-time.Duration(n+2) * 31 * time.Second).UnixMilli()
	f.run(ctx, fmt.Sprintf(d.Numbers, n, first))
	f.people(ctx)
	f.kinds(ctx)
	f.sentences(ctx)
	f.run(ctx, chosen(n))
	for _, query := range f.rows() {
		f.run(ctx, query)
	}
	return f.err
}

type filler struct {
	d    Dialect
	exec Exec
	err  error
}

func (f *filler) run(ctx context.Context, query string, args ...any) {
	if f.err != nil {
		return
	}
	if err := f.exec(ctx, query, args...); err != nil {
		f.err = fmt.Errorf("%s: %w", query, err)
	}
}

// insert fills one row of a temporary table.
func (f *filler) insert(ctx context.Context, table string, values ...any) {
	marks := make([]string, len(values))
	for i := range values {
		marks[i] = f.d.Arg(i + 1)
	}
	f.run(ctx, "INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", values...)
}

// phrase enters a title or a name into the index; it gives its text and key.
func (f *filler) phrase(ctx context.Context, asked report.Asked) (text, key string) {
	e := search.EntryOf(&asked)
	for _, p := range e.Phrases {
		for _, w := range p.Words {
			f.run(ctx, "INSERT INTO search_phrases (word, phrase) VALUES ("+f.d.Arg(1)+", "+f.d.Arg(2)+") ON CONFLICT DO NOTHING", w, p.Key)
		}
		key = p.Key
	}
	return e.Text, key
}

func (f *filler) people(ctx context.Context) {
	f.run(ctx, "CREATE TEMP TABLE people (p bigint PRIMARY KEY, account text, name text, words text, phrase text)")
	first := strings.Fields("Ayşe Burak Ceren Çağrı Deniz Elif Ferhat Gökçe Hakan Işıl İrem Kemal Leyla Murat Nihan Okan Özge Pelin Selin Şükrü")
	last := strings.Fields("Aksoy Bilir Çelik Demir Erdem Güneş Iğdır İnan Kaya Koç Özgür Öztürk Polat Sarı Şahin Tunç Uçar Ünal Yıldız Zengin")
	for p := range crowd {
		account, name := fmt.Sprintf("person%d", p), first[p%20]+" "+last[p/20]
		switch p {
		case 0:
			account, name = Most, "Derya Aksoy"
		case 1:
			account, name = Few, "Zeki Azıcık"
		}
		words, key := f.phrase(ctx, report.Asked{OwnerName: name})
		f.insert(ctx, "people", int64(p), account, name, words, key)
	}
}

func (f *filler) kinds(ctx context.Context) {
	f.run(ctx, "CREATE TEMP TABLE kinds (k bigint PRIMARY KEY, type text, title text, words text, phrase text)")
	what := strings.Fields("satış gelir stok iade kiralama abonelik kampanya yorum mağaza ürün")
	how := []string{"özeti", "ayrıntısı", "bölge bazında", "karşılaştırması"}
	for k := range Kinds {
		title := report.Text{TR: "Aylık " + what[k%10] + " " + how[k/10] + " raporu", EN: fmt.Sprintf("Monthly report of kind %d", k)}
		words, key := f.phrase(ctx, report.Asked{Title: title})
		f.insert(ctx, "kinds", int64(k), fmt.Sprintf("kind-%d.v1", k), inJSON(title), words, key)
	}
}

func (f *filler) sentences(ctx context.Context) {
	f.run(ctx, "CREATE TEMP TABLE sentences (s bigint PRIMARY KEY, sentence text, words text)")
	f.run(ctx, "CREATE TEMP TABLE sentence_words (s bigint, word text)")
	months := strings.Fields("Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık")
	inEnglish := strings.Fields("January February March April May June July August September October November December")
	for s := range sorts {
		day, month, year := s%28+1, s%12, 2019+s%8
		fruit := []string{"elma", "armut"}[s%2]
		t := report.Text{
			TR: fmt.Sprintf("%d %s %d, ilk %d ürün, %s", day, months[month], year, s/10+10, fruit),
			EN: fmt.Sprintf("%d %s %d, first %d products", day, inEnglish[month], year, s/10+10),
		}
		e := search.EntryOf(&report.Asked{Sentence: t})
		f.insert(ctx, "sentences", int64(s), inJSON(t), e.Text)
		for _, w := range e.Terms {
			f.insert(ctx, "sentence_words", int64(s), w)
		}
	}
	e := search.EntryOf(&report.Asked{Sentence: report.Text{TR: "Zürafa sayısı"}})
	f.insert(ctx, "sentences", int64(sorts), inJSON(report.Text{TR: "Zürafa sayısı"}), e.Text)
	for _, w := range e.Terms {
		f.insert(ctx, "sentence_words", int64(sorts), w)
	}
}

func inJSON(v any) string {
	text, _ := json.Marshal(v) // of plain texts
	return string(text)
}
