package sample

import "testing"

func TestClamp(t *testing.T) {
	for _, c := range [][3]int{{-1, 9, 0}, {0, 9, 0}, {5, 9, 5}, {9, 9, 9}, {10, 9, 9}, {10, 0, 10}, {13, 20, 20}} {
		if got := clamp(c[0], c[1]); got != c[2] {
			t.Errorf("clamp(%d, %d) = %d", c[0], c[1], got)
		}
	}
}

func TestHalf(t *testing.T) {
	if n, err := half(4); n != 2 || err != nil {
		t.Error(n, err)
	}
	if _, err := half(5); err == nil {
		t.Error("no error")
	}
	if _, err := quarter(10); err == nil {
		t.Error("no error")
	}
	if _, err := named(5); err == nil {
		t.Error("no error")
	}
	if n, err := named(6); n != 4 || err != nil {
		t.Error(n, err)
	}
}

func TestEndless(t *testing.T) {
	if n := endless(3); n != 3 {
		t.Error(n)
	}
}

var _ = unused
