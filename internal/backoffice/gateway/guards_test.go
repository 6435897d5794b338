package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Bytes that are here are fetched again only if they are not the declared ones.
func TestBytesThatAreHereAreFetchedAgainIfTheyDiffer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*ledger.File)
		fetched int
	}{
		"the declared ones": {func(*ledger.File) {}, 1},
		"damaged":           {func(f *ledger.File) { f.Damaged = true }, 2},
		"another digest":    {func(f *ledger.File) { f.SHA256 = declared().SHA256[1:] + "0" }, 2},
		"another size":      {func(f *ledger.File) { f.Size++ }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) {
					o := w.says(protocol.Ready)
					second := o.Results[0]
					second.Name = "b.pdf"
					o.Results = append(o.Results, second)
					return o, nil
				}
				fetched, gone := 0, false
				w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
					w.mu.Lock()
					defer w.mu.Unlock()
					if f.Name == "a.pdf" {
						fetched++
					} else if !gone {
						return nil, errDown
					}
					return body(document), nil
				}
				w.after(2 * time.Minute) // a.pdf is here, b.pdf is not
				w.update(func(tx ledger.Tx) error {
					rows, err := tx.Files(guid)
					at := slices.IndexFunc(rows, func(f ledger.File) bool { return f.Name == "a.pdf" })
					c.change(&rows[at])
					return errors.Join(err, tx.PutFile(rows[at]))
				})
				w.update(func(tx ledger.Tx) error { // b.pdf is gone: PREPARING, and READY again
					r, err := tx.Request(guid)
					if err != nil {
						return err
					}
					m, err := r.Gone(tx.Now(), nil)
					return errors.Join(err, ledger.Move(tx, r, m))
				})
				w.rewrite(func() { gone = true })
				w.after(10 * time.Minute)
				w.expect(report.Stored, 1)
				if fetched != c.fetched {
					t.Errorf("a.pdf was fetched %d times, want %d", fetched, c.fetched)
				}
			})
		})
	}
}

// Files that are all here when the provider says ready need no download.
func TestReadyWithEveryFileHereIsStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
		fetched := 0
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) { fetched++; return body(document), nil }
		w.after(time.Second)
		w.update(func(tx ledger.Tx) error {
			return tx.PutFile(ledger.File{GUID: guid, Generation: 1, File: declared(), BlobKey: "here", StoredAt: tx.Now()})
		})
		w.rewrite(func() { w.operation = func() (protocol.Operation, error) { return w.says(protocol.Ready), nil } })
		w.after(2 * time.Minute)
		w.expect(report.Stored, 1)
		if fetched != 0 {
			t.Errorf("fetched %d times", fetched)
		}
	})
}

// READY names the webhook that came last, and the poll without one.
func TestReadySaysHowItWasHeard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hooks []string
		want  report.Evidence
	}{
		"no webhook":   {nil, report.Evidence{"heard": "poll"}},
		"two webhooks": {[]string{"msg_1", "msg_2"}, report.Evidence{"heard": "webhook", "webhook_id": "msg_2"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
				w.after(time.Second)
				for _, id := range c.hooks {
					w.update(func(tx ledger.Tx) error {
						_, err := tx.AddHook(ledger.Hook{ID: id, GUID: guid, Generation: 1, State: "ready", At: tx.Now()})
						return err
					})
					w.after(time.Second)
				}
				w.rewrite(func() { w.operation = func() (protocol.Operation, error) { return w.says(protocol.Ready), nil } })
				w.after(2 * time.Minute)
				w.update(func(tx ledger.Tx) error {
					rows, err := tx.Journal(guid)
					for _, e := range rows {
						if e.To == report.Ready && (e.Evidence["heard"] != c.want["heard"] || e.Evidence["webhook_id"] != c.want["webhook_id"]) {
							t.Errorf("READY says %v, want %v", e.Evidence, c.want)
						}
					}
					return err
				})
			})
		})
	}
}

// A look woken after the first miss waits for the rest of the half minute, and
// asks nothing in between.
func TestAWokenLookWaitsForTheRest(t *testing.T) {
	inWorld(t, func(w *world) {
		looks := 0
		w.operation = func() (protocol.Operation, error) {
			looks++
			return protocol.Operation{}, errNotFound
		}
		w.after(ledger.FirstPoll + 10*time.Second)
		w.webhook()
		w.after(19 * time.Second)
		if looks != 2 || !slices.Equal(w.posted(), []int{1}) {
			t.Errorf("looked %d times and posted %v within the half minute, want 2 and the first generation", looks, w.posted())
		}
		w.after(2 * time.Second)
		if looks != 3 || !slices.Equal(w.posted(), []int{1, 2}) {
			t.Errorf("looked %d times and posted %v after it, want 3 and the second generation", looks, w.posted())
		}
	})
}

// The half minute begins when the first miss is noted, not when it was asked.
func TestASlowMissBeginsItsHalfMinuteLate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			time.Sleep(20 * time.Second)
			return protocol.Operation{}, errNotFound
		}
		w.after(ledger.FirstPoll + time.Second)
		asked := time.Now()
		w.after(21 * time.Second)
		missed := w.request().MissedAt
		if got := missed.Sub(asked); got < 18*time.Second {
			t.Errorf("the miss counts from %s after it was asked, want when the answer came", got)
		}
	})
}

// A download goes on at most five times, and only under a strong tag.
func TestADownloadGoesOnFiveTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tag   string
		calls int // of one try
	}{"with a tag": {`"1"`, 6}, "without a tag": {"", 1}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				var offsets []int64
				w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
					offsets = append(offsets, f.Offset)
					b := body(document)
					b.ETag, b.Offset = c.tag, f.Offset
					b.Body = broken{bytes.NewReader(document[f.Offset : f.Offset+1])}
					return b, nil
				}
				w.after(ledger.FirstPoll + 500*time.Millisecond)
				if len(offsets) != c.calls {
					t.Errorf("asked from %v in one try, want %d times", offsets, c.calls)
				}
			})
		})
	}
}

// A download whose lease ended does not go on.
func TestADownloadThatWasCancelledDoesNotGoOn(t *testing.T) {
	inWorld(t, func(w *world) {
		calls := 0
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
			calls++
			b := body(document)
			b.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
				time.Sleep(2 * time.Minute) // beyond the grace of the stop
				return 0, io.ErrUnexpectedEOF
			}))
			return b, nil
		}
		w.after(ledger.FirstPoll + time.Second)
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		defer cancel()
		if err := w.station.Stop(ctx); err == nil {
			t.Error("it stopped in time; the story needs a download under way")
		}
		if calls != 1 {
			t.Errorf("asked %d times, want once", calls)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A bound is inclusive: a report of exactly the allowed size is stored. Sizes
// that overflow together are too large.
func TestTheBoundOfAllFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		second int64
		want   string // the detail of the failure
	}{
		"as allowed":  {1<<20 - int64(len(document)), "size-mismatch"}, // so it was asked for
		"a byte more": {1<<20 - int64(len(document)) + 1, "too-large"},
		"overflowing": {1<<63 - 1, "too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) {
					o := w.says(protocol.Ready)
					second := o.Results[0]
					second.Name, second.Size = "b.pdf", c.second
					o.Results = append(o.Results, second)
					return o, nil
				}
				w.after(ledger.FirstPoll + time.Minute)
				if r := w.request(); r.State != report.Failed || r.Failure.Detail != c.want {
					t.Errorf("it is %s(%+v), want FAILED(verification: %s)", r.State, r.Failure, c.want)
				}
			})
		})
	}
}

// One orphan that cannot be deleted holds up no other, and the search says so.
func TestTheSearchForOrphansGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		other := "01a2082b-96d0-7c3e-9a41-5d0be27f8c18"
		old := time.Now().Add(-25 * time.Hour)
		w.list = func(string) (protocol.Page, error) {
			return protocol.Page{Operations: []protocol.Operation{
				{ReportID: stranger, Generation: 1, State: protocol.Ready, Rev: 1, UpdatedAt: old},
				{ReportID: other, Generation: 2, State: protocol.Ready, Rev: 1, UpdatedAt: old},
			}}, nil
		}
		w.remove = func(generation int) error {
			if generation == 1 {
				return errDown
			}
			return nil
		}
		if err := w.station.HuntOrphans(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("the search says %v, want what failed", err)
		}
		if got := w.cleaned(); !slices.Equal(got, []int{2}) {
			t.Errorf("deleted %v, want the other one", got)
		}
	})
}

// A copy that was given up is chased again once a later generation lies there.
func TestALaterGenerationIsNotGivenUpWithAnEarlierOne(t *testing.T) {
	inWorld(t, func(w *world) {
		w.refuse()
		w.remove = func(int) error { return errDown }
		w.after(time.Second)
		w.rest(31 * 24 * time.Hour)
		w.after(2 * time.Hour)
		if rows := w.facts("left_behind"); len(rows) != 1 {
			t.Fatalf("left behind %d times; the story needs one", len(rows))
		}
		w.redrive()
		w.after(time.Minute)
		w.rewrite(func() { w.remove = func(int) error { return nil } })
		w.after(2 * time.Hour) // the end of generation 2 is deleted
		w.rewrite(func() { w.deleted = nil })
		w.hunt(protocol.Operation{ReportID: guid, Generation: 2, State: protocol.Ready, Rev: 1}, 25*time.Hour)
		if got := w.cleaned(); !slices.Equal(got, []int{2}) {
			t.Errorf("deleted %v, want generation 2", got)
		}
	})
}

// Each state of the gateway ends at its deadline, can be redriven, and is told.
func TestEachStateEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	for state, script := range map[report.State]func(*world){
		report.Accepted:   func(w *world) { w.owner(true) },
		report.Submitting: func(w *world) { w.submit = func(protocol.SubmitRequest) error { return errDown } },
		report.Preparing: func(w *world) {
			w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
		},
		report.Ready: func(w *world) {
			w.file = func(protocol.FileRequest) (*protocol.FileBody, error) { return nil, errDown }
		},
	} {
		t.Run(string(state), func(t *testing.T) {
			inWorld(t, func(w *world) {
				script(w)
				w.after(report.PreparingTime - time.Second)
				events := make(published, 1)
				sweeper := gateway.New(gateway.Config{Store: w.ledger, Publish: events, Log: w.station.Log})
				sweep := func() {
					t.Helper()
					if err := sweeper.SweepOnce(t.Context()); err != nil {
						t.Error(err)
					}
				}
				sweep()
				if got := w.request().State; got != state {
					t.Fatalf("it is %s a second before its deadline, want %s", got, state)
				}
				w.after(time.Second)
				sweep()
				r := w.request()
				if r.State != report.Failed || r.Failure.Code != "deadline" || !r.Failure.Retriable || r.Failure.Stage != string(state) {
					t.Errorf("it is %s(%+v), want FAILED(deadline) in %s, retriable", r.State, r.Failure, state)
				}
				select {
				case got := <-events:
					if got != event.ReportFailed {
						t.Errorf("published %s", got)
					}
				default:
					t.Error("nothing was published")
				}
			})
		})
	}
}

// stubborn is a ledger that cannot save one request.
type stubborn struct {
	ledger.Ledger
	guid string
}

func (s stubborn) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error { return fn(stubbornTx{tx, s.guid}) })
}

type stubbornTx struct {
	ledger.Tx
	guid string
}

var errNotFound = problem(http.StatusNotFound, protocol.CodeReportUnknown)

var errDisk = errors.New("disk gone")

func (s stubbornTx) Save(r *report.Request, was int64) error {
	if r.GUID == s.guid {
		return errDisk
	}
	return s.Tx.Save(r, was)
}

// One request that cannot be ended holds up no other, and the sweep says so.
func TestTheSweepGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.update(func(tx ledger.Tx) error {
			r, m, err := report.New(stranger, report.Asked{Type: "t.v1", Owner: "derya", Approval: report.NoApproval, Parameters: []byte("{}")}, time.Minute, tx.Now())
			return errors.Join(err, ledger.Move(tx, r, m))
		})
		time.Sleep(report.PreparingTime) // no gateway runs
		sweeper := gateway.New(gateway.Config{Store: stubborn{w.ledger, guid}, Publish: w, Log: w.station.Log})
		if err := sweeper.SweepOnce(t.Context()); !errors.Is(err, errDisk) {
			t.Errorf("the sweep says %v, want what failed", err)
		}
		w.update(func(tx ledger.Tx) error {
			r, err := tx.Request(stranger)
			if err == nil && r.State != report.Failed {
				t.Errorf("the other one is %s, want FAILED", r.State)
			}
			return err
		})
		if got := w.request().State; got != report.Accepted {
			t.Errorf("it is %s, want ACCEPTED", got)
		}
	})
}

// A document without pages, such as CSV, may say so, and the gate counts them.
func TestPagesAreComparedOnlyIfDeclared(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pages = func() (int, error) { return 7, nil }
		w.operation = func() (protocol.Operation, error) {
			o := w.says(protocol.Ready)
			o.Results[0].Pages = 0
			return o, nil
		}
		w.after(2 * time.Minute)
		w.expect(report.Stored, 1)
	})
}

// A forgotten report can be redriven.
func TestAForgottenReportIsRetriable(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) { return w.says(protocol.Deleted), nil }
		w.after(10 * time.Minute)
		w.expect(report.Failed, 1, 2, 3)
		if f := w.request().Failure; f == nil || f.Code != "forgotten" || !f.Retriable {
			t.Errorf("it failed with %+v, want forgotten, retriable", f)
		}
	})
}
