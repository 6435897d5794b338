package document

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// sfnt is one table of a TrueType file.
type sfnt struct {
	tag  string
	data []byte
}

// forBrowsers adds the two tables a browser refuses to be without and a PDF
// does not need: OS/2, of which only the version counts, and name, empty.
func forBrowsers(compressed []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	font, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	tables, err := tablesOf(font)
	if err != nil {
		return nil, err
	}
	os2 := make([]byte, 78)
	binary.BigEndian.PutUint16(os2[4:], 400)     // usWeightClass
	binary.BigEndian.PutUint16(os2[6:], 5)       // usWidthClass: as wide as usual
	binary.BigEndian.PutUint16(os2[64:], ' ')    // usFirstCharIndex
	binary.BigEndian.PutUint16(os2[66:], 0xffff) // usLastCharIndex
	tables = append(tables, sfnt{"OS/2", os2}, sfnt{"name", []byte{0, 0, 0, 0, 0, 6}})
	slices.SortFunc(tables, func(a, b sfnt) int { return cmp.Compare(a.tag, b.tag) })
	return join(tables), nil
}

func tablesOf(font []byte) ([]sfnt, error) {
	if len(font) < 12 {
		return nil, errors.New("no TrueType font")
	}
	var all []sfnt
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		at := 12 + 16*i
		if at+16 > len(font) {
			return nil, errors.New("the font's directory is cut short")
		}
		entry := font[at:]
		from, size := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if from+size > uint64(len(font)) {
			return nil, errors.New("a table of the font is cut short")
		}
		all = append(all, sfnt{string(entry[:4]), font[from : from+size]})
	}
	return all, nil
}

// join writes a font file of tables, sorted by their tags (OpenType, "Table
// directory").
func join(tables []sfnt) []byte {
	n := len(tables)
	power := 1
	for power*2 <= n {
		power *= 2
	}
	log := 0
	for 1<<(log+1) <= n {
		log++
	}
	head := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 * power, log, 16*n - 16*power} {
		head = binary.BigEndian.AppendUint16(head, uint16(v))
	}
	var body []byte
	for _, t := range tables {
		padded := append(slices.Clone(t.data), make([]byte, (4-len(t.data)%4)%4)...)
		sum := uint32(0)
		for i := 0; i < len(padded); i += 4 {
			sum += binary.BigEndian.Uint32(padded[i:])
		}
		head = append(head, t.tag...)
		for _, v := range []int{int(sum), 12 + 16*n + len(body), len(t.data)} {
			head = binary.BigEndian.AppendUint32(head, uint32(v))
		}
		body = append(body, padded...)
	}
	return append(head, body...)
}
