package gate

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func TestGoodCSVPasses(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		"a\r\n", "a,b\r\n1,2\r\n", "a,b\r\n1,2", "a\r\n\"\"\r\n", "a,b\r\n,\r\n", "n\r\n-5\r\n+1.5\r\n-1e+21\r\n",
		"t\r\n\"'=1\"\r\n\"çok \"\"iyi\"\", iki\nsatır\"\r\n", "\ufeffa\r\n", "t\r\na-b=c@d+e\r\n", "t\r\n\"tab\there\"\r\n",
	} {
		if pages, err := testChecker().check(CSV, []byte(doc)); err != nil || pages != 0 {
			t.Errorf("%q: %d pages, %v", doc, pages, err)
		}
	}
}

func TestHostileCSVIsRefused(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]Code{
		"":                             NotCSV,
		"a\x00b\r\n":                   NotCSV,
		"a\x1b[2J\r\n":                 NotCSV,
		"a\u0085b\r\n":                 NotCSV,
		"a\xff\r\n":                    NotCSV,
		"\xff\xfea\x00":                NotCSV,
		"a,b\r\n1\r\n":                 Malformed,
		"a\r\n1,2\r\n":                 Malformed,
		"a\n1\n":                       Malformed,
		"a\r1\r":                       Malformed,
		"a\r\nx\ry\r\n":                Malformed, // a lone CR ends no record
		"a\r\n\"x\r\n":                 Malformed,
		"a\r\n\"x\"y\r\n":              Malformed,
		"a\r\nx\"y\"\r\n":              Malformed,
		strings.Repeat("a\r\n", 2<<20): TooMuch,
		"=1\r\n":                       Formula,
		"a\r\n=cmd|'/c calc'!A0\r\n":   Formula,
		"a\r\n+x\r\n":                  Formula,
		"a\r\n-1+2\r\n":                Formula,
		"a\r\n@SUM(A1)\r\n":            Formula,
		"a\r\n\"=1\"\r\n":              Formula,
		"a\r\n\"  =1\"\r\n":            Formula,
		"a\r\n\t=1\r\n":                Formula,
		"a\r\n\u200b=1\r\n":            Formula,
		"a\r\n\"\r\n=1\"\r\n":          Formula,
		"\ufeff=1\r\n":                 Formula,
		"a\r\n＝1\r\n":                  Formula,
		"a\r\n＠x\r\n":                  Formula,
		"a\r\nx;=1\r\n":                Formula, // Excel's separator in Turkish
		"a\r\n\"x\t=1\"\r\n":           Formula,
		"a\r\n\"x\n=1\"\r\n":           Formula,
		"a\r\n\"x\r=1\"\r\n":           Formula,
		"a\r\n-5;=1\r\n":               Formula,
	} {
		pages, err := testChecker().check(CSV, []byte(doc))
		if err == nil || err.Code != want || pages != 0 || sentences[want] == "" {
			t.Errorf("%.60q: %d pages, %v; want %s", doc, pages, err, want)
		}
	}
}

// Whatever the bytes are, the check ends in a verdict; and what passes reads in
// the standard library as records of one length without a formula.
func FuzzCSV(f *testing.F) {
	for _, doc := range []string{"a,b\r\n1,2\r\n", "a\r\n\"x \"\"y\"\"\"\r\n", "=1", "a\r\n-5\r\n", "x;=1\r\n", "\"\n\"\r\n"} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		ends(t, CSV, doc)
		if _, err := testChecker().check(CSV, doc); err != nil {
			return
		}
		all, err := csv.NewReader(bytes.NewReader(doc)).ReadAll()
		if err != nil {
			t.Fatalf("%q passes and does not read: %v", doc, err)
		}
		for _, record := range all {
			for _, field := range record {
				if strings.IndexAny(field, "=@＝＋－＠") == 0 {
					t.Fatalf("%q passes with the field %q", doc, field)
				}
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	doc, c := []byte(strings.Repeat("1,Oyun adı,2.50,tür,2025-01-31,0.14,3,yayıncı\r\n", 100_000)), testChecker()
	c.limits = Limits{}.settled()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := c.check(CSV, doc); err != nil {
			b.Fatal(err)
		}
	}
}
