package gateway_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// forgetsOnce lets the first generation end as deleted, so that the story goes
// on in the second.
func (w *world) forgetsOnce(then func() (protocol.Operation, error)) {
	w.operation = func() (protocol.Operation, error) {
		if len(w.posted()) == 1 {
			return w.says(protocol.Deleted), nil
		}
		return then()
	}
}

// expect wants the request in a state after these generations were posted.
func (w *world) expect(state report.State, generations ...int) {
	w.t.Helper()
	if r := w.request(); r.State != state || !slices.Equal(w.posted(), generations) {
		w.t.Errorf("it is %s(%+v) after generations %v, want %s after %v", r.State, r.Failure, w.posted(), state, generations)
	}
}

// An operation of an earlier generation counts as 404, whatever it says.
func TestAnOperationOfAnEarlierGenerationIsAMiss(t *testing.T) {
	t.Parallel()
	for _, state := range []protocol.State{protocol.Preparing, protocol.Ready, protocol.Rejected} {
		t.Run(string(state), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.forgetsOnce(func() (protocol.Operation, error) {
					o := w.says(state)
					o.Generation--
					return o, nil
				})
				w.after(10 * time.Minute)
				w.expect(report.Failed, 1, 2, 3)
				if f := w.request().Failure; f == nil || f.Code != "forgotten" {
					t.Errorf("it failed with %+v, want forgotten", f)
				}
			})
		})
	}
}

// An operation of a generation that was not asked for is ignored, whatever it
// says, and its progress is not this request's.
func TestAnOperationOfALaterGenerationIsIgnored(t *testing.T) {
	t.Parallel()
	for _, state := range []protocol.State{protocol.Preparing, protocol.Ready, protocol.Rejected, protocol.Deleted} {
		t.Run(string(state), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) {
					o := w.says(state)
					o.Generation++
					return o, nil
				}
				w.after(10 * time.Minute)
				w.expect(report.Preparing, 1)
				w.update(func(tx ledger.Tx) error {
					rows, err := tx.Progress(guid)
					if len(rows) != 0 {
						t.Errorf("the ledger has the progress %+v", rows)
					}
					return err
				})
			})
		})
	}
}

// Misses with an answer between them are not two in a row.
func TestAGoodAnswerEndsTheCountOfMisses(t *testing.T) {
	inWorld(t, func(w *world) {
		looks := 0
		w.operation = func() (protocol.Operation, error) {
			if looks++; looks%2 == 1 {
				return protocol.Operation{}, problem(http.StatusNotFound, protocol.CodeReportUnknown)
			}
			return w.says(protocol.Preparing), nil
		}
		w.after(time.Hour)
		w.expect(report.Preparing, 1)
		if missed := len(w.facts("missed")); missed < 2 || looks < 4 {
			t.Errorf("%d looks and %d misses in the journal, want two misses or more, each followed by an answer", looks, missed)
		}
	})
}

// downloads makes the downloads of a file end one after the other as the letters
// say: w sends wrong bytes, g says gone, and everything after them is well.
func (w *world) downloads(script string) {
	w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if script == "" {
			return body(document), nil
		}
		next := script[0]
		script = script[1:]
		if next == 'g' {
			return nil, problem(http.StatusGone, protocol.CodeGone)
		}
		return body(bytes.ToUpper(document)), nil
	}
}

// Refused downloads are counted over one generation, READY entered again or not,
// and each generation has its own count.
func TestRefusedDownloadsAreCountedPerGeneration(t *testing.T) {
	t.Parallel()
	for script, c := range map[string]struct {
		state       report.State
		generations []int
	}{
		"ww":      {report.Stored, []int{1}},
		"www":     {report.Failed, []int{1}},
		"wgww":    {report.Failed, []int{1}}, // the third in spite of READY entered twice
		"wwgw":    {report.Failed, []int{1}},
		"wwggww":  {report.Stored, []int{1, 2}}, // gone twice: the second generation has three of its own
		"wwggwwg": {report.Stored, []int{1, 2}},
		"wwggwww": {report.Failed, []int{1, 2}},
	} {
		t.Run(script, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.downloads(script)
				w.after(10 * time.Minute)
				w.expect(c.state, c.generations...)
			})
		})
	}
}

// A file that is gone is counted per generation, too.
func TestGoneFilesAreCountedPerGeneration(t *testing.T) {
	t.Parallel()
	for script, generations := range map[string][]int{"g": {1}, "gg": {1, 2}, "ggg": {1, 2}, "gggg": {1, 2, 3}, "ggggg": {1, 2, 3}} {
		t.Run(script, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.downloads(script)
				w.after(10 * time.Minute)
				w.expect(report.Stored, generations...)
			})
		})
	}
}

// After a redrive the same bytes are fetched for the new generation: what is here
// belongs to the one before, and has no row of this one.
func TestEachGenerationHasItsOwnFiles(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			o := w.says(protocol.Ready)
			second := o.Results[0]
			second.Name = "b.pdf"
			o.Results = append(o.Results, second)
			return o, nil
		}
		w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
			if f.Name == "b.pdf" && f.Generation == 1 {
				return body(bytes.ToUpper(document)), nil
			}
			return body(document), nil
		}
		w.after(10 * time.Minute)
		w.expect(report.Failed, 1)
		w.redrive()
		w.after(10 * time.Minute)
		w.expect(report.Stored, 1, 2)
		w.update(func(tx ledger.Tx) error {
			rows, err := tx.Files(guid)
			here := map[string]bool{}
			for _, f := range rows {
				if f.Generation == 2 && f.BlobKey != "" {
					here[f.Name] = true
				}
			}
			if !here["a.pdf"] || !here["b.pdf"] {
				t.Errorf("the rows are %+v, want both files of generation 2", rows)
			}
			return err
		})
	})
}

// between is a ledger in which something happens after each reading.
type between struct {
	*mem.Ledger
	then func()
}

func (b between) View(ctx context.Context, fn func(ledger.View) error) error {
	err := b.Ledger.View(ctx, fn)
	b.then()
	return err
}

// What missed its deadline when the sweep looked is looked at again in the
// commit.
func TestTheDeadlineIsLookedAtAgainInTheCommit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		want      report.State
	}{
		"nothing happened": {func(*world) {}, report.Failed},
		"redriven": {func(w *world) {
			w.end(event.ReportFailed, func(r *report.Request, now time.Time) (report.Move, error) {
				return r.Fail(report.Failure{Code: "engine"}, now, nil)
			})
			w.redrive()
		}, report.Submitting},
		"cancelled": {(*world).cancel, report.Cancelled},
		"stored":    {func(w *world) { w.webhook(); w.after(0) }, report.Stored},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.submit = func(s protocol.SubmitRequest) error {
					if s.Generation > 1 {
						return errDown
					}
					return nil
				}
				w.operation = func() (protocol.Operation, error) { return w.says(protocol.Preparing), nil }
				w.after(report.PreparingTime)
				w.rewrite(func() { w.operation = func() (protocol.Operation, error) { return w.says(protocol.Ready), nil } })
				once := false
				sweeper := gateway.New(gateway.Config{Store: between{w.ledger, func() {
					if !once {
						once = true
						c.meanwhile(w)
					}
				}}, Publish: w, Log: slog.New(slog.DiscardHandler)})
				if err := sweeper.SweepOnce(t.Context()); err != nil {
					t.Error(err)
				}
				if got := w.request().State; got != c.want {
					t.Errorf("it is %s, want %s", got, c.want)
				}
			})
		})
	}
}
