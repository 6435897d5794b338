package gate

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// piece is a part of a workbook.
type piece struct{ name, content string }

const (
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	docTypes  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// plainBook is the parts of a small good workbook.
func plainBook() []piece {
	return []piece{
		{typesPart, `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + workbookType + `"/></Types>`},
		{rootRelations, `<Relationships ` + relSpace + `><Relationship Id="rId1" Type="` + docTypes + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{workbookPart, `<workbook ` + mainSpace + `><sheets><sheet name="A" sheetId="1"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" hidden="1">'A b'!$A$1:$B$9</definedName></definedNames></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships ` + relSpace + `><Relationship Id="rId1" Type="` + docTypes + `worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + mainSpace + `><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>=cmd|'/c calc'!A0</t></is></c></row>` +
			`<row r="2"><c r="A2"><f>SUM(A1:A1)</f><v>1</v></c><c r="B2"><f>SUMPRODUCT(A1:A1,A1:A1)/SUM($A$1:A1)</f><v>1</v></c><c r="C2"><f>SUBTOTAL(109,A1:A1,A1)</f></c></row></sheetData></worksheet>`},
	}
}

// with is the workbook with a part added, or in the place of its like.
func with(name, content string) []piece {
	book := plainBook()
	for i := range book {
		if book[i].name == name {
			book[i].content = content
			return book
		}
	}
	return append(book, piece{name, content})
}

// sheetWith has something in the place of its rows, or behind them.
func sheetWith(rows, behind string) []piece {
	return with("xl/worksheets/sheet1.xml", `<worksheet `+mainSpace+`><sheetData>`+rows+`</sheetData>`+behind+`</worksheet>`)
}

func formulaOf(f string) []piece {
	return sheetWith(`<row r="1"><c r="A1"><f>`+f+`</f><v>1</v></c></row>`, "")
}

func related(kind, target, more string) []piece {
	return with("xl/worksheets/_rels/sheet1.xml.rels", `<Relationships `+relSpace+`><Relationship Id="rId1" Type="`+kind+`" Target="`+target+`" `+more+`/></Relationships>`)
}

func zipped(t testing.TB, parts []piece) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// foreign is a workbook by another writer.
func foreign(t testing.TB, change func(*excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetRow("Sheet1", "A1", &[]any{"Oyun", 1, 2.5, time.Unix(0, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := change(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoodWorkbooksPass(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string][]byte{
		"by hand": zipped(t, plainBook()),
		"foreign": foreign(t, func(*excelize.File) error { return nil }),
		"foreign, with a total": foreign(t, func(f *excelize.File) error {
			return f.SetCellFormula("Sheet1", "B2", "SUM(B1:B1)")
		}),
		"foreign, with a table": foreign(t, func(f *excelize.File) error {
			return f.AddTable("Sheet1", &excelize.Table{Range: "A1:B3"})
		}),
		"a related table": zipped(t, append(related(docTypes+"table", "../tables/table1.xml", ""), piece{"xl/tables/table1.xml", `<table ` + mainSpace + `/>`})),
	} {
		if pages, err := testChecker().check(XLSX, doc); err != nil || pages != 0 {
			t.Errorf("%s: %d pages, %v", name, pages, err)
		}
	}
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	t.Parallel()
	good := zipped(t, plainBook())
	laughs := `<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	for name, want := range map[string]struct {
		doc  []byte
		code Code
	}{
		"empty":                   {nil, NotXLSX},
		"a PDF":                   {[]byte(tiny), NotXLSX},
		"an old workbook":         {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), Encrypted},
		"a text document":         {zipped(t, []piece{{"word/document.xml", "<w/>"}}), Part},
		"junk before":             {append([]byte("MZ"), good...), NotXLSX},
		"junk behind":             {append(bytes.Clone(good), "<html>"...), Malformed},
		"an archive behind":       {append(bytes.Clone(good), zipped(t, plainBook())...), Malformed},
		"truncated":               {good[:len(good)-30], Malformed},
		"a comment":               {commented(good), Malformed},
		"another name inside":     {bytes.Replace(good, []byte(workbookPart), []byte("xl/workbooc.xml"), 1), Malformed},
		"bytes changed":           {flipped(good), Malformed},
		"too large":               {append(bytes.Clone(good), make([]byte, 5<<20)...), TooMuch},
		"too many parts":          {manyParts(t, 1100), TooMuch},
		"no workbook":             {zipped(t, plainBook()[:2]), NotXLSX},
		"no types":                {zipped(t, plainBook()[1:]), NotXLSX},
		"types of another kind":   {zipped(t, with(typesPart, `<Types/>`)), NotXLSX},
		"types with macros":       {zipped(t, with(typesPart, `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`)), Macro},
		"leads out":               {zipped(t, with("../../etc/passwd", "x")), PartName},
		"absolute":                {zipped(t, with("/etc/passwd", "x")), PartName},
		"backslash":               {zipped(t, with(`xl\..\..\evil`, "x")), PartName},
		"a part twice":            {zipped(t, append(plainBook(), piece{"xl/Workbook.xml", "<workbook/>"})), PartName},
		"a folder":                {zipped(t, with("xl/", "")), PartName},
		"macro":                   {zipped(t, with("xl/vbaProject.bin", "x")), Macro},
		"macro sheet":             {zipped(t, with("xl/macrosheets/sheet1.xml", "<x/>")), Macro},
		"external link":           {zipped(t, with("xl/externalLinks/externalLink1.xml", "<externalLink/>")), External},
		"connections":             {zipped(t, with("xl/connections.xml", "<connections/>")), External},
		"web query":               {zipped(t, with("xl/queryTables/queryTable1.xml", "<queryTable/>")), External},
		"embedded object":         {zipped(t, with("xl/embeddings/oleObject1.bin", "x")), Attachment},
		"ActiveX":                 {zipped(t, with("xl/activeX/activeX1.xml", "<x/>")), ActiveContent},
		"picture":                 {zipped(t, with("xl/media/image1.png", "x")), Part},
		"leads to the web":        {zipped(t, related(docTypes+"hyperlink", "https://evil.example/", `TargetMode="External"`)), External},
		"mode in other letters":   {zipped(t, related(docTypes+"table", "https://evil.example/", `targetMode="external"`)), External},
		"a table on the web":      {zipped(t, related(docTypes+"table", "https://evil.example/", "")), External},
		"a table that is not":     {zipped(t, related(docTypes+"table", "../../../etc/passwd", "")), External},
		"related object":          {zipped(t, related(docTypes+"oleObject", "sheet1.xml", "")), Attachment},
		"related macro":           {zipped(t, related("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "sheet1.xml", "")), Macro},
		"object in a sheet":       {zipped(t, sheetWith("", `<oleObjects><oleObject/></oleObjects>`)), Attachment},
		"control in a sheet":      {zipped(t, sheetWith("", `<controls/>`)), ActiveContent},
		"hyperlink":               {zipped(t, sheetWith("", `<hyperlinks><hyperlink ref="A1"/></hyperlinks>`)), External},
		"validation":              {zipped(t, sheetWith("", `<dataValidations/>`)), Part},
		"another namespace":       {zipped(t, sheetWith("", `<mc:AlternateContent xmlns:mc="x"/>`)), Part},
		"references in the book":  {zipped(t, with(workbookPart, `<workbook><externalReferences/></workbook>`)), External},
		"starts by itself":        {zipped(t, with(workbookPart, `<workbook><definedNames><definedName name="Auto_Open">'A'!$A$1</definedName></definedNames></workbook>`)), Formula},
		"a name that reckons":     {zipped(t, with(workbookPart, `<workbook><definedNames><definedName name="_xlnm.Print_Area">cmd|'/c calc'!A0</definedName></definedNames></workbook>`)), Formula},
		"code":                    {zipped(t, with(workbookPart, `<workbook><workbookPr codeName="ThisWorkbook"/></workbook>`)), Macro},
		"DDE":                     {zipped(t, formulaOf("cmd|'/c calc'!A0")), Formula},
		"web service":             {zipped(t, formulaOf(`WEBSERVICE("https://evil.example/")`)), Formula},
		"hyperlink formula":       {zipped(t, formulaOf(`HYPERLINK("https://evil.example/")`)), Formula},
		"another sheet":           {zipped(t, formulaOf(`SUM([1]A!A1)`)), Formula},
		"hidden in a sum":         {zipped(t, formulaOf(`SUM(A1,WEBSERVICE(B1))`)), Formula},
		"behind an element":       {zipped(t, formulaOf(`WEBSERVICE("https://evil.example/")<v/>`)), Formula},
		"after an element":        {zipped(t, formulaOf(`<t/>WEBSERVICE("https://evil.example/")`)), Formula},
		"in two pieces":           {zipped(t, formulaOf(`SUM(A1)<!-- -->+cmd|x!A0`)), Formula},
		"in marked text":          {zipped(t, formulaOf(`<![CDATA[cmd|x!A0]]>`)), Formula},
		"shared":                  {zipped(t, sheetWith(`<row r="1"><c r="A1"><f t="shared" si="0">SUM(A1)</f></c></row>`, "")), Formula},
		"endless formula":         {zipped(t, formulaOf("SUM(A1"+strings.Repeat(",A1", 4000)+")")), Formula},
		"billion laughs":          {zipped(t, with("xl/styles.xml", laughs+"<styleSheet>&b;</styleSheet>")), Doctype},
		"outer entity":            {zipped(t, with("docProps/core.xml", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>`)), Doctype},
		"unknown entity":          {zipped(t, with("xl/styles.xml", "<styleSheet>&b;</styleSheet>")), Malformed},
		"stylesheet":              {zipped(t, with("xl/styles.xml", `<?xml-stylesheet href="evil.xsl"?><styleSheet/>`)), Malformed},
		"declared within":         {zipped(t, with("xl/styles.xml", `<styleSheet><?xml version="1.0"?></styleSheet>`)), Malformed},
		"another encoding":        {zipped(t, with("xl/styles.xml", `<?xml version="1.0" encoding="UTF-7"?><styleSheet/>`)), Malformed},
		"two roots":               {zipped(t, with("xl/styles.xml", `<styleSheet/><styleSheet/>`)), Malformed},
		"text behind":             {zipped(t, with("xl/styles.xml", `<styleSheet/>MZ`)), Malformed},
		"no XML":                  {zipped(t, with("xl/styles.xml", "")), Malformed},
		"not closed":              {zipped(t, with("xl/styles.xml", "<styleSheet><a>")), Malformed},
		"deep":                    {zipped(t, with("xl/styles.xml", strings.Repeat("<a>", 100_000)+strings.Repeat("</a>", 100_000))), Malformed},
		"zip bomb":                {zipped(t, with("xl/styles.xml", "<styleSheet>"+strings.Repeat(" ", 2<<20)+"</styleSheet>")), Bomb},
		"many small bombs":        {zipped(t, bombs()), Bomb},
		"password":                {locked(good), Encrypted},
		"foreign, with a picture": {foreign(t, func(f *excelize.File) error { return f.AddComment("Sheet1", excelize.Comment{Cell: "A1", Author: "x"}) }), Part},
		"foreign, with a macro":   {foreign(t, func(f *excelize.File) error { f.Pkg.Store("xl/vbaProject.bin", []byte("x")); return nil }), Macro},
		"foreign, with a link": {foreign(t, func(f *excelize.File) error {
			return f.SetCellHyperLink("Sheet1", "A1", "https://evil.example/", "External")
		}), External},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, err := testChecker().check(XLSX, want.doc)
			if err == nil || err.Code != want.code || pages != 0 {
				t.Errorf("%d pages, %v; want %s", pages, err, want.code)
			}
			if err != nil && sentences[err.Code] == "" {
				t.Errorf("no sentence for %s", err.Code)
			}
		})
	}
}

// commented has a comment behind its directory.
func commented(doc []byte) []byte {
	doc = append(bytes.Clone(doc), "<html>"...)
	binary.LittleEndian.PutUint16(doc[len(doc)-8:], 6)
	return doc
}

// flipped has a byte changed in its first part's data.
func flipped(doc []byte) []byte {
	doc = bytes.Clone(doc)
	doc[60] ^= 0x55
	return doc
}

// locked has the flag of encryption on every part.
func locked(doc []byte) []byte {
	doc = bytes.Clone(doc)
	for at := range doc {
		if bytes.HasPrefix(doc[at:], []byte(localHeader)) {
			doc[at+6] |= 1
		}
		if bytes.HasPrefix(doc[at:], []byte(directory)) {
			doc[at+8] |= 1
		}
	}
	return doc
}

func manyParts(t testing.TB, n int) []byte {
	parts := plainBook()
	for i := range n {
		parts = append(parts, piece{"xl/worksheets/sheet" + strconv.Itoa(i+2) + ".xml", "<worksheet/>"})
	}
	return zipped(t, parts)
}

// bombs unpack to more than the limit together, each at a fair ratio.
func bombs() []piece {
	parts := plainBook()
	var rows strings.Builder
	for i := range 30_000 {
		rows.WriteString(`<row r="` + strconv.Itoa(i) + `"><c r="A1"><v>` + strconv.Itoa(i*7919) + `</v></c></row>`)
	}
	for i := range 3 {
		parts = append(parts, piece{"xl/worksheets/sheet" + strconv.Itoa(i+2) + ".xml", "<worksheet><sheetData>" + rows.String() + "</sheetData></worksheet>"})
	}
	return parts
}

// Whatever a part holds, and whatever the file is, the check ends in a verdict.
func FuzzXLSX(f *testing.F) {
	f.Add(zipped(f, plainBook()), "xl/styles.xml", "<styleSheet/>", "SUM(A1:B2)")
	f.Add(foreign(f, func(*excelize.File) error { return nil }), "xl/vbaProject.bin", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "cmd|'/c calc'!A0")
	f.Add([]byte("PK\x03\x04"), "xl/worksheets/_rels/sheet1.xml.rels", `<Relationships/>`, "SUM(A1)+1")
	f.Fuzz(func(t *testing.T, doc []byte, name, content, formula string) {
		if strings.HasSuffix(name, "/") && content != "" {
			t.Skip("a folder, which cannot be written as a part")
		}
		for _, doc := range [][]byte{doc, zipped(t, with(name, content)), zipped(t, formulaOf(formula))} {
			ends(t, XLSX, doc)
		}
	})
}

// benchBook has 100,000 rows of 8 columns.
func benchBook(b testing.TB) []byte {
	var rows strings.Builder
	for i := 1; i <= 100_000; i++ {
		n := strconv.Itoa(i)
		rows.WriteString(`<row r="` + n + `">`)
		for _, c := range "ABCDEFGH" {
			rows.WriteString(`<c r="` + string(c) + n + `" s="1"><v>` + strconv.Itoa(i*7919) + `</v></c>`)
		}
		rows.WriteString(`</row>`)
	}
	return zipped(b, sheetWith(rows.String(), ""))
}

func BenchmarkXLSX(b *testing.B) {
	doc, c := benchBook(b), &checker{limits: Limits{}.settled()}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.check(XLSX, doc); err != nil {
			b.Fatal(err)
		}
	}
}
