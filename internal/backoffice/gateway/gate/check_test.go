package gate

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func small() Limits {
	return Limits{Bytes: 4 << 20, Pages: 50, Objects: 2000, Stream: 1 << 20, Unpacked: 3 << 20}.settled()
}

// library sets the PDF library up once: it has a global setting, which only a
// child of its own may write at leisure.
var library = sync.OnceValue(func() *checker { return newChecker(small()) })

// testChecker is a checker of the test's own.
func testChecker() *checker {
	conf := *library().conf
	return &checker{limits: small(), conf: &conf}
}

func TestGoodDocumentsPass(t *testing.T) {
	t.Parallel()
	c := testChecker()
	for name, want := range map[string]struct {
		doc   []byte
		pages int
	}{
		"tiny":              {[]byte(tiny), 1},
		"by hand":           {onePage("", ""), 1},
		"opens at a place":  {onePage("/OpenAction[3 0 R/Fit]", ""), 1},
		"goes to a place":   {onePage("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", ""), 1},
		"a link out":        {onePage("", "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://peyk.example/)>>>>]"), 1},
		"one row":           {written(t, 1), 1},
		"several pages":     {written(t, 200), 5},
		"compressed":        {packed(t, written(t, 200)), 5},
		"as many as may be": {flatPages(50, 50), 50},
	} {
		if pages, err := c.check(PDF, want.doc); err != nil || pages != want.pages {
			t.Errorf("%s: %d pages, %v; want %d", name, pages, err, want.pages)
		}
	}
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	script := "<</S/JavaScript/JS(app.alert\\(1\\))>>"
	good := written(t, 50)
	for name, want := range map[string]struct {
		doc  []byte
		code Code
	}{
		"empty":                   {nil, NotPDF},
		"web page":                {[]byte("<!doctype html><title>Report</title>%%EOF"), NotPDF},
		"web page in a comment":   {bytes.Replace(good, []byte("\n"), []byte("\n<html><script>alert(1)</script>\n"), 1), NotPDF},
		"junk before":             {append([]byte("MZ\x90"), good...), NotPDF},
		"archive behind":          {append(bytes.Clone(good), "PK\x05\x06"+strings.Repeat("\x00", 18)...), Malformed},
		"truncated":               {good[:len(good)/2], Malformed},
		"truncated, end forged":   {append(bytes.Clone(good[:len(good)/2]), "\nstartxref\n99\n%%EOF\n"...), Malformed},
		"text in a header":        {[]byte("%PDF-1.7\n1 0 obj\n%%EOF\n"), Malformed},
		"no pages":                {flatPages(0, 0), Malformed},
		"claims more pages":       {flatPages(2, 3), Malformed},
		"too many pages":          {flatPages(51, 51), TooMuch},
		"huge page tree":          {flatPages(5000, 5000), TooMuch},
		"pages in a circle":       {build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"), Malformed},
		"a page twice":            {build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>"), Malformed},
		"too large":               {append(bytes.Repeat([]byte("%PDF"), 2<<20), good...), TooMuch},
		"password":                {encrypted(t, good, "secret"), Encrypted},
		"encrypted, no password":  {encrypted(t, good, ""), Encrypted},
		"script on opening":       {onePage("/OpenAction "+script, ""), JavaScript},
		"script by reference":     {onePage("/OpenAction 5 0 R", "", script), JavaScript},
		"script in the names":     {onePage("/Names<</JavaScript<</Names[(a) 5 0 R]>>>>", "", script), JavaScript},
		"script nobody refers to": {onePage("", "", script), JavaScript},
		"script in hexadecimal":   {onePage("", "", "<</S/J#61vaScript>>"), JavaScript},
		"key in hexadecimal":      {onePage("", "", "<</#4aS(1)>>"), JavaScript},
		"kind by reference":       {onePage("", "", "<</S 6 0 R>>", "/JavaScript"), JavaScript},
		"script in a stream":      {onePage("", "", stream("/JS(1)", "")), JavaScript},
		"script, compressed":      {packed(t, onePage("", "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A "+script+">>]")), JavaScript},
		"launch":                  {onePage("", "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(cmd.exe)>>>>]"), Launch},
		"another document":        {onePage("", "", "<</S/GoToR/F(\\\\\\\\host\\\\share)/D[0/Fit]>>"), Launch},
		"embedded files":          {onePage("/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>", "", "<</Type/Filespec/F(a.exe)>>"), Attachment},
		"embedded file":           {onePage("", "", stream("/Type/EmbeddedFile", "MZ")), Attachment},
		"file annotation":         {onePage("", "/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]>>]"), Attachment},
		"stream in another file":  {onePage("", "", stream("/F(/etc/passwd)", "")), Attachment},
		"acts when shown":         {onePage("", "/AA<</O<</S/Named/N/Print>>>>"), OpenAction},
		"prints on opening":       {onePage("/OpenAction<</S/Named/N/Print>>", ""), OpenAction},
		"opens on the web":        {onePage("/OpenAction<</S/URI/URI(https://evil.example/)>>", ""), OpenAction},
		"goes, then acts":         {onePage("/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(x)>>>>", ""), OpenAction},
		"sends a form":            {onePage("", "", "<</S/SubmitForm/F(https://evil.example/)>>"), ActiveContent},
		"dynamic form":            {onePage("/AcroForm<</Fields[]/XFA 5 0 R>>", "", stream("", "<xdp/>")), ActiveContent},
		"film":                    {onePage("", "/Annots[<</Type/Annot/Subtype/RichMedia/Rect[0 0 9 9]>>]"), ActiveContent},
		"zip bomb":                {onePage("", "", deflated(t, 2<<20)), Bomb},
		"many small bombs":        {onePage("", "", deflated(t, 1<<20), deflated(t, 1<<20), deflated(t, 1<<20), deflated(t, 1<<20)), Bomb},
		"deep nesting":            {onePage("/X "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000), ""), Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, err := testChecker().check(PDF, want.doc)
			if err == nil || err.Code != want.code || pages != 0 {
				t.Errorf("%d pages, %v; want %s", pages, err, want.code)
			}
			if err != nil && sentences[err.Code] == "" {
				t.Errorf("no sentence for %s", err.Code)
			}
		})
	}
}

// The library would keep a directory in the home of whoever runs it.
func TestNothingIsWrittenAtHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	if _, err := newChecker(small()).check(PDF, []byte(tiny)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("left at home: %v, %v", left, err)
	}
}

// Whatever the bytes are, the check ends, soon, in pages or in a known refusal.
// Most changes to a file break its frame, so what lies inside is made here too.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(tiny), "/OpenAction 5 0 R", "<</S/GoTo/D[3 0 R/Fit]>>")
	f.Add(packed(f, written(f, 3)), "/Names<</Dests 5 0 R>>", "<</Names[(a)[3 0 R/XYZ 0 0 null]]>>")
	f.Add(flatPages(3, 3), "/Outlines 5 0 R", "<</First 5 0 R/Last 5 0 R/Count 1/Title(a)>>")
	f.Add([]byte("%PDF-1.7"), "/Metadata 5 0 R", deflated(f, 1<<10))
	f.Fuzz(func(t *testing.T, doc []byte, catalog, object string) {
		for _, doc := range [][]byte{doc, onePage(catalog, "", object)} {
			ends(t, PDF, doc)
		}
	})
}

func ends(t *testing.T, kind Kind, doc []byte) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		pages, err := testChecker().check(kind, doc)
		if err != nil && (pages != 0 || sentences[err.Code] == "") || err == nil && !sensible(kind, pages) {
			t.Errorf("%d pages, %v", pages, err)
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("does not end: %q", doc)
	}
}

func BenchmarkCheck(b *testing.B) {
	c := testChecker()
	doc := written(b, 50)
	for b.Loop() {
		if _, err := c.check(PDF, doc); err != nil {
			b.Fatal(err)
		}
	}
}
