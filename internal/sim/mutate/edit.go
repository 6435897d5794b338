package main

import (
	"fmt"
	"strconv"
	"strings"
)

func number(m *mutant) string { return strconv.Itoa(m.number) }

// on is the expression that is true if the mutant is selected.
func on(m *mutant) string { return "peykMutant(" + number(m) + ")" }

// edited writes a file with the switches of all its sites, which are sorted by
// where they begin, the outer before the inner.
func edited(text []byte, sites []*site) string {
	var render func(from, to int, within []*site) string
	render = func(from, to int, within []*site) string {
		var out strings.Builder
		for i := 0; i < len(within); {
			s := within[i]
			inner := i + 1
			for inner < len(within) && within[inner].start < s.end {
				inner++
			}
			if s.start >= from && s.end <= to {
				out.Write(text[from:s.start])
				nested := within[i+1 : inner]
				out.WriteString(s.make(func(a, b int) string { return render(a, b, inside(nested, a, b)) }))
				from = s.end
			}
			i = inner
		}
		out.Write(text[from:to])
		return out.String()
	}
	return render(0, len(text), sites)
}

func inside(sites []*site, from, to int) (out []*site) {
	for _, s := range sites {
		if s.start >= from && s.end <= to {
			out = append(out, s)
		}
	}
	return out
}

// helpers is the file beside the edited ones that declares the switches.
type helpers struct {
	name  string // of the package
	extra strings.Builder
	last  int
	todo  []func()
}

// forward declares the switch of a return statement that passes on the n results
// of a call. The number of the mutant is known only later.
func (h *helpers) forward(m *mutant, n int) {
	h.todo = append(h.todo, func() {
		var kinds, params, names []string
		for i := range n - 1 {
			kinds = append(kinds, fmt.Sprintf("T%d any", i))
			params = append(params, fmt.Sprintf("v%d T%d", i, i))
			names = append(names, fmt.Sprintf("v%d", i))
		}
		results := make([]string, n-1)
		for i := range results {
			results[i] = fmt.Sprintf("T%d", i)
		}
		fmt.Fprintf(&h.extra, "\nfunc peykMutantError%d[%s](%s, err error) (%s, error) {\n\treturn %s, peykMutantError(%d, err)\n}\n",
			m.number, strings.Join(kinds, ", "), strings.Join(params, ", "), strings.Join(results, ", "), strings.Join(names, ", "), m.number)
	})
}

// text is the whole file. A mutant counts as reached when its switch is asked:
// that of an error only where there is one.
func (h *helpers) text() string {
	for _, f := range h.todo {
		f()
	}
	h.todo = nil
	return `package ` + h.name + `

import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	peykMutantOn, _    = strconv.Atoi(os.Getenv("PEYK_MUTANT"))
	peykMutantsTo      = os.Getenv("PEYK_MUTANTS_REACHED")
	peykMutantsReached [` + strconv.Itoa(h.last+1) + `]atomic.Bool
)

func peykMutant(n int) bool {
	if peykMutantsTo != "" && !peykMutantsReached[n].Swap(true) {
		f, err := os.OpenFile(peykMutantsTo, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		if _, err := f.WriteString(strconv.Itoa(n) + "\n"); err != nil {
			panic(err)
		}
		f.Close()
	}
	return n == peykMutantOn
}

func peykMutantError(n int, err error) error {
	if err != nil && peykMutant(n) {
		return nil
	}
	return err
}
` + h.extra.String()
}
