package gate

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// What a workbook of plain data needs at most.
const (
	maxParts = 1_000
	maxRatio = 250     // unpacked to packed; a sheet of rows has some ten
	fewBytes = 1 << 20 // below it no ratio is looked at
)

// checkXLSX lets a workbook through that is plain data: a zip file without gaps
// whose parts are known ones (ECMA-376), each of them XML that does nothing.
func (c *checker) checkXLSX(doc []byte) *refusal {
	if int64(len(doc)) > c.limits.Bytes {
		return &refusal{TooMuch, fmt.Sprintf("%d bytes, at most %d", len(doc), c.limits.Bytes)}
	}
	if bytes.HasPrefix(doc, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return &refusal{Encrypted, "a compound file: an encrypted workbook or one of an old kind"}
	}
	if !bytes.HasPrefix(doc, []byte(localHeader)) {
		return &refusal{NotXLSX, fmt.Sprintf("begins with %.32q", doc)}
	}
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		return &refusal{Malformed, err.Error()}
	}
	if len(z.File) > maxParts {
		return &refusal{TooMuch, fmt.Sprintf("%d parts, at most %d", len(z.File), maxParts)}
	}
	if refused := checkNames(z.File); refused != nil {
		return refused
	}
	if refused := checkLayout(doc, z.File); refused != nil {
		return refused
	}
	return c.checkParts(z.File)
}

// The marks of a zip file (APPNOTE, 4.3).
const (
	localHeader = "PK\x03\x04"
	descriptor  = "PK\x07\x08"
	directory   = "PK\x01\x02"
	ending4     = "PK\x05\x06"
	localSize   = 30
	endingSize  = 22
)

// checkLayout holds the file to what its directory says: each entry behind the
// last, with the same name in both places, and nothing between them, before
// them or behind them. A reader that goes by the one sees what one that goes by
// the other sees.
func checkLayout(doc []byte, files []*zip.File) *refusal {
	files = slices.Clone(files)
	offsets := make(map[*zip.File]int64, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil || at > int64(len(doc)) {
			return &refusal{Malformed, fmt.Sprintf("part %q: %v", f.Name, err)}
		}
		offsets[f] = at
	}
	slices.SortFunc(files, func(a, b *zip.File) int { return int(offsets[a] - offsets[b]) })
	at := int64(0)
	for _, f := range files {
		if refused := checkLocal(doc, f, at, offsets[f]); refused != nil {
			return refused
		}
		at = offsets[f] + int64(f.CompressedSize64)
		if f.Flags&0x8 != 0 { // sizes stand behind the data
			if at += 12; bytes.HasPrefix(doc[min(at-12, int64(len(doc))):], []byte(descriptor)) {
				at += 4
			}
		}
	}
	end := int64(len(doc) - endingSize)
	if at < 0 || at > end || !bytes.HasPrefix(doc[at:], []byte(directory)) || !bytes.HasPrefix(doc[end:], []byte(ending4)) ||
		int64(binary.LittleEndian.Uint32(doc[end+16:])) != at || at+int64(binary.LittleEndian.Uint32(doc[end+12:])) != end ||
		binary.LittleEndian.Uint16(doc[end+20:]) != 0 {
		return &refusal{Malformed, "the zip file holds more than its parts"}
	}
	return nil
}

// checkLocal holds the header before the data to the one in the directory.
func checkLocal(doc []byte, f *zip.File, at, data int64) *refusal {
	if f.Flags&0x1 != 0 {
		return &refusal{Encrypted, fmt.Sprintf("part %q", f.Name)}
	}
	name := int64(len(f.Name))
	if at < 0 || at+localSize+name > data || f.CompressedSize64 > uint64(len(doc)) ||
		!bytes.HasPrefix(doc[at:], []byte(localHeader)) ||
		at+localSize+name+int64(binary.LittleEndian.Uint16(doc[at+28:])) != data ||
		string(doc[at+localSize:at+localSize+name]) != f.Name ||
		binary.LittleEndian.Uint16(doc[at+8:]) != f.Method {
		return &refusal{Malformed, fmt.Sprintf("part %q does not stand where the directory says", f.Name)}
	}
	if f.Method != zip.Deflate && f.Method != zip.Store {
		return &refusal{Malformed, fmt.Sprintf("part %q is packed by method %d", f.Name, f.Method)}
	}
	return nil
}

// checkNames refuses names that lead out of the file or stand for two parts,
// then parts that no plain table has.
func checkNames(files []*zip.File) *refusal {
	seen := map[string]bool{}
	for _, f := range files {
		low := strings.ToLower(f.Name)
		if seen[low] || f.Name == "" || strings.ContainsAny(f.Name, "\\:") || strings.ContainsFunc(f.Name, hidden) ||
			slices.ContainsFunc(strings.Split(f.Name, "/"), func(s string) bool { return s == "" || s == "." || s == ".." }) {
			return &refusal{PartName, fmt.Sprintf("part %.200q", f.Name)}
		}
		seen[low] = true
		if kindOfPart(f.Name) == nil {
			return &refusal{unwanted(f.Name), fmt.Sprintf("part %.200q", f.Name)}
		}
	}
	for _, needed := range []string{typesPart, rootRelations, workbookPart} {
		if !seen[strings.ToLower(needed)] {
			return &refusal{NotXLSX, "no part " + needed}
		}
	}
	return nil
}

// checkParts reads every part, within the budget of the whole document.
func (c *checker) checkParts(files []*zip.File) *refusal {
	w := &walker{names: map[string]bool{}}
	for _, f := range files {
		w.names[f.Name] = true
	}
	budget := c.limits.Unpacked
	for _, f := range files {
		if refused := w.part(f, &budget); refused != nil {
			refused.Detail = fmt.Sprintf("part %s: %s", f.Name, refused.Detail)
			return refused
		}
	}
	if !w.workbook {
		return &refusal{NotXLSX, "the workbook is declared as something else"}
	}
	return nil
}

// errBomb says that a part unpacks to too much.
var errBomb = errors.New("unpacks to too much")

// measured reads a part and counts it.
type measured struct {
	r      io.Reader
	packed int64
	read   int64
	budget *int64
}

// Read is the io.Reader's.
func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read += int64(n)
	if *m.budget -= int64(n); *m.budget < 0 || m.read > fewBytes && m.read > maxRatio*m.packed {
		return 0, errBomb
	}
	return n, err
}
