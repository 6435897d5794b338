package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/provider/demo/demotest"
)

const (
	examples = "../examples/games"
	// gamesDir names a folder with sales.csv and reviews.csv of the same kind
	// as the fixture's.
	gamesDir  = "PEYK_GAMES_DIR"
	questions = 4 // drawn at random, beside the defaults
)

// games is the folder best-reviewed.v1 reads.
func games(t *testing.T) (dir string) {
	t.Helper()
	if dir = os.Getenv(gamesDir); dir == "" {
		t.Logf("%s is not set: best-reviewed.v1 is asked over the fixture only", gamesDir)
		dir = examples + "/fixture"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// order asks through the command line until the file is there, in English; what
// begins with dashes is a flag. The letter must bring the same file.
func (i *instance) order(kind string, parameters ...string) (pdf string) {
	i.t.Helper()
	guid := newGUID(i.t)
	pdf = filepath.Join(i.t.TempDir(), guid+".pdf")
	args := []string{"request", kind, "--data", i.dir, "--guid", guid, "--locale", "en", "--wait", "-o", pdf}
	for _, p := range parameters {
		if !strings.HasPrefix(p, "--") {
			p = "--parameter=" + p
		}
		args = append(args, p)
	}
	out, err := exec.CommandContext(i.t.Context(), os.Getenv("PEYK_BIN"), args...).CombinedOutput()
	if err != nil {
		i.t.Fatalf("peyk %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	file, err := os.ReadFile(pdf)
	if err != nil {
		i.t.Fatal(err)
	}
	if attached := i.attachment(guid); !bytes.Equal(attached, file) {
		i.t.Errorf("%s: the letter brought %d other bytes than the %d downloaded", guid, len(attached), len(file))
	}
	return pdf
}

// attachment is the file of the one letter about a request.
func (i *instance) attachment(guid string) []byte {
	i.t.Helper()
	mails := i.mails(guid)
	if len(mails) != 1 {
		i.t.Fatalf("%d letters about %s, want 1", len(mails), guid)
	}
	var letter struct{ Attachments []struct{ N int } }
	if err := json.Unmarshal(i.get("/api/messages/"+mails[0].ID), &letter); err != nil || len(letter.Attachments) != 1 {
		i.t.Fatalf("the letter about %s: %v, %d attachments, want 1", guid, err, len(letter.Attachments))
	}
	return i.get("/api/messages/" + mails[0].ID + "/attachments/1")
}

// bestReviewedIsRight holds the document that arrives against a computation
// of another kind, over the fixture or over the files PEYK_GAMES_DIR names.
func bestReviewedIsRight(t *testing.T, i *instance) {
	dir := games(t)
	chance := seed(t)
	asked := [][3]int{{2015, 20, 100}}
	for range questions {
		asked = append(asked, [3]int{2006 + chance.IntN(11), 1 + chance.IntN(120), chance.IntN(300)})
	}
	for _, q := range asked {
		rows, total, err := demotest.BestReviewed(dir, q[0], q[1], q[2])
		if err != nil {
			t.Fatal(err)
		}
		want := table{total: unitsOf(total)}
		for _, r := range rows {
			want.rows = append(want.rows, row{[]string{r.Name, r.Platform}, append([]float64{r.Score, float64(r.Reviews)}, unitsOf(r.Units)...)})
		}
		pdf := i.order("best-reviewed.v1", fmt.Sprint("year=", q[0]), fmt.Sprint("count=", q[1]), fmt.Sprint("min_reviews=", q[2]))
		if d := readTable(t, pdf, 2, 7).differ(want, 1, 0, 2, 2, 2, 2, 2); d != "" {
			t.Errorf("year %d, count %d, min_reviews %d, %d rows: %s", q[0], q[1], q[2], len(rows), d)
		}
	}
}

func unitsOf(u demotest.Units) []float64 {
	return []float64{u.NorthAmerica, u.Europe, u.Japan, u.Other, u.Total}
}

// topGamesIsRight does the same for the sample company's own report.
func topGamesIsRight(t *testing.T, i *instance) {
	company, err := demotest.ReadCompany(t.Context(), i.world.samples())
	if err != nil {
		t.Fatal(err)
	}
	hold := func(from, to time.Time, count, least int, parameters ...string) {
		t.Helper()
		in := demotest.Period{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
		want := company.TopDocument(in, count, least, "en", true).Table
		if d := recordsDiffer(t, i.order("top-games.v1", append(parameters, "--format=csv")...), want); d != "" {
			t.Errorf("%v, %d rows: %s", parameters, len(want.Lines), d)
		}
	}
	lastYear := time.Date(time.Now().Year()-1, 1, 1, 0, 0, 0, 0, time.UTC)
	hold(lastYear, lastYear.AddDate(1, 0, 0), 50, 100)
	chance := seed(t)
	for range questions {
		from := lastYear.AddDate(0, 0, chance.IntN(300))
		to := from.AddDate(0, 0, 1+chance.IntN(60))
		count, least := 1+chance.IntN(80), chance.IntN(30)
		hold(from, to, count, least, fmt.Sprint("count=", count), fmt.Sprint("min_reviews=", least),
			"period="+from.Format(time.DateOnly)+".."+to.AddDate(0, 0, -1).Format(time.DateOnly))
	}
}

// recordsDiffer holds a CSV against a table, cell by cell.
func recordsDiffer(t *testing.T, file string, want demotest.Table) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	if len(got) != len(want.Lines)+1 {
		return fmt.Sprintf("%d records, want %d", len(got)-1, len(want.Lines))
	}
	if head := got[0][want.At : len(got[0])-1]; !slices.Equal(head, want.Spread) {
		return fmt.Sprintf("the columns are %q, want %q", head, want.Spread)
	}
	for k, line := range want.Lines {
		for c, cell := range line.Cells {
			if !holds(got[k+1][c], cell) {
				return fmt.Sprintf("record %d is\n %q, want\n %v", k+1, got[k+1], line.Cells)
			}
		}
	}
	return ""
}

// holds reports whether a field of a CSV says a value.
func holds(field string, v any) bool {
	if v == nil {
		return field == ""
	}
	if text, is := v.(string); is {
		return field == text
	}
	got, err := strconv.ParseFloat(field, 64)
	want, perr := strconv.ParseFloat(fmt.Sprint(v), 64)
	return err == nil && perr == nil && math.Abs(got-want) < 1e-9*math.Max(1, math.Abs(want))
}
