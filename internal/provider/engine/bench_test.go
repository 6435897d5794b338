package engine_test

import (
	"context"
	"testing"
)

const tiny = `
id: tiny.v1
title: {en: Tiny}
sources: {games: {file: one.csv}}
combine: select name, n from games
layout: {table: {columns: [{name: name}, {name: n, format: integer}]}}
formats: [pdf]
`

// BenchmarkTiny is a report of one row from a CSV: the floor of every report.
func BenchmarkTiny(b *testing.B) {
	w := newWorld(b, 1, 0)
	w.file(b, "files/one.csv", "name,n\nMoss,1\n")
	w.file(b, "reports/tiny.yaml", tiny)
	e := w.engine(b, w.dir+"/reports")
	job := topGames("en")
	job.Type, job.Parameters = "tiny.v1", nil
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Run(context.Background(), job, noProgress); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTopGames reads two databases and a file, 40 rows on two pages.
func BenchmarkTopGames(b *testing.B) {
	e := newWorld(b, 1, 30).engine(b, "testdata/reports")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Run(context.Background(), topGames("tr"), noProgress); err != nil {
			b.Fatal(err)
		}
	}
}
