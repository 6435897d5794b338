package gateway_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

func TestAWebhookBeforeThe202CostsNoWaiting(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit = func(protocol.SubmitRequest) error { w.webhook(); return nil }
		w.after(0)
		if got := w.request().State; got != report.Stored {
			t.Errorf("it is %s after no time at all, want STORED", got)
		}
	})
}

func TestAWebhookWhileTrackIsLeasedCostsNoWaiting(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := 0
		w.operation = func() (protocol.Operation, error) {
			if asked++; asked == 1 {
				w.webhook() // the answer below was on its way already
				return w.says(protocol.Preparing), nil
			}
			return w.says(protocol.Ready), nil
		}
		w.after(ledger.FirstPoll)
		if got := w.request().State; got != report.Stored || asked != 2 {
			t.Errorf("it is %s after %d looks, want STORED after two", got, asked)
		}
	})
}

// A slow answer must not shorten the half minute: it runs from the time the
// first miss was settled.
func TestForgottenIsCountedFromTheSettledMiss(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			time.Sleep(20 * time.Second)
			return protocol.Operation{}, problem(http.StatusNotFound, protocol.CodeReportUnknown)
		}
		w.after(ledger.FirstPoll + 21*time.Second)
		if w.request().MissedAt.IsZero() {
			t.Fatal("the first miss was not noted")
		}
		w.webhook()
		w.after(40 * time.Second)
		if !reflect.DeepEqual(w.posted(), []int{1}) {
			t.Errorf("posted %v: a look begun too early counted", w.posted())
		}
		w.after(time.Minute)
		if !reflect.DeepEqual(w.posted(), []int{1, 2}) || !reflect.DeepEqual(w.cleaned(), []int{1}) {
			t.Errorf("posted %v, deleted %v; want generation 2 posted and 1 deleted", w.posted(), w.cleaned())
		}
	})
}

func TestAfterThreeGenerationsItIsForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			return protocol.Operation{}, problem(http.StatusNotFound, protocol.CodeReportUnknown)
		}
		w.after(time.Hour)
		r := w.request()
		if r.State != report.Failed || r.Failure.Code != "forgotten" || !reflect.DeepEqual(w.posted(), []int{1, 2, 3}) {
			t.Errorf("it is %s(%v) after generations %v, want FAILED(forgotten) after 1, 2, 3", r.State, r.Failure, w.posted())
		}
	})
}

func TestWhatWasNotApprovedIsNeverPosted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit = func(protocol.SubmitRequest) error { return errDown }
		w.after(0)
		w.update(func(tx ledger.Tx) error {
			r, err := tx.Request(guid)
			if err != nil {
				return err
			}
			r.Asked.Parameters = []byte(`{"count": 500}`)
			return tx.Save(r, r.Version)
		})
		w.after(time.Minute)
		r := w.request()
		if r.State != report.Failed || r.Failure.Code != "not-as-approved" || len(w.posted()) != 1 {
			t.Errorf("it is %s(%v) after %d posts, want FAILED(not-as-approved) after one", r.State, r.Failure, len(w.posted()))
		}
	})
}

func TestRefusalsOfAPost(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   report.State
		failed string
		posts  int
	}{
		{http.StatusGone, protocol.CodeTombstoned, report.Failed, "tombstoned", 2},
		{http.StatusUnprocessableEntity, protocol.CodeInvalidParams, report.Rejected, protocol.CodeInvalidParams, 1},
		{http.StatusUnprocessableEntity, protocol.CodeExpression, report.Rejected, protocol.CodeExpression, 1},
		{http.StatusUnprocessableEntity, protocol.CodeKeyReused, report.Failed, protocol.CodeKeyReused, 1},
		{http.StatusRequestEntityTooLarge, protocol.CodeTooLarge, report.Failed, protocol.CodeTooLarge, 1},
	} {
		t.Run(c.code, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.submit = func(protocol.SubmitRequest) error { return problem(c.status, c.code) }
				w.after(10 * time.Second)
				r := w.request()
				if r.State != c.want || r.Failure == nil || r.Failure.Code != c.failed || len(w.posted()) != c.posts {
					t.Errorf("it is %s(%+v) after %d posts, want %s(%s) after %d", r.State, r.Failure, len(w.posted()), c.want, c.failed, c.posts)
				}
			})
		})
	}
}

func TestAFileGoneTwiceMeansForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
			if f.Generation == 1 {
				return nil, problem(http.StatusGone, protocol.CodeGone)
			}
			return body(document), nil
		}
		w.after(5 * time.Minute)
		if got := w.request().State; got != report.Stored || !reflect.DeepEqual(w.posted(), []int{1, 2}) {
			t.Errorf("it is %s after generations %v, want STORED after 1, 2", got, w.posted())
		}
	})
}

func TestAProviderThatKeepsUsWaitingDelaysNoDeadline(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit = func(protocol.SubmitRequest) error { return errDown }
		w.catalog = func(ctx context.Context, _ string) (a protocol.Answer[protocol.Catalog], err error) {
			<-ctx.Done()
			return a, ctx.Err()
		}
		ctx, cancel := context.WithCancel(w.t.Context())
		swept := make(chan struct{})
		go func() { defer close(swept); w.station.Sweep(ctx) }()
		w.after(report.PreparingTime + time.Minute)
		if r := w.request(); r.State != report.Failed || r.Failure.Code != "deadline" {
			t.Errorf("it is %s, want FAILED(deadline)", r.State)
		}
		cancel()
		<-swept
	})
}
