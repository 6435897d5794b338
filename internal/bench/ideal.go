package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"peyk/internal/bench/ideal"
	"peyk/internal/bench/machine"
	"peyk/internal/provider/engine/constant"
)

// Ideal is the least program, in two processes of the same binary.
type Ideal struct {
	Binary string
	Dir    string

	company, provider *exec.Cmd
	lifelines         []io.Closer
	url               string
}

// idealToken is what everybody in it knows.
const idealToken = "ideal"

// Name is how results call it.
func (*Ideal) Name() string { return "ideal" }

// Start runs company and provider and makes them known to each other.
func (w *Ideal) Start(ctx context.Context, relay int) (Door, error) {
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		return Door{}, fmt.Errorf("make the directory of the ideal: %w", err)
	}
	var company, provider ideal.Hello
	var err error
	var tell io.WriteCloser
	order := ideal.Order{Dir: filepath.Join(w.Dir, "company"), Token: idealToken, Relay: relay}
	if w.company, tell, err = w.launch(ctx, "company", order, &company); err != nil {
		return Door{}, err
	}
	order = ideal.Order{Dir: filepath.Join(w.Dir, "provider"), Token: idealToken, Document: constant.Page(), Hooks: company.URL + "/hooks"}
	if w.provider, _, err = w.launch(ctx, "provider", order, &provider); err == nil {
		err = json.NewEncoder(tell).Encode(provider)
	}
	if err != nil {
		return Door{}, errors.Join(err, w.Stop(ctx))
	}
	w.url = company.URL
	return Door{API: company.URL + "/api/v1", Token: idealToken, Type: constant.Type}, nil
}

// launch starts one side, gives it its order and hears its hello.
func (w *Ideal) launch(ctx context.Context, side string, order ideal.Order, hello *ideal.Hello) (*exec.Cmd, io.WriteCloser, error) {
	in, tell, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start the ideal %s: %w", side, err)
	}
	defer in.Close()
	w.lifelines = append(w.lifelines, tell)
	cmd, err := launch(ctx, w.Binary, []string{"bench", "ideal", side}, filepath.Join(w.Dir, side+".log"), in, func(out io.Reader) error {
		if err := json.NewEncoder(tell).Encode(order); err != nil {
			return err
		}
		return json.NewDecoder(out).Decode(hello)
	})
	return cmd, tell, err
}

// Processes are the two.
func (w *Ideal) Processes() ([]machine.Process, error) {
	return []machine.Process{{Name: "company", PID: w.company.Process.Pid}, {Name: "provider", PID: w.provider.Process.Pid}}, nil
}

// Stop closes their standard inputs and waits for them.
func (w *Ideal) Stop(ctx context.Context) error {
	var errs []error
	for _, l := range w.lifelines {
		errs = append(errs, l.Close())
	}
	return errors.Join(append(errs, wait(ctx, w.company), wait(ctx, w.provider))...)
}
