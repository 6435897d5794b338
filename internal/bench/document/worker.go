package document

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"peyk/internal/bench/machine"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/sheet"
)

// Kind names what is made.
type Kind string

// The kinds.
const (
	ChartPDF Kind = "chart-pdf" // 50 rows and a chart
	LongPDF  Kind = "long-pdf"  // 10,000 rows of 6 columns
	Workbook Kind = "workbook"  // 100,000 rows of 8 columns
	Million  Kind = "million"   // 1,000,000 rows of PostgreSQL, joined with a second source
)

const (
	longRows = 10_000
	bookRows = 100_000
)

// made is what some documents cost, one after the other.
type made struct {
	Wall  time.Duration
	CPU   time.Duration
	Bytes int // of the last one
	Pages int
	Rows  int
	Peak  int64 // most memory the process has had so far, in bytes
	Rest  int64 // what it had before the first
}

// Work makes documents of a kind: for each number that comes in, so many of
// them, and answers with what they cost. The input's end is the work's.
func Work(ctx context.Context, k Kind, database string, in io.Reader, out io.Writer) (err error) {
	rest, err := machine.UsageOf(os.Getpid())
	if err != nil {
		return err
	}
	make, done, err := maker(ctx, k, database)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", k, err)
	}
	defer func() { err = errors.Join(err, done()) }()
	answers, orders := json.NewEncoder(out), json.NewDecoder(in)
	for {
		var n int
		if err := orders.Decode(&n); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
		m, err := several(n, make)
		if err != nil {
			return fmt.Errorf("make %s: %w", k, err)
		}
		m.Rest = rest.RSS
		if err := answers.Encode(m); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// several documents, one after the other; what they cost on average.
func several(n int, make func() (made, error)) (m made, err error) {
	cpu, began := cpuTime(), time.Now()
	for range n {
		if m, err = make(); err != nil {
			return m, err
		}
	}
	m.Wall, m.CPU = time.Since(began)/time.Duration(n), (cpuTime()-cpu)/time.Duration(n)
	u, err := machine.UsageOf(os.Getpid())
	m.Peak = u.MaxRSS
	return m, err
}

// cpuTime of this process, exact to the microsecond.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // there is no such error for oneself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// maker prepares one kind: its content is there, its writer loaded.
func maker(ctx context.Context, k Kind, database string) (make func() (made, error), done func() error, err error) {
	nothing := func() error { return nil }
	switch k {
	case ChartPDF:
		make, err = pdf(Games())
	case LongPDF:
		make, err = pdf(Sales(longRows))
	case Workbook:
		make, err = workbook()
	case Million:
		return million(ctx, database)
	default:
		err = fmt.Errorf("there is no kind %q", k)
	}
	return make, nothing, err
}

func pdf(d render.Document) (func() (made, error), error) {
	r, err := render.New()
	if err != nil {
		return nil, err
	}
	return func() (made, error) {
		p, err := r.PDF(d)
		return made{Bytes: len(p.Bytes), Pages: p.Pages}, err
	}, nil
}

func workbook() (func() (made, error), error) {
	book, err := Book(bookRows)
	if err != nil {
		return nil, err
	}
	return func() (made, error) {
		size := counter(0)
		err := sheet.XLSX(&size, book)
		return made{Bytes: int(size)}, err
	}, nil
}

// counter takes bytes and forgets them.
type counter int

// Write is the io.Writer's.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// worker is a process that works.
type worker struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Reader
}

// startWorker runs the command, which is to call Work.
func startWorker(ctx context.Context, command []string) (*worker, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %q: %w", command, err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %q: %w", command, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %q: %w", command, err)
	}
	return &worker{cmd: cmd, orders: orders, answers: bufio.NewReader(answers)}, nil
}

// make so many documents.
func (w *worker) make(n int) (m made, err error) {
	if _, err := fmt.Fprintln(w.orders, n); err != nil {
		return m, fmt.Errorf("order %d documents: %w", n, err)
	}
	line, err := w.answers.ReadBytes('\n')
	if err != nil {
		return m, fmt.Errorf("wait for %d documents: %w", n, err)
	}
	return m, json.Unmarshal(line, &m)
}

// close lets it end.
func (w *worker) close() error {
	return errors.Join(w.orders.Close(), w.cmd.Wait())
}
