package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// makeParent makes the folders that lead to a file a command is to write.
func makeParent(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", path, err)
	}
	return nil
}
