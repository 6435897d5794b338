package mem

import "slices"

// undo holds what takes a transaction back, oldest first. Each step finds the
// store exactly as its own change left it, so it may rely on positions.
type undo []func()

func (u *undo) add(step func()) { *u = append(*u, step) }

func (u *undo) run() {
	for i := len(*u) - 1; i >= 0; i-- {
		(*u)[i]()
	}
	*u = nil
}

// set keeps rows in the order of cmp, one of each. A row is never changed
// inside it, only replaced: what was handed out or remembered stays as it was.
type set[R any] struct {
	rows []R
	cmp  func(a, b R) int
}

func newSet[R any](cmp func(a, b R) int) set[R] { return set[R]{cmp: cmp} }

func (s *set[R]) find(r R) (int, bool) { return slices.BinarySearchFunc(s.rows, r, s.cmp) }

// get gives the row that compares equal to r.
func (s *set[R]) get(r R) (R, bool) {
	if i, ok := s.find(r); ok {
		return s.rows[i], true
	}
	var none R
	return none, false
}

// put replaces the row that compares equal to r, or adds r.
func (s *set[R]) put(u *undo, r R) {
	i, had := s.find(r)
	if had {
		old := s.rows[i]
		s.rows[i] = r
		u.add(func() { s.rows[i] = old })
		return
	}
	s.rows = slices.Insert(s.rows, i, r)
	u.add(func() { s.rows = slices.Delete(s.rows, i, i+1) })
}

// remove drops the row that compares equal to r, if there is one.
func (s *set[R]) remove(u *undo, r R) {
	i, had := s.find(r)
	if !had {
		return
	}
	old := s.rows[i]
	s.rows = slices.Delete(s.rows, i, i+1)
	u.add(func() { s.rows = slices.Insert(s.rows, i, old) })
}

// index is a second order over the rows of another set, of those that belong.
type index[R any] struct {
	set[R]
	belongs func(R) bool
}

func newIndex[R any](belongs func(R) bool, cmp func(a, b R) int) index[R] {
	return index[R]{set: newSet(cmp), belongs: belongs}
}

// swap follows a change of a row from old (if had) to r.
func (x *index[R]) swap(u *undo, old R, had bool, r R) {
	was, is := had && x.belongs(old), x.belongs(r)
	if was && (!is || x.cmp(old, r) != 0) {
		x.remove(u, old)
	}
	if is {
		x.put(u, r)
	}
}

// head cuts list to limit; 0 is 100, as everywhere in the contract.
func head[T any](list []T, limit int) []T { return list[:min(len(list), atMost(limit))] }

func atMost(limit int) int {
	if limit == 0 {
		return 100
	}
	return limit
}
