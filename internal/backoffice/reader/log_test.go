package reader_test

import (
	"errors"
	"testing"
)

// Each record about a request names it.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.down = errors.New("disk gone")
	w.wantBusy(w.post(ready("a", preparing, 1)))
	w.down, w.queue = nil, errors.New("queue gone")
	for range 2 {
		w.taken(w.post(ready("a", preparing, 1)))
	}
	w.log.About(preparing, "webhook not recorded", "webhook refused", "webhook taken", "webhook changes nothing",
		"event not published; the sweep will find its task")
}
