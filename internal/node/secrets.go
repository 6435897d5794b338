package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"peyk/internal/backoffice/access"
)

// secrets are made at the first start and lie beside the ledger, readable by
// the owner only.
type secrets struct {
	Service string `json:"service"` // web acts with it for who is signed in
	CLI     string `json:"cli"`     // goes into run.json
}

// loadSecrets finds what the programs present. What was not given is read from
// the data directory, or made.
func (co *Company) loadSecrets() error {
	if !co.runs(Web, Trigger) || co.Service != "" && (co.CLI != "" || !co.runs(Trigger)) {
		return nil
	}
	s, err := readSecrets(co.Dir)
	if err != nil {
		return err
	}
	if co.Service == "" {
		co.Service = s.Service
	}
	if co.CLI == "" {
		co.CLI = s.CLI
	}
	return nil
}

// readSecrets reads the secrets of a data directory, or makes them.
func readSecrets(dir string) (secrets, error) {
	path := filepath.Join(dir, "secrets.json")
	var s secrets
	raw, err := os.ReadFile(path)
	if err == nil {
		if err := json.Unmarshal(raw, &s); err != nil {
			return s, fmt.Errorf("read %s: %w", path, err)
		}
		return s, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("read the secrets: %w", err)
	}
	s = secrets{Service: access.NewSecret(), CLI: access.NewSecret()}
	if raw, err = json.Marshal(s); err != nil {
		return s, fmt.Errorf("write down the secrets: %w", err)
	}
	return s, writePrivate(path, raw)
}

// SecretFile reads the secret in a file. One that is missing is made, readable
// by the owner only; when two processes make it at once, both get the same.
func SecretFile(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(path); err == nil {
			raw, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" {
		return "", fmt.Errorf("read the secret: %s is empty", path)
	}
	return secret, nil
}

// makeSecret links a whole file into place, which only one can.
func makeSecret(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	mine := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := writePrivate(mine, []byte(access.NewSecret()+"\n")); err != nil {
		return err
	}
	err := os.Link(mine, path)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(mine))
}
