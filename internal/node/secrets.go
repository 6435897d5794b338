package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"peyk/internal/backoffice/access"
)

// secrets are made at the first start and lie beside the ledger, readable by
// the owner only.
type secrets struct {
	Service string `json:"service"` // web acts with it for who is signed in
	CLI     string `json:"cli"`     // goes into run.json
}

// loadSecrets reads the secrets of a data directory, or makes them.
func loadSecrets(dir string) (secrets, error) {
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
