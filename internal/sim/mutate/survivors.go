package main

import (
	"fmt"
	"os"
	"strings"
)

// reasons reads survivors.txt: a mutant's name, a tab, and why no test catches
// it. Lines that begin with # are comments.
func reasons(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the reasons: %w", err)
	}
	out := map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, why, ok := strings.Cut(line, "\t")
		if !ok || strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("%s:%d: want a name, a tab and a reason", path, i+1)
		}
		if out[name] != "" {
			return nil, fmt.Errorf("%s:%d: %s is listed twice", path, i+1, name)
		}
		out[name] = why
	}
	return out, nil
}
