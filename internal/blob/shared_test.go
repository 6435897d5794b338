package blob

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

// Who asks while a sync runs is served by the next one, all of them together.
func TestWaitingSyncsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharedSyncs()
		broken := errors.New("broken")
		syncs, release := 0, make(chan struct{})
		one := func() error {
			syncs++
			<-release
			if syncs == 2 {
				return broken
			}
			return nil
		}
		var all sync.WaitGroup
		all.Go(func() {
			if err := s.do("a", one); err != nil {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		for range 10 {
			all.Go(func() {
				if err := s.do("a", one); !errors.Is(err, broken) {
					t.Errorf("one that waited: %v, want the second sync's error", err)
				}
			})
		}
		synctest.Wait()
		if syncs != 1 {
			t.Fatalf("%d syncs under way at once", syncs)
		}
		close(release)
		all.Wait()
		if syncs != 2 || len(s.dirs) != 0 {
			t.Errorf("%d syncs, %d directories kept; want 2 and none", syncs, len(s.dirs))
		}
	})
}
