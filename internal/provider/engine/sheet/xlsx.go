package sheet

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"peyk/internal/report"
)

// XLSX writes the book. Nothing of the writer's output is a workbook when an
// error comes back.
func XLSX(w io.Writer, b Book) error {
	tables, st := make([]*table, len(b.Sheets)), newStyles()
	names := make([]string, 0, len(b.Sheets)+1)
	for i, s := range b.Sheets {
		var err error
		if tables[i], err = newTable(s, b.Language, st); err != nil {
			return fmt.Errorf("write workbook %s: %w", b.GUID, err)
		}
		names = append(names, s.label())
	}
	names = tabs(append(names, b.Language.Words.Sources))
	z := newArchive(w, b.RequestedAt)
	z.text("[Content_Types].xml", contentTypes(len(names)))
	z.text("_rels/.rels", packageRelations)
	z.text("docProps/core.xml", coreProperties(b))
	z.text("docProps/app.xml", appProperties(b))
	z.text("xl/workbook.xml", workbook(names, tables))
	z.text("xl/_rels/workbook.xml.rels", workbookRelations(len(names)))
	for i, t := range tables {
		z.stream("xl/worksheets/sheet"+strconv.Itoa(i+1)+".xml", &t.part, func() error { return t.write(i == 0) })
	}
	a := newAbout(b, names, st)
	z.stream("xl/worksheets/sheet"+strconv.Itoa(len(names))+".xml", &a.part, func() error { return a.write(len(tables) == 0) })
	z.text("xl/styles.xml", st.xml())
	if err := z.close(); err != nil {
		return fmt.Errorf("write workbook %s: %w", b.GUID, err)
	}
	return nil
}

func refuse(code, format string, args ...any) error {
	return &report.Error{Class: report.Permanent, Code: code, Sentence: fmt.Sprintf(format, args...)}
}

// archive is the zip file; the first error stays.
type archive struct {
	zip *zip.Writer
	at  time.Time
	err error
}

// level of compression: a tenth larger than the usual one, in a third of the
// time.
const level = 3

func newArchive(w io.Writer, at time.Time) *archive {
	if at = at.UTC(); at.Year() < 1980 || at.Year() > 2107 { // what a zip file can say
		at = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, level) })
	return &archive{zip: z, at: at}
}

func (a *archive) create(name string) io.Writer {
	if a.err != nil {
		return io.Discard
	}
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
	if err != nil {
		a.err = fmt.Errorf("%s: %w", name, err)
		return io.Discard
	}
	return &bounded{w: w}
}

func (a *archive) text(name, content string) {
	w := a.create(name)
	if a.err != nil {
		return
	}
	if _, err := io.WriteString(w, content); err != nil {
		a.err = fmt.Errorf("%s: %w", name, err)
	}
}

func (a *archive) stream(name string, p *part, write func() error) {
	p.to = a.create(name)
	if a.err != nil {
		return
	}
	if err := write(); err != nil {
		a.err = fmt.Errorf("%s: %w", name, err)
	}
}

func (a *archive) close() error {
	if a.err != nil {
		return a.err
	}
	return a.zip.Close()
}

// bounded takes what Excel takes of one part: with more, the zip file would
// have to be one of the large kind, which Excel reads only with the sizes
// written beforehand.
type bounded struct {
	w       io.Writer
	written int64
}

// Write is the io.Writer's.
func (b *bounded) Write(p []byte) (int, error) {
	if b.written += int64(len(p)); b.written >= math.MaxUint32 {
		return 0, refuse("sheet-too-large", "A table of the report is too large for a workbook. Ask for less, or for CSV.")
	}
	return b.w.Write(p)
}

// The marks of the package (ECMA-376, part 2) and its kinds of parts.
const (
	spacePackage  = "http://schemas.openxmlformats.org/package/2006/"
	spaceDocument = "http://schemas.openxmlformats.org/officeDocument/2006/"
	typeBase      = "application/vnd.openxmlformats-"
)

const packageRelations = declaration + `<Relationships xmlns="` + spacePackage + `relationships">` +
	`<Relationship Id="rId1" Type="` + spaceDocument + `relationships/officeDocument" Target="xl/workbook.xml"/>` +
	`<Relationship Id="rId2" Type="` + spacePackage + `relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
	`<Relationship Id="rId3" Type="` + spaceDocument + `relationships/extended-properties" Target="docProps/app.xml"/>` +
	`</Relationships>`

func contentTypes(sheets int) string {
	var b strings.Builder
	override := func(part, kind string) {
		b.WriteString(`<Override PartName="/` + part + `" ContentType="` + typeBase + kind + `+xml"/>`)
	}
	b.WriteString(declaration + `<Types xmlns="` + spacePackage + `content-types">` +
		`<Default Extension="rels" ContentType="` + typeBase + `package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`)
	override("xl/workbook.xml", "officedocument.spreadsheetml.sheet.main")
	for i := range sheets {
		override("xl/worksheets/sheet"+strconv.Itoa(i+1)+".xml", "officedocument.spreadsheetml.worksheet")
	}
	override("xl/styles.xml", "officedocument.spreadsheetml.styles")
	override("docProps/core.xml", "package.core-properties")
	override("docProps/app.xml", "officedocument.extended-properties")
	b.WriteString("</Types>")
	return b.String()
}

func workbookRelations(sheets int) string {
	var b strings.Builder
	relation := func(id int, kind, target string) {
		b.WriteString(`<Relationship Id="rId` + strconv.Itoa(id) + `" Type="` + spaceDocument + `relationships/` + kind + `" Target="` + target + `"/>`)
	}
	b.WriteString(declaration + `<Relationships xmlns="` + spacePackage + `relationships">`)
	for i := range sheets {
		relation(i+1, "worksheet", "worksheets/sheet"+strconv.Itoa(i+1)+".xml")
	}
	relation(sheets+1, "styles", "styles.xml")
	b.WriteString("</Relationships>")
	return b.String()
}

func workbook(names []string, tables []*table) string {
	var sheets, filters strings.Builder
	for i, name := range names {
		id := strconv.Itoa(i + 1)
		sheets.WriteString(`<sheet name="` + escaped(name) + `" sheetId="` + id + `" r:id="rId` + id + `"/>`)
		if i >= len(tables) {
			continue
		}
		if f := tables[i].filter("$"); f != "" {
			quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'!"
			filters.WriteString(`<definedName name="_xlnm._FilterDatabase" localSheetId="` + strconv.Itoa(i) + `" hidden="1">` + escaped(quoted+f) + `</definedName>`)
		}
	}
	b := declaration + `<workbook xmlns="` + spaceMain + `" xmlns:r="` + spaceDocument + `relationships"><bookViews><workbookView activeTab="0"/></bookViews><sheets>` + sheets.String() + `</sheets>`
	if filters.Len() > 0 {
		b += `<definedNames>` + filters.String() + `</definedNames>`
	}
	return b + `</workbook>`
}

func coreProperties(b Book) string {
	at := b.RequestedAt.UTC().Format(time.RFC3339)
	return declaration + `<cp:coreProperties xmlns:cp="` + spacePackage + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escaped(clean(b.Title)) + `</dc:title><dc:description>` + escaped(clean(b.Sentence)) + `</dc:description>` +
		`<dc:creator>` + escaped(clean(cmp.Or(b.Company, "Peyk"))) + `</dc:creator><dc:identifier>` + escaped(clean(b.GUID)) + `</dc:identifier><dc:language>` + escaped(b.Language.Tag) + `</dc:language>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`
}

func appProperties(b Book) string {
	return declaration + `<Properties xmlns="` + spaceDocument + `extended-properties"><Application>Peyk</Application><Company>` + escaped(clean(b.Company)) + `</Company></Properties>`
}
