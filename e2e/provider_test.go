package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/store"
)

// atProvider is what the provider itself says of a report, read from its store
// beside its process; no state: it knows nothing of it. The error says that it
// cannot be asked now, as while its process is started on an empty directory.
func (i *instance) atProvider(guid string) (o protocol.Operation, err error) {
	i.t.Helper()
	memory, err := store.OpenReader(i.t.Context(), i.providerDir(), time.Now)
	if err != nil {
		return o, err
	}
	defer memory.Close()
	if o, err = memory.Operation(i.t.Context(), guid); errors.Is(err, store.ErrUnknown) {
		err = nil
	}
	return o, err
}

func (i *instance) providerDir() string { return filepath.Join(i.dir, "provider") }

// atWork reports whether a process of the provider prepares a report, and since
// which rev; one that died leaves both as they were.
func (i *instance) atWork(guid string) (rev int64, yes bool) {
	i.t.Helper()
	o, err := i.atProvider(guid)
	return o.Rev, err == nil && o.State == protocol.Preparing
}

// leaves reports whether the provider may have a copy of any generation left.
func (i *instance) leaves(guid string) bool {
	i.t.Helper()
	o, err := i.atProvider(guid)
	if err != nil || o.State != "" && o.State != protocol.Deleted {
		return true
	}
	files, err := os.ReadDir(filepath.Join(i.providerDir(), "files", "blobs"))
	return err != nil || slices.ContainsFunc(files, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), guid) })
}

// checkCleaned waits until the provider's copy is gone.
func (i *instance) checkCleaned(t *testing.T, guid string) {
	t.Helper()
	if !i.within(patience, func() bool { return !i.leaves(guid) }) {
		o, err := i.atProvider(guid)
		t.Fatalf("%s: the provider still has %+v (%v)\n%s", guid, o, err, i.journalOf(guid))
	}
}

// nextProvider waits for a process after old.
func (i *instance) nextProvider(old int) {
	i.t.Helper()
	i.eventually("another process of the provider", func() bool {
		pid := i.providerPID()
		return pid != 0 && pid != old
	})
}

// Report types of the tests' own, over the sample company's shop and a folder
// of theirs.
const (
	// slow.v1 takes as long as its parameter says: counting so far.
	slowReport = `id: slow.v1
title: {en: Count, tr: Sayım}
description: {en: "Counts up to a number.", tr: "Bir sayıya kadar sayar."}
approval: none
typical: 1s
parameters:
  steps: {type: integer, min: 1, max: 2000000000, default: 1, title: {en: Steps, tr: Adım}}
sources:
  pulse: {title: {en: Shop, tr: Mağaza}, database: shop, sql: select count(*) as games from games}
combine: |
  with recursive count(n) as (select 1 union all select n + 1 from count where n < :steps)
  select max(n) as n, (select games from pulse) as games from count
layout:
  sentence: {en: "Counted to {steps}.", tr: "{steps} sayısına kadar sayıldı."}
  table:
    columns:
      - {name: n, format: integer, title: {en: Count, tr: Sayı}}
      - {name: games, format: integer, title: {en: Games, tr: Oyun}}
formats: [pdf]
`
	// sheet.v1 reads a file that may be in disorder.
	sheetReport = `id: sheet.v1
title: {en: Sheet, tr: Çizelge}
description: {en: "What is in the file.", tr: "Dosyada ne varsa."}
approval: none
typical: 1s
sources:
  sheet: {title: {en: Sheet, tr: Çizelge}, folder: sheets, file: sheet.csv}
combine: select name, amount from sheet order by name
layout:
  sentence: {en: "All of the sheet.", tr: "Çizelgenin tümü."}
  table:
    columns:
      - {name: name, title: {en: Name, tr: Ad}}
      - {name: amount, format: integer, title: {en: Amount, tr: Miktar}}
formats: [pdf]
`
)

// ownReports writes the report types above. The flags bring them; folder is
// where sheet.v1 looks for sheet.csv.
func ownReports(t *testing.T) (flags []string, folder string) {
	t.Helper()
	dir := t.TempDir()
	folder = filepath.Join(dir, "sheets")
	reports, sources := filepath.Join(dir, "reports"), filepath.Join(dir, "sources.yaml")
	for _, d := range []string{folder, reports} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for path, content := range map[string]string{
		filepath.Join(reports, "slow.yaml"): slowReport, filepath.Join(reports, "sheet.yaml"): sheetReport,
		sources: "folders:\n  sheets: sheets\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"--reports", reports, "--sources", sources}, folder
}
