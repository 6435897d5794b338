package demo_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/provider/demo"
	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine"
)

func TestTopGamesAgree(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	c := comparison{reporter: demoReporter(t, "top-games.yaml")}
	c.draw = func(t *rapid.T) demotest.Record {
		return demotest.Record{
			"period": someDays(t, 25), "count": rapid.IntRange(1, 500).Draw(t, "count"),
			"min_reviews": rapid.IntRange(0, 60).Draw(t, "min_reviews"),
		}
	}
	c.compute = func(_ failer, p demotest.Record, locale string, whole bool) demotest.Document {
		return data.TopDocument(periodOf(p), p["count"].(int), p["min_reviews"].(int), locale, whole)
	}
	c.agree(t,
		demotest.Record{"period": yearPast, "count": 50, "min_reviews": 100},
		demotest.Record{"period": noDays, "count": 50, "min_reviews": 0},
		demotest.Record{"period": lastDay, "count": 1, "min_reviews": 0},
		demotest.Record{"period": lastDay, "count": 100, "min_reviews": 0},
	)
	c.everyCase(t)
}

func TestRentalsByPublisherAgree(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	c := comparison{reporter: demoReporter(t, "rentals-by-publisher.yaml")}
	c.draw = func(t *rapid.T) demotest.Record { return demotest.Record{"period": someDays(t, 8)} }
	c.compute = func(_ failer, p demotest.Record, locale string, _ bool) demotest.Document {
		return data.RentalsByPublisher(periodOf(p), locale)
	}
	c.agree(t, demotest.Record{"period": lastDay}, demotest.Record{"period": noDays}, demotest.Record{"period": yearPast})
	// On no day so little is rented that it is one row: a poorer company.
	dir := poorCompany(t)
	poor, err := demotest.ReadCompany(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	data, c.reporter = poor, reporterIn(t, dir, "rentals-by-publisher.yaml")
	c.agree(t, demotest.Record{"period": yearPast})
	c.everyCase(t)
}

// poorCompany has one rental in three hundred left, many of which bring and
// cost the same.
func poorCompany(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(company(t))); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, demo.Shop))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `
		delete from rentals where id % 300 <> 0;
		update rentals set fee = 5000, handling = 1500 where id % 200 = 0;
		update publishers set royalty_percent = 20`); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTopSpendersAgree(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	countries := append(data.Countries(), "all")
	slices.Sort(countries)
	c := comparison{reporter: demoReporter(t, "top-spenders.yaml")}
	c.draw = func(t *rapid.T) demotest.Record {
		return demotest.Record{
			"period": someDays(t, 20), "count": rapid.IntRange(1, 100).Draw(t, "count"),
			"country": rapid.SampledFrom(countries).Draw(t, "country"),
		}
	}
	c.compute = func(_ failer, p demotest.Record, locale string, _ bool) demotest.Document {
		return data.TopSpenders(periodOf(p), p["count"].(int), p["country"].(string), locale)
	}
	c.agree(t,
		demotest.Record{"period": october, "count": 20, "country": "all"},
		demotest.Record{"period": october, "count": 500, "country": "TR"},
		demotest.Record{"period": noDays, "count": 5, "country": "all"},
		demotest.Record{"period": october, "count": 1, "country": "RO"},
	)
	c.everyCase(t)
}

func TestUsageAgrees(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	genres := data.Genres()
	slices.Sort(genres)
	c := comparison{reporter: demoReporter(t, "usage-above-rating.yaml")}
	c.draw = func(t *rapid.T) demotest.Record {
		return demotest.Record{
			"period": someDays(t, rapid.SampledFrom([]int{10, 10, 10, 70}).Draw(t, "most days")), "genre": rapid.SampledFrom(genres).Draw(t, "genre"),
			"rating": float64(rapid.IntRange(0, 100).Draw(t, "tenths")) / 10,
		}
	}
	c.compute = func(_ failer, p demotest.Record, locale string, _ bool) demotest.Document {
		return data.Usage(periodOf(p), p["genre"].(string), p["rating"].(float64), locale)
	}
	c.agree(t,
		demotest.Record{"period": october, "genre": "fighting", "rating": 7.0},
		demotest.Record{"period": yearPast, "genre": "fighting", "rating": 0.0},
		demotest.Record{"period": noDays, "genre": "puzzle", "rating": 0.0},
		demotest.Record{"period": lastDay, "genre": "puzzle", "rating": 0.0},
		demotest.Record{"period": october, "genre": "fighting", "rating": 10.0},
	)
	c.everyCase(t)
}

func TestContactsAgree(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	countries := append(data.Countries(), "all")
	slices.Sort(countries)
	c := comparison{reporter: demoReporter(t, "customer-contacts.yaml")}
	c.draw = func(t *rapid.T) demotest.Record {
		return demotest.Record{"period": someDays(t, 20), "country": rapid.SampledFrom(countries).Draw(t, "country")}
	}
	c.compute = func(_ failer, p demotest.Record, locale string, _ bool) demotest.Document {
		return data.Contacts(periodOf(p), p["country"].(string), locale)
	}
	c.agree(t,
		demotest.Record{"period": october, "country": "all"}, demotest.Record{"period": yearPast, "country": "TR"},
		demotest.Record{"period": lastDay, "country": "JP"}, demotest.Record{"period": noDays, "country": "all"},
	)
	c.everyCase(t)
}

// A heartbeat always has its one row.
func TestHeartbeatAgrees(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	c := comparison{reporter: demoReporter(t, "tiny.yaml")}
	c.compute = func(_ failer, p demotest.Record, _ string, _ bool) demotest.Document {
		return data.Heartbeat(p["note"].(string))
	}
	for range 2 {
		rapid.Check(t, func(t *rapid.T) {
			note := rapid.OneOf(rapid.StringMatching(`\PC{0,200}`), rapid.SampledFrom([]string{"", "'; drop table pulse; --", ":note"})).Draw(t, "note")
			c.compare(t, question{demotest.Record{"note": note}, "tr"})
		})
	}
}

// A choice from the shop has a value, once, and words in both languages; the
// default is among them.
func TestChoicesFromTheShop(t *testing.T) {
	t.Parallel()
	data := rawCompany(t)
	for file, want := range map[string][]string{
		"top-spenders.yaml": append(data.Countries(), "all"), "usage-above-rating.yaml": data.Genres(),
	} {
		for _, p := range demoReporter(t, file).report.Parameters {
			if p.From == nil {
				continue
			}
			var got []string
			for _, o := range p.Choices {
				if got = append(got, o.Value); o.Title.EN == "" || o.Title.TR == "" {
					t.Errorf("%s: the choice %q has the titles %+v", file, o.Value, o.Title)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s has the choices %q, want %q", file, p.Name, got, want)
			}
			if _, err := p.Value(p.Default); err != nil {
				t.Errorf("%s: the default of %s: %v", file, p.Name, err)
			}
		}
	}
}

// Every type lets itself be asked for with its defaults, dates being last year,
// and finds rows.
func TestTypesRunByDefault(t *testing.T) {
	t.Parallel()
	dir, example := copyOf(t, company(t)), copyOf(t, examples)
	e, err := engine.Open(t.Context(), engine.Config{
		ReportDirs:  []string{filepath.Join(dir, demo.Reports), filepath.Join(example, demo.Reports)},
		SourceFiles: []string{filepath.Join(dir, demo.Sources), filepath.Join(example, demo.Sources)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	approvals := map[string]string{
		"top-games.v1": "none", "rentals-by-publisher.v1": "none", "usage-above-rating.v1": "none", "tiny.v1": "none", "best-reviewed.v1": "none",
		"customer-contacts.v1": "approver", "top-spenders.v1": "approver",
	}
	for _, kind := range e.Catalog().Types {
		if want, known := approvals[kind.ID]; !known || kind.Approval != want {
			t.Errorf("%s has the approval %q, want %q", kind.ID, kind.Approval, want)
		}
		delete(approvals, kind.ID)
		for _, locale := range []string{"tr", "en"} {
			runByDefault(t, e, kind, locale)
		}
	}
	for id := range approvals {
		t.Errorf("%s is not in the catalog", id)
	}
}
