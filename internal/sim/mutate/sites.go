package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
)

// site is an expression with its mutants. make writes it with their switches;
// src gives the text of a part of it, with the switches of what is inside.
type site struct {
	start, end int // offsets in the file
	mutants    []*mutant
	make       func(src func(from, to int) string) string
}

// finder collects the sites of a file.
type finder struct {
	t       *target
	f       source
	sites   []*site
	leftOut map[string]int // reason to number
	helpers *helpers
	stack   []ast.Node
}

// find lists what can be changed in a file, and numbers it from last on.
func find(t *target, f source, h *helpers, leftOut map[string]int, last int) (sites []*site, next int) {
	fi := &finder{t: t, f: f, leftOut: leftOut, helpers: h}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if n == nil {
			fi.stack = fi.stack[:len(fi.stack)-1]
			return true
		}
		fi.visit(n)
		fi.stack = append(fi.stack, n)
		return true
	})
	slices.SortFunc(fi.sites, func(a, b *site) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	var all []*mutant
	for _, s := range fi.sites {
		all = append(all, s.mutants...)
	}
	return fi.sites, numbered(all, last)
}

// visit looks at one node; the stack holds what is around it.
func (f *finder) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		switch {
		case opposite(n.Op) != token.ILLEGAL:
			f.comparison(n)
		case isLogic(n):
			f.logic(n)
		}
	case *ast.IfStmt:
		f.condition(n.Cond)
	case *ast.ForStmt:
		f.condition(n.Cond)
	case *ast.SwitchStmt:
		f.cases(n)
	case *ast.ReturnStmt:
		f.returned(n)
	}
}

func (f *finder) cases(n *ast.SwitchStmt) {
	for _, s := range n.Body.List {
		for _, e := range s.(*ast.CaseClause).List {
			if n.Tag != nil {
				f.leftOut["case of a switch with a tag"]++
			} else {
				f.condition(e)
			}
		}
	}
}

// opposite is the operator of the contrary, or ILLEGAL if op compares nothing.
func opposite(op token.Token) token.Token {
	return map[token.Token]token.Token{
		token.EQL: token.NEQ, token.NEQ: token.EQL,
		token.LSS: token.GEQ, token.GEQ: token.LSS,
		token.GTR: token.LEQ, token.LEQ: token.GTR,
	}[op]
}

// moved is the operator that differs from op at equality only.
func moved(op token.Token) token.Token {
	return map[token.Token]token.Token{
		token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	}[op]
}

func isLogic(n ast.Node) bool {
	b, ok := n.(*ast.BinaryExpr)
	return ok && (b.Op == token.LAND || b.Op == token.LOR)
}

// switchable reports whether e is a plain bool that is not known at compile time.
func (f *finder) switchable(e ast.Expr) bool {
	tv := f.t.info.Types[e]
	switch {
	case tv.Value != nil:
		f.leftOut["constant"]++
	case tv.Type == nil || !types.Identical(types.Default(tv.Type), types.Typ[types.Bool]):
		f.leftOut["type other than bool"]++
	default:
		return true
	}
	return false
}

func (f *finder) comparison(n *ast.BinaryExpr) {
	if !f.switchable(n) {
		return
	}
	text := f.text(n)
	s := f.at(n)
	var edge *mutant
	if op := moved(n.Op); op != token.ILLEGAL {
		edge = f.mutant(s, n, boundary, text, f.text(n.X)+" "+op.String()+" "+f.text(n.Y))
	}
	not := f.mutant(s, n, negation, text, f.text(n.X)+" "+opposite(n.Op).String()+" "+f.text(n.Y))
	s.make = func(src func(int, int) string) string {
		x, op, y := src(f.span(n.X)), n.Op.String(), src(f.span(n.Y))
		plain := x + " " + op + " " + y
		if edge != nil {
			plain = on(edge) + " && " + x + " " + moved(n.Op).String() + " " + y + " || !" + on(edge) + " && " + plain
		}
		return "((" + plain + ") != " + on(not) + ")"
	}
}

// logic is a chain of && or of ||: each operand can be dropped, and a whole
// condition can be negated.
func (f *finder) logic(n *ast.BinaryExpr) {
	if parent, ok := f.parent().(*ast.BinaryExpr); ok && parent.Op == n.Op {
		return // part of that chain
	}
	if !f.switchable(n) {
		return
	}
	s := f.at(n)
	operands := chain(n, n.Op)
	dropped := make([]*mutant, len(operands))
	for i, o := range operands {
		dropped[i] = f.mutant(s, o, operand, f.text(o), "dropped from "+f.text(n))
	}
	var not *mutant
	if f.isWhole() {
		not = f.mutant(s, n, negation, f.text(n), "!("+f.text(n)+")")
	}
	s.make = func(src func(int, int) string) string {
		out, at := "(", s.start
		for i, o := range operands {
			from, to := f.span(o)
			out += string(f.f.text[at:from])
			if n.Op == token.LAND {
				out += "(" + on(dropped[i]) + " || " + src(from, to) + ")"
			} else {
				out += "(!" + on(dropped[i]) + " && " + src(from, to) + ")"
			}
			at = to
		}
		out += string(f.f.text[at:s.end]) + ")"
		if not != nil {
			out = "(" + out + " != " + on(not) + ")"
		}
		return out
	}
}

// chain lists the operands of n, all joined by op.
func chain(n ast.Expr, op token.Token) []ast.Expr {
	if b, ok := n.(*ast.BinaryExpr); ok && b.Op == op {
		return append(chain(b.X, op), chain(b.Y, op)...)
	}
	return []ast.Expr{n}
}

func (f *finder) parent() ast.Node { return f.stack[len(f.stack)-1] }

// isWhole reports whether the node under the stack is no part of a larger
// condition, not counting ! around it.
func (f *finder) isWhole() bool {
	for _, n := range slices.Backward(f.stack) {
		switch n := n.(type) {
		case *ast.ParenExpr:
		case *ast.UnaryExpr:
			if n.Op != token.NOT {
				return true
			}
		default:
			return !isLogic(n)
		}
	}
	return true
}

// condition negates what is neither a comparison nor a chain; those are visited
// as expressions.
func (f *finder) condition(e ast.Expr) {
	if e == nil {
		return
	}
	core := e
	for {
		if p, ok := core.(*ast.ParenExpr); ok {
			core = p.X
		} else if u, ok := core.(*ast.UnaryExpr); ok && u.Op == token.NOT {
			core = u.X
		} else {
			break
		}
	}
	if b, ok := core.(*ast.BinaryExpr); ok && (isLogic(b) || opposite(b.Op) != token.ILLEGAL) || !f.switchable(e) {
		return
	}
	s := f.at(e)
	not := f.mutant(s, e, negation, f.text(e), "!("+f.text(e)+")")
	s.make = func(src func(int, int) string) string {
		return "((" + src(s.start, s.end) + ") != " + on(not) + ")"
	}
}

// returned makes nil of the error that a return statement gives.
func (f *finder) returned(n *ast.ReturnStmt) {
	fn := f.function()
	results := fields(fn)
	if len(results) == 0 || !f.isError(results[len(results)-1].kind) {
		return
	}
	text := f.text(n)
	switch {
	case len(n.Results) == 0:
		f.naked(n, results)
	case len(n.Results) == len(results):
		last := n.Results[len(n.Results)-1]
		if f.t.info.Types[last].IsNil() {
			return
		}
		s := f.at(last)
		m := f.mutant(s, last, noError, text, "nil instead of "+f.text(last))
		s.make = func(src func(int, int) string) string {
			return "peykMutantError(" + number(m) + ", " + src(s.start, s.end) + ")"
		}
	default:
		s := f.at(n.Results[0])
		m := f.mutant(s, n, noError, text, "nil instead of its error")
		f.helpers.forward(m, len(results))
		s.make = func(src func(int, int) string) string {
			return "peykMutantError" + number(m) + "(" + src(s.start, s.end) + ")"
		}
	}
}

// naked is a return statement that gives the named results.
func (f *finder) naked(n *ast.ReturnStmt, results []result) {
	out := "return "
	for i, r := range results {
		if r.name == "" || r.name == "_" {
			f.leftOut["return without a name for the error"]++
			return
		}
		if i < len(results)-1 {
			out += r.name + ", "
		}
	}
	err := results[len(results)-1].name
	s := f.at(n)
	m := f.mutant(s, n, noError, "return", "nil instead of "+err)
	s.make = func(func(int, int) string) string { return out + "peykMutantError(" + number(m) + ", " + err + ")" }
}

// result is one result of a function.
type result struct {
	name string
	kind ast.Expr
}

func fields(fn *ast.FuncType) (out []result) {
	if fn == nil || fn.Results == nil {
		return nil
	}
	for _, field := range fn.Results.List {
		if len(field.Names) == 0 {
			out = append(out, result{kind: field.Type})
		}
		for _, name := range field.Names {
			out = append(out, result{name: name.Name, kind: field.Type})
		}
	}
	return out
}

func (f *finder) isError(e ast.Expr) bool {
	return types.Identical(f.t.info.Types[e].Type, types.Universe.Lookup("error").Type())
}

// function is the type of the innermost function around the current node.
func (f *finder) function() *ast.FuncType {
	for _, n := range slices.Backward(f.stack) {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n.Type
		case *ast.FuncDecl:
			return n.Type
		}
	}
	return nil
}

// declared is the name of the declared function around the current node, with
// its receiver's type.
func (f *finder) declared() string {
	for _, n := range f.stack {
		if fn, ok := n.(*ast.FuncDecl); ok {
			if fn.Recv == nil {
				return fn.Name.Name
			}
			kind := fn.Recv.List[0].Type
			if star, ok := kind.(*ast.StarExpr); ok {
				kind = star.X
			}
			return f.text(kind) + "." + fn.Name.Name
		}
	}
	return "var"
}

// span is where a node is, in offsets.
func (f *finder) span(n ast.Node) (from, to int) {
	file := f.t.fset.File(f.f.tree.Pos())
	return file.Offset(n.Pos()), file.Offset(n.End())
}

func (f *finder) text(n ast.Node) string {
	from, to := f.span(n)
	return oneLine(string(f.f.text[from:to]))
}

func (f *finder) at(n ast.Node) *site {
	from, to := f.span(n)
	s := &site{start: from, end: to}
	f.sites = append(f.sites, s)
	return s
}

func (f *finder) mutant(s *site, n ast.Node, kind, text, after string) *mutant {
	m := &mutant{
		file: f.t.label + "/" + filepath.Base(f.f.path), fn: f.declared(), kind: kind, text: short(text), after: after,
		line: f.t.fset.Position(n.Pos()).Line,
	}
	s.mutants = append(s.mutants, m)
	return m
}
