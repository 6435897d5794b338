package gather

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/report"
)

// readFile hands on the lines of a CSV file. It is of the moment it was last
// changed.
func (p *Places) readFile(s definition.Source, to *reader) (asOf time.Time, err error) {
	f, err := p.find(s)
	if err != nil {
		return time.Time{}, failed(s.Name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, failed(s.Name, err)
	}
	if !info.Mode().IsRegular() {
		return time.Time{}, failed(s.Name, fmt.Errorf("%s is not a file", s.File))
	}
	return info.ModTime(), readCSV(f, s, to)
}

// find opens the file in the folder the source names, else in the first, in
// the order of their names, that has it.
func (p *Places) find(s definition.Source) (*os.File, error) {
	folders := slices.Sorted(maps.Keys(p.folders))
	if s.Folder != "" {
		folders = []string{s.Folder}
	}
	err := fmt.Errorf("open %s: %w", s.File, fs.ErrNotExist)
	for _, name := range folders {
		root, ok := p.folders[name]
		if !ok {
			return nil, fmt.Errorf("open %s: no folder %q", s.File, name)
		}
		var f *os.File
		if f, err = root.Open(s.File); err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, err
}

const byteOrderMark = "\ufeff"

func readCSV(from io.Reader, s definition.Source, to *reader) error {
	buffered := bufio.NewReader(from)
	if head, err := buffered.Peek(len(byteOrderMark)); err == nil && string(head) == byteOrderMark {
		if _, err := buffered.Discard(len(byteOrderMark)); err != nil {
			return failed(s.Name, err)
		}
	}
	lines := csv.NewReader(buffered)
	lines.ReuseRecord = true
	head, err := record(lines, s)
	if errors.Is(err, io.EOF) {
		return malformed(s, 1, "the file is empty; its first line names the columns")
	}
	if err != nil {
		return err
	}
	if err := to.begin(textColumns(head)); err != nil {
		return err
	}
	row := make([]any, len(head))
	for {
		fields, err := record(lines, s)
		if errors.Is(err, io.EOF) {
			return to.end()
		}
		if err != nil {
			return err
		}
		for i, field := range fields {
			row[i] = field
		}
		if err := to.add(row); err != nil {
			return err
		}
	}
}

// record is the next line, or io.EOF, or a *report.Error.
func record(lines *csv.Reader, s definition.Source) ([]string, error) {
	fields, err := lines.Read()
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, csv.ErrFieldCount):
		line, _ := lines.FieldPos(0)
		return nil, malformed(s, line, fmt.Sprintf("%d fields where the first line names %d", len(fields), lines.FieldsPerRecord))
	case errors.As(err, &parse):
		return nil, malformed(s, parse.Line, parse.Err.Error())
	case err != nil:
		return nil, failed(s.Name, err)
	}
	for _, f := range fields {
		if !utf8.ValidString(f) {
			line, _ := lines.FieldPos(0)
			return nil, malformed(s, line, "the text is not UTF-8")
		}
	}
	return fields, nil
}

func textColumns(head []string) []column {
	all := make([]column, len(head))
	for i, name := range head {
		all[i] = column{name: name, affinity: "TEXT"}
	}
	return all
}

func malformed(s definition.Source, line int, why string) error {
	return &report.Error{
		Class: report.Permanent, Code: "source-malformed",
		Sentence: fmt.Sprintf("The source %s cannot be read: %s, line %d: %s.", s.Name, s.File, line, why),
	}
}
