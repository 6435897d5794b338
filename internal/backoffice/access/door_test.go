package access_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

const rightPassword = "correct horse battery"

func door(t *testing.T, now func() time.Time) (*access.Door, *shelf) {
	t.Helper()
	p := passwords(t)
	hash, err := p.Hash(rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf(ledger.Account{Name: "derya", Password: hash}, ledger.Account{Name: "gitti", Password: hash, Gone: true},
		ledger.Account{Name: "kilitli"})
	return &access.Door{Ledger: s, Passwords: p, Throttle: access.NewThrottle(now)}, s
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	d, s := door(t, time.Now)
	a, err := d.SignIn(t.Context(), "derya", rightPassword, "192.0.2.1")
	if err != nil || a.Name != "derya" {
		t.Errorf("right password: %q, %v", a.Name, err)
	}
	for _, c := range [][2]string{{"derya", "wrong"}, {"nobody", rightPassword}, {"gitti", rightPassword}, {"kilitli", ""}, {"", ""}} {
		if _, err := d.SignIn(t.Context(), c[0], c[1], "192.0.2.1"); !errors.Is(err, access.ErrWrong) {
			t.Errorf("%q with %q: %v, want the one answer", c[0], c[1], err)
		}
	}
	s.down = errors.New("disk gone")
	if _, err := d.SignIn(t.Context(), "derya", rightPassword, "192.0.2.1"); !errors.Is(err, s.down) {
		t.Errorf("with the ledger down: %v", err)
	}
}

// An unknown name must cost what a known one does: with every hashing slot
// taken neither may answer.
func TestUnknownNameDoesTheSameWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := door(t, time.Now)
		release := d.Passwords.HoldAllSlots()
		answers := make(chan string, 3)
		for _, name := range []string{"derya", "nobody", "gitti"} {
			go func() {
				_, _ = d.SignIn(t.Context(), name, "wrong password", "192.0.2.1")
				answers <- name
			}()
		}
		synctest.Wait()
		if len(answers) > 0 {
			t.Errorf("%s was answered without hashing", <-answers)
		}
		release()
		synctest.Wait()
		if len(answers) != 3 {
			t.Errorf("%d of 3 were answered", len(answers))
		}
	})
}

func TestThrottleIsTheSameForUnknownNames(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for i, name := range []string{"derya", "nobody"} {
		d, _ := door(t, func() time.Time { return now })
		tries := 0
		var late *access.Throttled
		for !errors.As(signIn(t, d, name, "wrong", fmt.Sprintf("192.0.2.%d", i)), &late) {
			if tries++; tries > 100 {
				t.Fatalf("%s may guess for ever", name)
			}
		}
		if tries != 5 || late.After != 30*time.Second {
			t.Errorf("%s: %d tries, then %s to wait; want 5 and 30s", name, tries, late.After)
		}
	}
}

func TestThrottleGivesTriesBack(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	d, _ := door(t, func() time.Time { return now })
	var late *access.Throttled
	for range 6 {
		_ = signIn(t, d, "derya", "wrong", "192.0.2.1")
	}
	if err := signIn(t, d, "derya", rightPassword, "192.0.2.1"); !errors.As(err, &late) {
		t.Errorf("after five wrong tries even the right password waits: %v", err)
	}
	now = now.Add(30 * time.Second)
	if err := signIn(t, d, "derya", rightPassword, "192.0.2.1"); err != nil {
		t.Errorf("half a minute later: %v", err)
	}
	for range 5 {
		if err := signIn(t, d, "derya", "wrong", "192.0.2.1"); !errors.Is(err, access.ErrWrong) {
			t.Errorf("the right password did not give the tries back: %v", err)
		}
	}
}

func TestThrottlePerAddress(t *testing.T) {
	t.Parallel()
	th := access.NewThrottle(func() time.Time { return time.Unix(1_800_000_000, 0) })
	var late *access.Throttled
	for i := range 50 {
		if err := th.Try(fmt.Sprintf("name%d", i), "192.0.2.1"); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if err := th.Try("another", "192.0.2.1"); !errors.As(err, &late) || late.After != 5*time.Second {
		t.Errorf("the 51st name from one address: %v", err)
	}
	if err := th.Try("another", "192.0.2.2"); err != nil {
		t.Errorf("another address pays for it: %v", err)
	}
}

// However many names are tried, the memory is bounded, and who was throttled a
// moment ago still is.
func TestThrottleForgetsTheHarmlessFirst(t *testing.T) {
	t.Parallel()
	th := access.NewThrottle(func() time.Time { return time.Unix(1_800_000_000, 0) })
	for range 5 {
		_ = th.Try("derya", "192.0.2.1")
	}
	for i := range 10_050 {
		_ = th.Try(fmt.Sprintf("name%d", i), fmt.Sprintf("198.51.100.%d", i))
	}
	if n := th.Remembered(); n > 10_000 {
		t.Errorf("%d names are remembered", n)
	}
	if th.Try("derya", "192.0.2.9") == nil {
		t.Error("a flood of other names gave derya's tries back")
	}
}

func signIn(t *testing.T, d *access.Door, name, password, address string) error {
	t.Helper()
	_, err := d.SignIn(t.Context(), name, password, address)
	return err
}
