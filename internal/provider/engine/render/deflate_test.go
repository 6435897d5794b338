package render

import (
	"bytes"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"pgregory.net/rapid"
)

// TestPagesAreCompressedAsThePDFWriterDoes compares with its own compression,
// byte for byte, of pages that hold anything, even what looks like a PDF.
func TestPagesAreCompressedAsThePDFWriterDoes(t *testing.T) {
	t.Parallel()
	var d deflater
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"7 0 obj\n<</Length 3>>\nstream\nabc\nendstream\nendobj", "xref\n0 3\n", "startxref\n12\n%%EOF\n", "\nendstream\nendobj\n", "\r\n", strings.Repeat("BT 1.00 2.00 Td (x) Tj ET\n", 4000),
		})), 1, 6).Draw(t, "texts")
		write := func(compress bool) []byte {
			pdf := fpdf.New("P", "pt", "A4", "")
			pdf.SetCompression(compress)
			pdf.SetCatalogSort(true)
			pdf.SetCreationDate(pdf.GetCreationDate().AddDate(2026, 0, 0))
			pdf.SetModificationDate(pdf.GetCreationDate())
			pdf.SetTitle(texts[0], true)
			pdf.SetFont("Helvetica", "", 9)
			for _, text := range texts {
				pdf.AddPage()
				pdf.RawWriteStr("% " + text)
				pdf.Text(20, 20, text)
			}
			var b bytes.Buffer
			if err := pdf.Output(&b); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		got, err := d.pages(write(false))
		if err != nil {
			t.Fatal(err)
		}
		if want := write(true); !bytes.Equal(got, want) {
			t.Fatalf("with pages of %q:\n%q\nthe PDF writer makes\n%q", texts, got, want)
		}
	})
}

func TestWhatIsNoPDFIsNotCompressed(t *testing.T) {
	t.Parallel()
	var d deflater
	for _, broken := range []string{"", "startxref\n", "startxref\n3\n%%EOF\n", "xref\n0 9\nstartxref\n0\n%%EOF\n", "xref\n0 x\nstartxref\n0\n", "xref\n0 -4\nstartxref\n0\n"} {
		if got, err := d.pages([]byte(broken)); err == nil {
			t.Errorf("%q became %q", broken, got)
		}
	}
}
