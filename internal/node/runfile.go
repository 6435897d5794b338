package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Run is what DIR/run.json tells scripts about a running instance. It is there
// while the instance runs, readable by its owner only.
type Run struct {
	URLs      URLs      `json:"urls"`
	PIDs      PIDs      `json:"pids"`
	Token     string    `json:"token"` // for the command line
	ActsAs    string    `json:"acts_as"`
	Admin     string    `json:"admin"` // the account that keeps the accounts
	Demo      bool      `json:"demo"`
	StartedAt time.Time `json:"started_at"`
}

// URLs are where the parts of an instance are reached.
type URLs struct {
	Web      string `json:"web"`
	API      string `json:"api"`
	Mailbox  string `json:"mailbox,omitempty"`
	SMTP     string `json:"smtp,omitempty"` // host:port
	Reader   string `json:"reader"`
	Provider string `json:"provider"`
	Files    string `json:"files"`
}

// PIDs are the processes of an instance.
type PIDs struct {
	Company  int `json:"company"`
	Provider int `json:"provider"`
}

// runFile is where a Run lies.
func runFile(dir string) string { return filepath.Join(dir, "run.json") }

// ReadRun reads the run file of the instance on a data directory.
func ReadRun(dir string) (Run, error) {
	var r Run
	raw, err := os.ReadFile(runFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("nothing runs on %s; start it with: peyk up --data %s", dir, dir)
	}
	if err != nil {
		return r, fmt.Errorf("read the run file: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", runFile(dir), err)
	}
	return r, nil
}

// write replaces the run file whole, readable by its owner only.
func (r Run) write(dir string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the run file: %w", err)
	}
	return writePrivate(runFile(dir), append(raw, '\n'))
}

// writePrivate replaces a file durably: temporary file, fsync, rename, fsync of
// the directory.
func writePrivate(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
