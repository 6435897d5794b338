package trigger

import "testing"

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n      float64
		en, tr string
	}{
		{2011, "2011", "2011"},
		{-5, "-5", "-5"},
		{1.5, "1.5", "1,5"},
		{9999.5, "9999.5", "9999,5"},
		{12345, "12,345", "12.345"},
	} {
		if en, tr := numberInWords(c.n, "en"), numberInWords(c.n, "tr"); en != c.en || tr != c.tr {
			t.Errorf("%v is %q and %q, want %q and %q", c.n, en, tr, c.en, c.tr)
		}
	}
}
