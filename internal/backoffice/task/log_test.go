package task_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/telemetry"
)

// An effect is told its request and role, and each record about it names them.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		b := newBench(t, func(ctx context.Context, _ task.Leased) task.Result {
			if got := telemetry.GUID(ctx) + " " + telemetry.Role(ctx); got != guid+" gateway" {
				t.Errorf("the effect's context names %q", got)
			}
			if tries++; tries == 1 {
				return task.Retry(errors.New("not yet"))
			}
			return task.Done(func(tx ledger.Tx, fx *task.Effects) error {
				r, err := tx.Request(guid)
				fx.Publish(event.ReportReady, r)
				return err
			})
		})
		b.failed = errors.New("queue gone")
		b.owe()
		b.runner.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		b.stop()
		b.log.About(guid, "not done yet", "event not published; the sweep will find its task")
	})
}
