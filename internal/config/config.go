// Package config reads the file of settings: the same words as the flags of the
// command line, without their dashes.
//
//	# one file for every node; each takes what is its own
//	ledger: postgres://peyk@db.example/peyk?passfile=/etc/peyk/pgpass
//	queue: [tls://q1.example:4222, tls://q2.example:4222]
//	relay-port: 587
//
// Promise: a key nobody knows is a mistake, told with line, column and the
// nearest key that is known, before anything starts.
//
// Limits: flat keys; a value is a text, a number, true or false, or a list of
// these. What a value must look like is the flag's to say.
//
// Failure: strictyaml.Mistakes, all of a file at once.
package config

import (
	"strings"

	"peyk/internal/strictyaml"
)

// File is a file of settings that was read.
type File struct{ values map[string]string }

// Parse reads a file's content; name is for its mistakes. The keys are those
// there may be.
func Parse(name string, content []byte, keys []string) (File, error) {
	f := File{values: map[string]string{}}
	if len(strings.TrimSpace(string(content))) == 0 {
		return f, nil
	}
	d := strictyaml.Parse(name, content)
	fields := d.Root.Fields(keys...)
	for _, key := range keys {
		if n := fields.Get(key); n.Present() {
			f.values[key] = value(n)
		}
	}
	return f, d.Err()
}

// value is what would stand after the flag: a list's items with commas between.
func value(n strictyaml.Node) string {
	if !n.IsList() {
		return n.Scalar()
	}
	var items []string
	for _, item := range n.Items() {
		items = append(items, strings.ReplaceAll(item.Scalar(), ",", `\,`))
	}
	return strings.Join(items, ",")
}

// Lookup gives the value of a key as it would be typed.
func (f File) Lookup(key string) (value string, there bool) {
	value, there = f.values[key]
	return value, there
}
