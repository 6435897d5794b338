package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"peyk/internal/protocol"
)

// printCatalog lists the types with what may be said after -p.
func printCatalog(out output, raw json.RawMessage) error {
	var catalog protocol.Catalog
	if err := json.Unmarshal(raw, &catalog); err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	for _, t := range catalog.Types {
		fmt.Fprintf(out, "%s  %s", t.ID, t.Title.EN)
		if t.Approval != "" && t.Approval != "none" {
			fmt.Fprintf(out, "  (approved by: %s)", t.Approval)
		}
		fmt.Fprintln(out)
		for _, p := range t.Parameters {
			fmt.Fprintf(out, "    -p %s=%s  %s\n", p.Name, hint(p), p.Title.EN)
		}
	}
	return nil
}

// hint says what a value looks like.
func hint(p protocol.Parameter) string {
	switch {
	case len(p.Default) > 0:
		return strings.Trim(string(p.Default), `"`)
	case len(p.Choices) > 0:
		return p.Choices[0].Value
	}
	return string(p.Type)
}
