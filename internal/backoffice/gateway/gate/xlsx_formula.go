package gate

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
)

// maxFormula is how long a formula may be, in bytes; Excel's own limit.
const maxFormula = 8_192

// Patterns of what may be reckoned: sums, averages and weighted averages over
// cells of the same sheet, and quotients of those.
const (
	cellName = `\$?[A-Z]{1,3}\$?[0-9]{1,7}`
	area     = cellName + `(:` + cellName + `)?`
	areas    = area + `(,` + area + `)*`
	function = `((SUM|AVERAGE|SUMPRODUCT)\(` + areas + `\)|SUBTOTAL\((10)?[1-9],` + areas + `\))`
)

var (
	goodFormula = regexp.MustCompile(`\A` + function + `(/` + function + `)?\z`)
	goodName    = regexp.MustCompile(`\A_xlnm\.(_FilterDatabase|Print_Area|Print_Titles)\z`)
	goodPlace   = regexp.MustCompile(`\A('([^'\[\]|]|'')*'|[\pL\pN_.]+)!\$[A-Z]{0,3}\$?[0-9]{0,7}(:\$[A-Z]{0,3}\$?[0-9]{0,7})?\z`)
)

// isFormula tells whether the text of an element is one.
func isFormula(name string) bool { return name == "f" || name == "definedName" }

func harmless(name, text string) bool {
	if len(text) > maxFormula {
		return false
	}
	if name == "definedName" {
		return goodPlace.MatchString(text)
	}
	return goodFormula.MatchString(text)
}

// formula allows a cell one of its own: none that others share, and no array or
// table of data, whose text stands elsewhere.
func (w *walker) formula(e xml.StartElement) *refusal {
	if e.Name.Local == "f" && len(e.Attr) > 0 {
		return &refusal{Formula, fmt.Sprintf("a formula with %s", e.Attr[0].Name.Local)}
	}
	if e.Name.Local == "sheetPr" && slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "codeName" }) {
		return &refusal{Macro, "a sheet with a name for code"}
	}
	return nil
}

// definedName allows those of filters and printing only.
func (w *walker) definedName(e xml.StartElement) *refusal {
	switch e.Name.Local {
	case "definedName":
		name := attribute(e, "name")
		if !goodName.MatchString(name) || attribute(e, "function") != "" || attribute(e, "vbProcedure") != "" || attribute(e, "xlm") != "" {
			return &refusal{Formula, fmt.Sprintf("the defined name %.60q", name)}
		}
	case "workbookPr":
		if attribute(e, "codeName") != "" {
			return &refusal{Macro, "a workbook with a name for code"}
		}
	}
	return nil
}
