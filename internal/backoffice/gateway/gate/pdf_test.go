package gate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// build writes a PDF of the objects, numbered from 1; the first is the catalog.
func build(objects ...string) []byte {
	return buildWith("", objects...)
}

// buildWith puts more entries into the trailer.
func buildWith(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

// onePage is a document of one page with more in its catalog and its page, and
// more objects from number 5 on.
func onePage(catalog, page string, more ...string) []byte {
	return build(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>/Contents 4 0 R" + page + ">>",
		stream("", "0 0 m 9 9 l S"),
	}, more...)...)
}

func stream(entries, content string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(content), entries, content)
}

// deflated is a stream that unpacks to n zeros.
func deflated(t testing.TB, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	block := make([]byte, 1<<20)
	for n > 0 {
		some := min(n, len(block))
		if _, err := w.Write(block[:some]); err != nil {
			t.Fatal(err)
		}
		n -= some
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return stream("/Filter/FlateDecode", b.String())
}

// written is a document as the report engine writes them.
func written(t testing.TB, rows int) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	p.SetTitle("Top games", true)
	p.AddPage()
	p.SetFont("Helvetica", "", 10)
	for i := range rows {
		p.CellFormat(40, 6, fmt.Sprintf("Game %d", i), "1", 1, "L", false, 0, "https://peyk.example/")
	}
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packed is the same with its objects in compressed object streams.
func packed(t testing.TB, doc []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := api.Optimize(bytes.NewReader(doc), &b, testChecker().conf); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encrypted(t testing.TB, doc []byte, user string) []byte {
	t.Helper()
	library()
	var b bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(doc), &b, model.NewAESConfiguration(user, "owner", 256)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flatPages is a document of n pages in one flat tree that claims a number.
func flatPages(n, claimed int) []byte {
	var kids strings.Builder
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), claimed)
	return build(objects...)
}
