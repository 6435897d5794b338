package gather

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// Estimate says about how many rows the sources of a job would go through,
// from what the databases and files know of themselves: no data is read.
func (p *Places) Estimate(ctx context.Context, job Job) (rows int64, err error) {
	for _, s := range job.Sources {
		n, err := p.estimate(ctx, s, job.Values)
		if err != nil {
			return 0, interrupted(ctx, err)
		}
		rows = plus(rows, n)
	}
	return rows, nil
}

func (p *Places) estimate(ctx context.Context, s definition.Source, values map[query.Placeholder]any) (int64, error) {
	if s.File != "" {
		return p.estimateFile(s)
	}
	db, ok := p.databases[s.Database]
	if !ok {
		return 0, fmt.Errorf("estimate source %s: no database %q", s.Name, s.Database)
	}
	return db.estimate(ctx, s, values)
}

// plus and times stop at the largest number instead of beginning again.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func times(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// sample is how much of a file tells how long its lines are.
const sample = 64 << 10

// estimateFile divides the size of the file by the length of its first lines.
func (p *Places) estimateFile(s definition.Source) (int64, error) {
	f, err := p.find(s)
	if err != nil {
		return 0, failed(s.Name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, failed(s.Name, err)
	}
	head, err := beginning(f)
	if err != nil {
		return 0, failed(s.Name, err)
	}
	lines := int64(strings.Count(head, "\n"))
	if lines == 0 {
		return 0, nil // one line, the names
	}
	length := int64(strings.LastIndexByte(head, '\n') + 1)
	return max(0, info.Size()*lines/length-1), nil
}

func beginning(f *os.File) (string, error) {
	head := make([]byte, sample)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return string(head[:n]), err
}
