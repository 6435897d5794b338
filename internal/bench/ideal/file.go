package ideal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// put writes a file and makes it durable, its name too, and gives its SHA-256.
func put(dir, name string, content []byte) (string, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("put %s: %w", name, err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("put %s: %w", name, err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", fmt.Errorf("put %s: %w", name, err)
	}
	return digest(content), errors.Join(d.Sync(), d.Close())
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
