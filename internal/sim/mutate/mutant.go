package main

import (
	"fmt"
	"regexp"
	"strings"
)

// The kinds of mutants.
const (
	boundary = "boundary" // < becomes <=, and so on
	negation = "negation" // a comparison or a condition becomes its contrary
	operand  = "operand"  // an operand of && or || is dropped
	noError  = "error"    // a returned error becomes nil
)

// mutant is one change of the code.
type mutant struct {
	number int    // in the binary: what PEYK_MUTANT selects
	file   string // package label and file
	fn     string // the function or method it is in
	kind   string
	text   string // the expression that is changed
	after  string // what it becomes
	copy   int    // 2 for the second of its kind and text in the function
	line   int    // for people: it is no part of the name
}

// name identifies a mutant as long as its function has this expression.
func (m mutant) name() string {
	n := fmt.Sprintf("%s %s %s %s", m.file, m.fn, m.kind, m.text)
	if m.copy > 1 {
		n += fmt.Sprintf(" #%d", m.copy)
	}
	return n
}

// label is the package the mutant is in.
func (m mutant) label() string { return m.file[:strings.LastIndexByte(m.file, '/')] }

// oneLine joins the lines of an expression.
func oneLine(text string) string {
	return regexp.MustCompile(`\s+`).ReplaceAllString(strings.TrimSpace(text), " ")
}

// short cuts a long expression off.
func short(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// numbered gives the mutants their numbers and tells equal ones of a function
// apart. It returns the number of the last.
func numbered(all []*mutant, last int) int {
	seen := map[string]int{}
	for _, m := range all {
		last++
		m.number = last
		seen[m.name()]++
		if n := seen[m.name()]; n > 1 {
			m.copy = n
		}
	}
	return last
}
