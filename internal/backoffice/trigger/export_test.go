package trigger

// Routes gives pattern and policy of the whole API.
func (s *Station) Routes() [][2]string {
	var out [][2]string
	for _, rt := range s.table() {
		out = append(out, [2]string{rt.pattern, string(rt.policy)})
	}
	return out
}
