package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"peyk/internal/config"
)

// settings is the flag that names the file of settings.
type settings struct {
	Config kong.ConfigFlag `help:"File of settings: the flags' names without dashes, as YAML." placeholder:"FILE" type:"existingfile" env:"-"`
}

// fileSettings gives flags what a file of settings says of them. The command
// line comes first, then the environment, then the file.
type fileSettings struct {
	name    string
	content []byte
	file    *config.File // nil: not parsed yet
}

// loadSettings is a kong.ConfigurationLoader.
func loadSettings(r io.Reader) (kong.Resolver, error) {
	name := "the file of settings"
	if f, ok := r.(*os.File); ok {
		name = f.Name()
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &fileSettings{name: name, content: content}, nil
}

// Validate does nothing: the file is checked before the first flag is resolved.
func (*fileSettings) Validate(*kong.Application) error { return nil }

// Resolve leaves alone what the environment says.
func (s *fileSettings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if s.file == nil {
		f, err := config.Parse(s.name, s.content, flagNames(ctx.Model.Node))
		if err != nil {
			return nil, err
		}
		s.file = &f
	}
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	if value, there := s.file.Lookup(flag.Name); there {
		return value, nil
	}
	return nil, nil
}

// flagNames are those of every command: a key of the file is one of them.
func flagNames(n *kong.Node) (names []string) {
	for _, f := range n.Flags {
		if f.Name != "help" && f.Name != "config" {
			names = append(names, f.Name)
		}
	}
	for _, child := range n.Children {
		names = append(names, flagNames(child)...)
	}
	return names
}
