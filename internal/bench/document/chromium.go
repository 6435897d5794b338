package document

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"peyk/internal/bench/machine"
)

// ErrNoChromium says there is none to compare with.
var ErrNoChromium = errors.New("Chromium is not installed (Debian: apt-get install chromium)")

// Chromium is one that runs and keeps a tab open. It is driven over its pipe of
// debugging messages (https://chromedevtools.github.io/devtools-protocol).
type Chromium struct {
	Version string
	Cold    time.Duration // from its start to the open tab

	cmd     *exec.Cmd
	to      *os.File
	from    *bufio.Reader
	pipe    *os.File
	dir     string
	last    int
	session string
	frame   string
}

// StartChromium starts the one that is installed.
func StartChromium(ctx context.Context) (*Chromium, error) {
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chromium-headless-shell", "chrome-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		return nil, ErrNoChromium
	}
	began := time.Now()
	c := &Chromium{}
	err := c.start(ctx, program)
	if err == nil {
		err = c.open()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", program, err), c.Close())
	}
	c.Cold = time.Since(began)
	return c, nil
}

// start the program. It reads orders from its file 3 and answers on 4. The
// sandbox is left out, for it does not work under root, and costs time.
func (c *Chromium) start(ctx context.Context, program string) (err error) {
	if c.dir, err = os.MkdirTemp("", "peyk-chromium-"); err != nil {
		return err
	}
	orders, to, err := os.Pipe()
	if err != nil {
		return err
	}
	defer orders.Close()
	c.to = to
	from, answers, err := os.Pipe()
	if err != nil {
		return err
	}
	defer answers.Close()
	c.pipe, c.from = from, bufio.NewReaderSize(from, 1<<20)
	cmd := exec.CommandContext(ctx, program, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-extensions", "--disable-background-networking", "--disable-sync", "--disable-breakpad", "--user-data-dir="+c.dir)
	cmd.ExtraFiles = []*os.File{orders, answers}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd = cmd
	return nil
}

// open a tab and attach to it.
func (c *Chromium) open() error {
	var version struct {
		Product string `json:"product"`
	}
	if err := c.call("Browser.getVersion", nil, &version); err != nil {
		return err
	}
	c.Version = strings.Replace(version.Product, "/", " ", 1)
	var target struct {
		ID string `json:"targetId"`
	}
	if err := c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return err
	}
	var attached struct {
		Session string `json:"sessionId"`
	}
	if err := c.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached); err != nil {
		return err
	}
	c.session = attached.Session
	var tree struct {
		Tree struct {
			Frame struct {
				ID string `json:"id"`
			} `json:"frame"`
		} `json:"frameTree"`
	}
	err := c.call("Page.getFrameTree", nil, &tree)
	c.frame = tree.Tree.Frame.ID
	return err
}

// PDF prints a page.
func (c *Chromium) PDF(html string) ([]byte, error) {
	if err := c.call("Page.setDocumentContent", map[string]any{"frameId": c.frame, "html": html}, nil); err != nil {
		return nil, err
	}
	var fonts struct {
		Result struct {
			Value float64 `json:"value"`
		} `json:"result"`
	}
	// The faces are loaded when the layout asks for them.
	const ready = "document.body.offsetHeight; document.fonts.ready.then(all => [...all].filter(f => f.status == 'loaded').length)"
	if err := c.call("Runtime.evaluate", map[string]any{"expression": ready, "awaitPromise": true}, &fonts); err != nil {
		return nil, err
	}
	if fonts.Result.Value < 2 {
		return nil, fmt.Errorf("Chromium took %.0f of the faces only", fonts.Result.Value)
	}
	var printed struct {
		Data string `json:"data"`
	}
	options := map[string]any{"preferCSSPageSize": true, "printBackground": true, "generateTaggedPDF": false, "generateDocumentOutline": false}
	if err := c.call("Page.printToPDF", options, &printed); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(printed.Data)
}

// call one method and wait for its answer.
func (c *Chromium) call(method string, params, into any) error {
	c.last++
	order, err := json.Marshal(struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId,omitempty"`
		Method  string `json:"method"`
		Params  any    `json:"params,omitempty"`
	}{c.last, c.session, method, params})
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if _, err := c.to.Write(append(order, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		raw, err := c.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: Chromium says no more: %w", method, err)
		}
		var answer struct {
			ID     int `json:"id"`
			Error  *struct{ Message string }
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(raw[:len(raw)-1], &answer); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.ID != c.last: // something that happened
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", method, answer.Error.Message)
		case into == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, into)
		}
	}
}

// usage sums up all its processes: their CPU time and the most memory each has
// had. What one has taken that ends meanwhile is left out.
func (c *Chromium) usage() (machine.Usage, error) {
	all, err := machine.Tree(c.cmd.Process.Pid)
	if err != nil {
		return machine.Usage{}, err
	}
	var sum machine.Usage
	for _, p := range all {
		u, err := machine.UsageOf(p.PID)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return sum, err
		}
		sum.CPU, sum.RSS, sum.MaxRSS = sum.CPU+u.CPU, sum.RSS+u.RSS, sum.MaxRSS+u.MaxRSS
	}
	return sum, nil
}

// Close ends it with all its processes.
func (c *Chromium) Close() error {
	if c.cmd != nil {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = c.cmd.Wait()                                      // killed, as it should
	}
	for _, f := range []*os.File{c.to, c.pipe} {
		if f != nil {
			f.Close()
		}
	}
	if c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}
