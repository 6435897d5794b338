package render

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// deflater compresses the pages of a PDF after the PDF writer is done: that one
// would make a compressor of 1.2 MB for each page, most of the memory and half
// of the time a document cost. Ours is used again, by the next document too.
type deflater struct{ writers sync.Pool }

func (d *deflater) writer() (*zlib.Writer, error) {
	if w, ok := d.writers.Get().(*zlib.Writer); ok {
		return w, nil
	}
	return zlib.NewWriterLevel(nil, zlib.BestSpeed)
}

// pages gives the same PDF with every stream compressed that is not. The bytes
// are those the PDF writer makes when it compresses itself.
func (d *deflater) pages(plain []byte) ([]byte, error) {
	w, err := d.writer()
	if err != nil {
		return nil, err
	}
	defer d.writers.Put(w)
	table, err := readXref(plain)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, len(plain)/3+1<<15))
	var stream bytes.Buffer
	at := make([]int, len(table.offsets))
	done := 0
	for _, n := range table.inOrder() {
		from := table.offsets[n]
		if from < done {
			return nil, errors.New("two objects of the PDF overlap")
		}
		out.Write(plain[done:from])
		at[n], done = out.Len(), from
		content, before, ok := plainStream(plain[from:])
		if !ok {
			continue
		}
		stream.Reset()
		w.Reset(&stream)
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		out.Write(before)
		fmt.Fprintf(out, "<</Filter /FlateDecode /Length %d>>\nstream\n", stream.Len())
		out.Write(stream.Bytes())
		done = from + len(before) + len(lengthOf(len(content))) + len(content)
	}
	out.Write(plain[done:table.at])
	return table.write(out, plain, at), nil
}

// compressing takes a plain PDF in one Write, as the PDF writer gives it, and has
// it compressed: so it is in memory once, not twice.
type compressing struct {
	deflater *deflater
	pdf      []byte
}

// Write is the io.Writer's.
func (c *compressing) Write(plain []byte) (n int, err error) {
	if c.pdf, err = c.deflater.pages(plain); err != nil {
		return 0, fmt.Errorf("compress pages: %w", err)
	}
	return len(plain), nil
}

// lengthOf is what stands before a plain stream of n bytes.
func lengthOf(n int) []byte { return fmt.Appendf(nil, "<</Length %d>>\nstream\n", n) }

// plainStream finds the content of an object that is one stream and no more,
// and what stands before its dictionary.
func plainStream(object []byte) (content, before []byte, ok bool) {
	end := bytes.IndexByte(object, '\n') + 1
	rest, ok := bytes.CutPrefix(object[end:], []byte("<</Length "))
	if !ok {
		return nil, nil, false
	}
	digits, rest, ok := bytes.Cut(rest, []byte(">>\nstream\n"))
	if !ok {
		return nil, nil, false
	}
	n, err := strconv.Atoi(string(digits))
	if err != nil || n > len(rest) {
		return nil, nil, false
	}
	return rest[:n], object[:end], true
}

// xref is where the objects of a PDF are.
type xref struct {
	at, entries int   // where it begins, and where its list of objects does
	offsets     []int // by number; 0 is none
}

var errNoXref = errors.New("the PDF has no table of its objects")

const entry = len("0000000000 00000 n \n")

func readXref(pdf []byte) (xref, error) {
	var x xref
	tail := pdf[max(0, len(pdf)-64):]
	_, last, ok := bytes.Cut(tail, []byte("startxref\n"))
	number, _, _ := bytes.Cut(last, []byte("\n"))
	var err error
	if x.at, err = strconv.Atoi(string(number)); err != nil || !ok || x.at < 0 || x.at >= len(pdf) {
		return x, errNoXref
	}
	rest, ok := bytes.CutPrefix(pdf[x.at:], []byte("xref\n0 "))
	count, _, _ := bytes.Cut(rest, []byte("\n"))
	n, err := strconv.Atoi(string(count))
	x.entries = x.at + len("xref\n0 ") + len(count) + 1
	if err != nil || !ok || n < 1 || n > len(pdf) || x.entries+n*entry > len(pdf) {
		return x, errNoXref
	}
	x.offsets = make([]int, n)
	for i := 1; i < n; i++ {
		from := x.entries + i*entry
		if x.offsets[i], err = strconv.Atoi(string(pdf[from : from+10])); err != nil || x.offsets[i] < 0 || x.offsets[i] > x.at {
			return x, errNoXref
		}
	}
	return x, nil
}

// inOrder are the numbers of the objects as they stand in the file.
func (x xref) inOrder() []int {
	all := make([]int, 0, len(x.offsets))
	for n := 1; n < len(x.offsets); n++ {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b int) int { return x.offsets[a] - x.offsets[b] })
	return all
}

// write the table with the new places, and what stands behind it.
func (x xref) write(out *bytes.Buffer, pdf []byte, at []int) []byte {
	begins := out.Len()
	out.Write(pdf[x.at : x.entries+entry])
	for _, offset := range at[1:] {
		fmt.Fprintf(out, "%010d 00000 n \n", offset)
	}
	trailer := pdf[x.entries+entry*len(at):]
	last := bytes.LastIndex(trailer, []byte("startxref\n"))
	out.Write(trailer[:last])
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", begins)
	return out.Bytes()
}
