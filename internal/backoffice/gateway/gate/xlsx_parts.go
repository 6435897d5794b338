package gate

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// The parts every workbook has here.
const (
	typesPart     = "[Content_Types].xml"
	rootRelations = "_rels/.rels"
	workbookPart  = "xl/workbook.xml"
)

// partKind is what a part may hold.
type partKind struct {
	name     *regexp.Regexp
	elements map[string]bool // local names of its elements; nil: any
	see      func(w *walker, e xml.StartElement) *refusal
}

// element is the set of some names.
func element(names string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[name] = true
	}
	return set
}

// partKinds are all parts of a workbook of plain data. What is not named here
// is not let in: what it can do would have to be known first.
var partKinds = []partKind{ //nolint:gochecknoglobals // a table, never written
	{regexp.MustCompile(`\A\[Content_Types\]\.xml\z`), element("Types Default Override"), (*walker).contentType},
	{regexp.MustCompile(`\A(_rels/\.rels|xl/_rels/workbook\.xml\.rels|xl/worksheets/_rels/sheet[0-9]{1,4}\.xml\.rels)\z`), element("Relationships Relationship"), (*walker).relation},
	{regexp.MustCompile(`\AdocProps/(app|core)\.xml\z`), nil, nil},
	{regexp.MustCompile(`\Axl/workbook\.xml\z`), element("workbook fileVersion workbookPr bookViews workbookView sheets sheet definedNames definedName calcPr"), (*walker).definedName},
	{regexp.MustCompile(`\Axl/worksheets/sheet[0-9]{1,4}\.xml\z`), element(`worksheet sheetPr tabColor outlinePr pageSetUpPr dimension sheetViews sheetView
		pane selection sheetFormatPr cols col sheetData row c f v is t r rPr b i u sz color rFont family charset scheme vertAlign phoneticPr autoFilter filterColumn
		filters filter mergeCells mergeCell printOptions pageMargins pageSetup headerFooter oddHeader oddFooter ignoredErrors ignoredError tableParts tablePart`), (*walker).formula},
	{regexp.MustCompile(`\Axl/tables/table[0-9]{1,4}\.xml\z`), element("table autoFilter tableColumns tableColumn tableStyleInfo"), nil},
	{regexp.MustCompile(`\Axl/(styles|sharedStrings|theme/theme[0-9]{1,2})\.xml\z`), nil, nil},
}

func kindOfPart(name string) *partKind {
	for i := range partKinds {
		if partKinds[i].name.MatchString(name) {
			return &partKinds[i]
		}
	}
	return nil
}

// unwantedKinds name what others put into workbooks, as it is called in names of
// parts, kinds of content and kinds of relations.
var unwantedKinds = []struct { //nolint:gochecknoglobals // a table, never written
	words *regexp.Regexp
	code  Code
}{
	{regexp.MustCompile(`(?i)vba|macro|customui|dialogsheet`), Macro},
	{regexp.MustCompile(`(?i)external|connection|querytable|ddelink|attachedtemplate|webextension|xmlmaps|hyperlink|powerquery|datamodel`), External},
	{regexp.MustCompile(`(?i)activex|ctrlprops|control`), ActiveContent},
	{regexp.MustCompile(`(?i)embed|ole|package/2006/relationships/package|\.bin\z|\.exe\z`), Attachment},
}

// unwanted is the code for something that is not let in.
func unwanted(name string) Code {
	for _, u := range unwantedKinds {
		if u.words.MatchString(name) {
			return u.code
		}
	}
	return Part
}

// walker goes through the parts of one workbook.
type walker struct {
	names    map[string]bool
	current  string // the part
	workbook bool   // declared as one
}

// maxDepth of elements in elements.
const maxDepth = 64

func (w *walker) part(f *zip.File, budget *int64) *refusal {
	r, err := f.Open()
	if err != nil {
		return &refusal{Malformed, err.Error()}
	}
	defer r.Close()
	w.current = f.Name
	kind := kindOfPart(f.Name)
	m := &measured{r: r, packed: int64(f.CompressedSize64), budget: budget}
	refused := w.walk(xml.NewDecoder(m), kind)
	if refused != nil {
		return refused
	}
	if _, err := io.Copy(io.Discard, m); err != nil { // the checksum stands at the end
		return xmlRefusal(err)
	}
	return nil
}

func xmlRefusal(err error) *refusal {
	if errors.Is(err, errBomb) {
		return &refusal{Bomb, err.Error()}
	}
	return &refusal{Malformed, err.Error()}
}

// walk reads the XML of a part: one element of known ones, no declarations of
// types, no instructions.
func (w *walker) walk(d *xml.Decoder, kind *partKind) *refusal {
	text := strings.Builder{} // of a formula
	for depth, roots, inFormula := 0, 0, false; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && roots == 1 {
			return nil
		}
		if err != nil {
			return xmlRefusal(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return &refusal{Doctype, fmt.Sprintf("<!%.60s", token)}
		case xml.ProcInst:
			if token.Target != "xml" || depth+roots > 0 {
				return &refusal{Malformed, "an instruction <?" + token.Target}
			}
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; depth > maxDepth || roots > 1 {
				return &refusal{Malformed, fmt.Sprintf("element %s at depth %d, root %d", token.Name.Local, depth, roots)}
			}
			if inFormula {
				return &refusal{Formula, "an element inside a formula: " + token.Name.Local}
			}
			if refused := w.element(token, kind); refused != nil {
				return refused
			}
			if inFormula = isFormula(token.Name.Local); inFormula {
				text.Reset()
			}
		case xml.CharData:
			if depth == 0 && strings.TrimSpace(string(token)) != "" {
				return &refusal{Malformed, "text outside of its element"}
			}
			if inFormula && text.Len() <= maxFormula {
				text.Write(token)
			}
		case xml.EndElement:
			depth--
			if inFormula && kind.see != nil && !harmless(token.Name.Local, text.String()) {
				return &refusal{Formula, fmt.Sprintf("%.200q", text.String())}
			}
			inFormula = false
		}
	}
}

func (w *walker) element(e xml.StartElement, kind *partKind) *refusal {
	if kind.elements != nil && !kind.elements[e.Name.Local] {
		return &refusal{unwanted(e.Name.Local), "element " + e.Name.Local}
	}
	if kind.see != nil {
		return kind.see(w, e)
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}

// goodTypes are the kinds of content a part may be declared as.
var goodTypes = regexp.MustCompile(`\A(application/xml|application/vnd\.openxmlformats-(package\.(relationships|core-properties)|officedocument\.(extended-properties|theme|spreadsheetml\.(sheet\.main|worksheet|styles|sharedStrings|table)))\+xml)\z`)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

func (w *walker) contentType(e xml.StartElement) *refusal {
	if e.Name.Local == "Types" {
		return nil
	}
	kind := attribute(e, "ContentType")
	if !goodTypes.MatchString(kind) {
		return &refusal{unwanted(kind), fmt.Sprintf("content of the kind %.200q", kind)}
	}
	if kind == workbookType && e.Name.Local == "Override" && attribute(e, "PartName") == "/"+workbookPart {
		w.workbook = true
	}
	return nil
}

// goodRelations are the kinds of relations between parts; their names come at
// the end of an address, of which there are several.
var goodRelations = regexp.MustCompile(`\Ahttps?://[a-z.]+/[A-Za-z0-9/]*/(officeDocument|core-properties|extended-properties|extendedProperties|worksheet|styles|sharedStrings|theme|table)\z`)

// relation leads from part to part of this file and nowhere else.
func (w *walker) relation(e xml.StartElement) *refusal {
	if e.Name.Local != "Relationship" {
		return nil
	}
	kind, target, mode := attribute(e, "Type"), attribute(e, "Target"), attribute(e, "TargetMode")
	if mode != "" && !strings.EqualFold(mode, "Internal") {
		return &refusal{External, fmt.Sprintf("leads out of the file: %.200q", target)}
	}
	if !goodRelations.MatchString(kind) {
		return &refusal{unwanted(kind), fmt.Sprintf("a relation of the kind %.200q", kind)}
	}
	base := path.Dir(path.Dir(w.current)) // of xl/_rels/workbook.xml.rels: xl
	full := path.Join(base, target)
	if path.IsAbs(target) {
		full = strings.TrimPrefix(path.Clean(target), "/")
	}
	if !w.names[full] || strings.ContainsAny(target, `:\%`) {
		return &refusal{External, fmt.Sprintf("leads to no part of the file: %.200q", target)}
	}
	return nil
}
