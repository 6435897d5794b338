package gateway_test

import (
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// owner changes the account of the requester.
func (w *world) owner(gone bool) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: "derya", Gone: gone}) })
}

// A request of a deactivated account is not submitted. It stays pending until the
// trigger cancels it or the account is active again.
func TestNothingIsSubmittedForADeactivatedAccount(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
		w.owner(true)
		w.after(time.Minute)
		w.expect(report.Accepted)
		w.owner(false)
		w.after(time.Minute)
		w.expect(report.Preparing, 1)
	})
}

func TestNothingIsSubmittedForAnUnknownAccount(t *testing.T) {
	inWorld(t, func(w *world) {
		w.refuse() // the usual request, so that it ends
		posted := map[string]bool{}
		refuse := w.submit
		w.submit = func(s protocol.SubmitRequest) error { posted[s.ReportID] = true; return refuse(s) }
		w.update(func(tx ledger.Tx) error {
			r, m, err := report.New(stranger, report.Asked{Type: "t.v1", Owner: "unknown", Approval: report.NoApproval, Parameters: []byte("{}")}, time.Minute, tx.Now())
			return errors.Join(err, ledger.Move(tx, r, m))
		})
		w.after(time.Minute)
		if !posted[guid] || posted[stranger] {
			t.Errorf("submitted %v, want %s alone", posted, guid)
		}
	})
}

// What was altered before the first POST ends the request, too.
func TestWhatWasAlteredBeforeTheFirstPostIsNotSubmitted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.update(func(tx ledger.Tx) error {
			r, err := tx.Request(guid)
			if err != nil {
				return err
			}
			r.Asked.Parameters = []byte(`{"count": 500}`)
			return tx.Save(r, r.Version)
		})
		w.after(time.Minute)
		w.expect(report.Failed)
		if f := w.request().Failure; f == nil || f.Code != "not-as-approved" {
			t.Errorf("it failed with %+v, want not-as-approved", f)
		}
	})
}

// A task whose state is over calls nothing.
func TestATaskOfAnotherStateCallsNothing(t *testing.T) {
	t.Parallel()
	for kind, calls := range map[ledger.Kind]string{ledger.Submit: "submit", ledger.Track: "operation", ledger.Fetch: "file"} {
		t.Run(string(kind), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.after(10 * time.Minute)
				w.expect(report.Stored, 1)
				var called []string
				w.rewrite(func() {
					w.submit = func(protocol.SubmitRequest) error { called = append(called, "submit"); return nil }
					w.operation = func() (protocol.Operation, error) {
						called = append(called, "operation")
						return protocol.Operation{}, errDown
					}
					w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
						called = append(called, "file")
						return nil, errDown
					}
				})
				k := ledger.Key{GUID: guid, Kind: kind}
				if kind == ledger.Fetch {
					k.Subject = declared().Name
				}
				w.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, Generation: 1, DueAt: tx.Now()}) })
				w.after(time.Minute)
				w.expect(report.Stored, 1)
				if len(called) != 0 {
					t.Errorf("called %v, want no %s", called, calls)
				}
				w.update(func(tx ledger.Tx) error {
					row, err := tx.Task(k)
					if !row.Done {
						t.Errorf("the task is %+v, want it done", row)
					}
					return err
				})
			})
		})
	}
}

// A webhook of an earlier generation says nothing of the next one.
func TestAWebhookOfAnEarlierGenerationDoesNotHurry(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit = func(s protocol.SubmitRequest) error {
			if s.Generation == 1 {
				w.webhook()
			}
			return nil
		}
		looks := 0
		w.forgetsOnce(func() (protocol.Operation, error) { looks++; return w.says(protocol.Ready), nil })
		w.after(ledger.FirstPoll - time.Second)
		w.expect(report.Preparing, 1, 2)
		if looks != 0 {
			t.Errorf("looked %d times before the first poll", looks)
		}
		w.after(2 * time.Second)
		w.expect(report.Stored, 1, 2)
		w.update(func(tx ledger.Tx) error {
			rows, err := tx.Journal(guid)
			last := map[string]report.Entry{}
			for _, e := range rows {
				last[e.Name] = e
			}
			if ev := last[string(report.Ready)].Evidence; ev["heard"] != "poll" {
				t.Errorf("READY says %v, want that it was found by polling", ev)
			}
			return err
		})
	})
}

// A 202 that says the report is ready is looked after at once.
func TestA202ThatSaysReadyCostsNoWaiting(t *testing.T) {
	inWorld(t, func(w *world) {
		w.accepted = func(o *protocol.Operation) { *o = w.says(protocol.Ready) }
		w.after(0)
		w.expect(report.Stored, 1)
	})
}

// The first look without a word from the provider comes after one and a half
// times its estimate, between one and ten minutes.
func TestTheFirstLookByTheEstimate(t *testing.T) {
	t.Parallel()
	for eta, want := range map[int]time.Duration{
		0: time.Minute, 39: time.Minute, 41: 61500 * time.Millisecond, 100: 150 * time.Second, 399: 598500 * time.Millisecond,
		401: 10 * time.Minute, 1 << 20: 10 * time.Minute,
	} {
		t.Run(want.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.accepted = func(o *protocol.Operation) { o.ETASeconds = eta }
				var looked time.Time
				w.operation = func() (protocol.Operation, error) {
					if looked.IsZero() {
						looked = time.Now()
					}
					return w.says(protocol.Preparing), nil
				}
				began := time.Now()
				w.after(11 * time.Minute)
				if got := looked.Sub(began); got < want || got > want+time.Second {
					t.Errorf("with an estimate of %d s the first look came after %s, want %s", eta, got, want)
				}
			})
		})
	}
}

// The provider's own words are kept with the failure, in each way to end.
func TestTheProvidersDetailIsKept(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]report.Failure{
		http.StatusBadRequest:          {Code: "of-the-provider", Detail: "row 7", Stage: string(report.Submitting)},
		http.StatusUnprocessableEntity: {Code: "of-the-provider", Detail: "row 7", Stage: string(report.Submitting)},
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.submit = func(protocol.SubmitRequest) error {
					return &report.Error{Class: report.Permanent, Code: want.Code, Cause: protocol.NewProblem(status, want.Code, "%s", want.Detail)}
				}
				w.after(time.Minute)
				if got := w.request().Failure; got == nil || *got != want {
					t.Errorf("the failure is %+v, want %+v", got, want)
				}
			})
		})
	}
	for state, end := range map[protocol.State]report.State{protocol.Rejected: report.Rejected, protocol.Failed: report.Failed} {
		for name, c := range map[string]struct {
			says *protocol.OperationError
			want report.Failure
		}{
			"said":   {&protocol.OperationError{Code: "row-cap", Detail: "row 7", Retriable: true, Stage: "gather"}, report.Failure{Code: "row-cap", Detail: "row 7", Retriable: true, Stage: "gather"}},
			"unsaid": {nil, report.Failure{Code: "provider-" + string(state), Stage: string(report.Preparing)}},
		} {
			t.Run(string(state)+" "+name, func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.operation = func() (protocol.Operation, error) {
						o := w.says(state)
						o.Error = c.says
						return o, nil
					}
					w.after(2 * time.Minute)
					w.expect(end, 1)
					if got := w.request().Failure; got == nil || *got != c.want {
						t.Errorf("the failure is %+v, want %+v", got, c.want)
					}
				})
			})
		}
	}
}

// The body of the POST is what was asked for, with the deadline and the limit.
func TestTheBodyOfThePost(t *testing.T) {
	inWorld(t, func(w *world) {
		var got protocol.SubmitRequest
		w.submit = func(s protocol.SubmitRequest) error { got = s; return nil }
		w.after(time.Second)
		r := w.request()
		want := protocol.SubmitRequest{
			ReportID: guid, Generation: 1, Type: "t.v1", Parameters: got.Parameters, Deadline: r.Deadline, MaxBytes: 1 << 20,
			RequestedAt: r.Asked.RequestedAt,
		}
		if !reflect.DeepEqual(got, want) || len(got.Parameters) != 0 || got.Deadline.IsZero() {
			t.Errorf("submitted %+v, want %+v", got, want)
		}
	})
}
