package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

// severalFormats asks for one report in every format: each file passes the
// gate, is on the page, can be fetched, and is in the one letter.
func severalFormats(t *testing.T, i *instance) {
	guid, dir := newGUID(t), t.TempDir()
	out, err := exec.CommandContext(t.Context(), os.Getenv("PEYK_BIN"), "request", "usage-above-rating.v1", "--data", i.dir, "--guid", guid,
		"--format", "pdf", "--format", "xlsx", "--format", "csv", "--wait", "-o", filepath.Join(dir, "usage.pdf")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for ending, begins := range map[string]string{"pdf": "%PDF-", "xlsx": "PK\x03\x04", "csv": "Oyun,"} {
		file, err := os.ReadFile(filepath.Join(dir, "usage."+ending))
		if err != nil || !bytes.HasPrefix(file, []byte(begins)) {
			t.Errorf("%s: %v, begins with %.20q", ending, err, file)
		}
	}
	mails := i.mails(guid)
	if len(mails) != 1 {
		t.Fatalf("%d letters, want 1", len(mails))
	}
	var letter struct {
		Attachments []struct{ Name string }
	}
	if err := json.Unmarshal(i.get("/api/messages/"+mails[0].ID), &letter); err != nil || len(letter.Attachments) != 3 || !strings.HasSuffix(letter.Attachments[0].Name, ".pdf") {
		t.Errorf("the letter: %v, attachments %+v, want 3, the PDF first", err, letter.Attachments)
	}
	if st := i.status(guid); st.Outcome != report.OutcomeSucceeded {
		t.Errorf("the outcome is %s", st.Outcome)
	}
}

// authored writes report files and what they read, and gives the flags to start
// with and the folder called own.
func authored(t *testing.T, files map[string]string) (flags []string, dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "sources.yaml"), "folders:\n  own: .\n")
	if err := os.Mkdir(filepath.Join(dir, "reports"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return []string{"--reports", filepath.Join(dir, "reports"), "--sources", filepath.Join(dir, "sources.yaml")}, dir
}

// partReport reads a source that may be cut at a cap.
const partReport = `
id: part.v1
title: {en: The first rows, tr: İlk satırlar}
sources: {lines: {folder: own, file: lines.csv, rows: 3, at-cap: partial}}
combine: select n from lines order by cast(n as integer)
layout: {table: {columns: [{name: n, format: integer, total: count}]}}
formats: [pdf]
`

// aPartIsCalledAPart: the outcome of a report that was cut says so.
func aPartIsCalledAPart(t *testing.T, i *instance) {
	guid := i.request(t.Context(), "part.v1", nil)
	if st := i.delivered(guid); st.Outcome != report.OutcomePartial {
		t.Errorf("the outcome is %s, want partial", st.Outcome)
	}
	if mails := i.mails(guid); len(mails) != 1 {
		t.Errorf("%d letters, want 1", len(mails))
	}
}

// awayReport reads a file of its own, so that others do not miss it.
const awayReport = `
id: away.v1
title: {en: Lines, tr: Satırlar}
sources: {lines: {folder: own, file: away.csv}}
combine: select n from lines
layout: {table: {columns: [{name: n}]}}
formats: [pdf]
`

// aSourceThatIsAwayIsWaitedFor: what the report would cost cannot be known, so
// nothing runs; it comes when the source is back.
func aSourceThatIsAwayIsWaitedFor(t *testing.T, i *instance, file string) {
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	guid := i.request(t.Context(), "away.v1", nil)
	i.eventually("the request to wait for its audit", func() bool {
		o, err := i.atProvider(guid)
		return err == nil && o.State == protocol.PendingReview
	})
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	i.delivered(guid)
}

// TestARefusalIsToldInWords: a report that would read more than is allowed is
// rejected, with the reason.
func TestARefusalIsToldInWords(t *testing.T) {
	t.Parallel()
	flags, _ := authored(t, map[string]string{"lines.csv": "n\n" + strings.Repeat("1\n", 1000), "reports/costly.yaml": `
id: costly.v1
title: {en: Every pair, tr: Her ikili}
sources: {lines: {folder: own, file: lines.csv}}
combine: select n from lines
layout: {table: {columns: [{name: n}]}}
formats: [pdf]
`})
	i := start(t, append(flags, "--cost-cap=100")...)
	guid := i.request(t.Context(), "costly.v1", nil)
	st := i.until(guid, string(report.Rejected))
	if st.Failure == nil || st.Failure.Code != "too-expensive" || !strings.Contains(st.Failure.Detail, "at most 100") {
		t.Errorf("rejected with %+v", st.Failure)
	}
}
