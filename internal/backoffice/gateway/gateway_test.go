package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
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
		if !reflect.DeepEqual(w.posts, []int{1}) {
			t.Errorf("posted %v: a look begun too early counted", w.posts)
		}
		w.after(time.Minute)
		if !reflect.DeepEqual(w.posts, []int{1, 2}) || !reflect.DeepEqual(w.deleted, []int{1}) {
			t.Errorf("posted %v, deleted %v; want generation 2 posted and 1 deleted", w.posts, w.deleted)
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
		if r.State != report.Failed || r.Failure.Code != "forgotten" || !reflect.DeepEqual(w.posts, []int{1, 2, 3}) {
			t.Errorf("it is %s(%v) after generations %v, want FAILED(forgotten) after 1, 2, 3", r.State, r.Failure, w.posts)
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
		if r.State != report.Failed || r.Failure.Code != "not-as-approved" || len(w.posts) != 1 {
			t.Errorf("it is %s(%v) after %d posts, want FAILED(not-as-approved) after one", r.State, r.Failure, len(w.posts))
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
				if r.State != c.want || r.Failure == nil || r.Failure.Code != c.failed || len(w.posts) != c.posts {
					t.Errorf("it is %s(%+v) after %d posts, want %s(%s) after %d", r.State, r.Failure, len(w.posts), c.want, c.failed, c.posts)
				}
			})
		})
	}
}

func TestWrongBytesAreSetAsideAndTheThirdTimeEndsIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
			wrong := bytes.Clone(document)
			wrong[9] ^= 1
			return body(wrong), nil
		}
		w.webhook()
		w.after(ledger.FirstPoll + time.Minute)
		r := w.request()
		if r.State != report.Failed || r.Failure.Code != "verification" || len(w.aside) != 3 {
			t.Errorf("it is %s(%+v) with %d files set aside, want FAILED(verification) with 3", r.State, r.Failure, len(w.aside))
		}
	})
}

func TestAllFilesTogetherAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		fetched := 0
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) { fetched++; return body(document), nil }
		w.operation = func() (protocol.Operation, error) {
			o := w.says(protocol.Ready)
			second := o.Results[0]
			second.Name, second.Size = "b.pdf", 1<<20
			o.Results = append(o.Results, second)
			return o, nil
		}
		w.after(ledger.FirstPoll + time.Minute)
		r := w.request()
		if r.State != report.Failed || r.Failure.Detail != "too-large" || fetched != 0 {
			t.Errorf("it is %s(%+v) after %d downloads, want FAILED(verification: too-large) without one", r.State, r.Failure, fetched)
		}
	})
}

// broken gives some bytes, then the connection ends.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (broken) Close() error { return nil }

func TestABrokenDownloadGoesOnWhereItBroke(t *testing.T) {
	inWorld(t, func(w *world) {
		var offsets []int64
		w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
			offsets = append(offsets, f.Offset)
			b := body(document)
			if len(offsets) == 1 {
				b.Body = broken{bytes.NewReader(document[:10])}
				return b, nil
			}
			b.Body, b.Offset = io.NopCloser(bytes.NewReader(document[f.Offset:])), f.Offset
			return b, nil
		}
		w.after(ledger.FirstPoll)
		if got := w.request().State; got != report.Stored || !reflect.DeepEqual(offsets, []int64{0, 10}) {
			t.Errorf("it is %s after reading from %v, want STORED after 0, 10", got, offsets)
		}
	})
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
		if got := w.request().State; got != report.Stored || !reflect.DeepEqual(w.posts, []int{1, 2}) {
			t.Errorf("it is %s after generations %v, want STORED after 1, 2", got, w.posts)
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
