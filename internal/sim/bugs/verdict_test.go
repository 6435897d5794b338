package bugs

import "testing"

// TestVerdict: a test is believed to have found a bug only if it says so.
func TestVerdict(t *testing.T) {
	t.Parallel()
	suite := Bug{In: sqlite}
	world := Bug{In: sim}
	for _, c := range []struct {
		b    Bug
		out  string
		want string // "": it is no verdict
	}{
		{suite, "--- FAIL: TestX (0.01s)\n    x_test.go:7: got 1, want 2\nFAIL\n", "got 1, want 2"},
		{suite, "--- FAIL: TestContract (0.00s)\n    --- FAIL: TestContract/a_lease (0.04s)\n        leases.go:42: not lost\nFAIL\n", "not lost"},
		{suite, "--- FAIL: TestX (0.00s)\npanic: index out of range [recovered]\n", ""},
		{suite, "--- FAIL: TestX (0.00s)\n    x_test.go:7: got 1\npanic: test timed out after 1s\n", ""},
		{suite, "fatal error: all goroutines are asleep - deadlock!\n", ""},
		{suite, "flag provided but not defined: -test.nothing\n", ""},
		{suite, "testing: warning: no tests to run\nPASS\n", ""},
		{world, "--- FAIL: TestSeeds (1s)\n    seeds_test.go:143: seed 4, the 4th tried: 1 violations:\n", "seeds_test.go:143: seed 4, the 4th tried: 1 violations:"},
		{world, "--- FAIL: TestSeeds (1s)\n    seeds_test.go:143: no such file\n", ""},
	} {
		said, reason := verdict(c.b, []byte(c.out))
		if string(said) != c.want || (reason == nil) != (c.want != "") {
			t.Errorf("of %q it makes %q, %v; want %q", c.out, said, reason, c.want)
		}
	}
}
