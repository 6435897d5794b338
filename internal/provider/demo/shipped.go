package demo

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed sources.yaml reports/*.yaml
var shipped embed.FS

// shippedFile is one file that is copied as it is; name with slashes.
type shippedFile struct {
	name    string
	content []byte
}

// readShipped gives the files in the order of their names.
func readShipped() ([]shippedFile, error) {
	var all []shippedFile
	err := fs.WalkDir(shipped, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := shipped.ReadFile(name)
		all = append(all, shippedFile{name, b})
		return err
	})
	return all, err
}

func digest(files []shippedFile) string {
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%s %d\n%s", f.name, len(f.content), f.content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func copyShipped(dir string, files []shippedFile) error {
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.name)), f.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
