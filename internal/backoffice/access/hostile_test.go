package access_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
)

// However a name is written, its tries are counted together.
func TestThrottleCountsEachSpellingOfAName(t *testing.T) {
	t.Parallel()
	th := access.NewThrottle(func() time.Time { return time.Unix(1_800_000_000, 0) })
	for i, name := range []string{"derya", "Derya", " derya", "DERYA ", "\tdErYa\n"} {
		if err := th.Try(name, fmt.Sprintf("192.0.2.%d", i)); err != nil {
			t.Fatalf("try %d, %q: %v", i+1, name, err)
		}
	}
	var late *access.Throttled
	for _, name := range []string{"derya", "deryA", "derya\u00a0"} {
		if err := th.Try(name, "192.0.2.9"); !errors.As(err, &late) {
			t.Errorf("the sixth try, as %q: %v", name, err)
		}
	}
	th.Clear("Derya")
	if err := th.Try("derya", "192.0.2.9"); err != nil {
		t.Errorf("after the right password: %v", err)
	}
}

// Whoever has one address of IPv6 has 2^64: they are one to the throttle. The
// same address in another dress is no other address.
func TestThrottleCountsNetworksOfIPv6(t *testing.T) {
	t.Parallel()
	for what, dress := range map[string]func(int) string{
		"addresses of one /64": func(i int) string { return fmt.Sprintf("2001:db8:1:2:%x::%x", i, i+1) },
		"zones":                func(i int) string { return fmt.Sprintf("fe80::1%%eth%d", i) },
		"IPv4 within IPv6":     func(i int) string { return []string{"192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"}[i%3] },
	} {
		th := access.NewThrottle(func() time.Time { return time.Unix(1_800_000_000, 0) })
		var err error
		for i := range 51 {
			err = th.Try(fmt.Sprintf("name%d", i), dress(i))
		}
		var late *access.Throttled
		if !errors.As(err, &late) {
			t.Errorf("%s: the 51st try came through: %v", what, err)
		}
		if err := th.Try("another", "2001:db8:1:3::1"); err != nil {
			t.Errorf("%s: the neighbour pays for it: %v", what, err)
		}
	}
}

// A name as long as a form may be takes no more room than a short one.
func TestThrottleRemembersNoLongNames(t *testing.T) {
	t.Parallel()
	th := access.NewThrottle(func() time.Time { return time.Unix(1_800_000_000, 0) })
	long := strings.Repeat("a", 60<<10)
	for i := range 6 {
		err := th.Try(long+"b", fmt.Sprintf("192.0.2.%d", i))
		if late := (*access.Throttled)(nil); errors.As(err, &late) != (i == 5) {
			t.Errorf("try %d of a long name: %v", i+1, err)
		}
	}
	if err := th.Try(long+"c", strings.Repeat("9", 1000)); err != nil {
		t.Errorf("another long name: %v", err)
	}
	if n := th.LongestKey(); n > 64 {
		t.Errorf("a key of %d bytes is remembered", n)
	}
}
