package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// lies are the ways in which a file is not what was declared. Each tells the
// lie the first times times it is asked.
var lies = []struct {
	code string
	tell func(w *world, times int)
}{
	{"digest-mismatch", func(w *world, times int) {
		wrong := bytes.Clone(document)
		wrong[9] ^= 1
		w.send(times, int64(len(wrong)), wrong)
	}},
	{"digest-mismatch", func(w *world, times int) { w.send(times, -1, document[:len(document)-1]) }},
	{"body-too-large", func(w *world, times int) { w.send(times, -1, append(bytes.Clone(document), 0)) }},
	{"size-mismatch", func(w *world, times int) { w.send(times, int64(len(document))-1, document) }},
	{"page-count", func(w *world, times int) {
		w.pages = func() (int, error) {
			if times--; times >= 0 {
				return 2, nil
			}
			return 1, nil
		}
	}},
	{"gate-javascript", func(w *world, times int) {
		w.pages = func() (int, error) {
			if times--; times >= 0 {
				return 0, &report.Error{Class: report.Lying, Code: "gate-javascript"}
			}
			return 1, nil
		}
	}},
}

// send gives wrong bytes, said to be size long (-1: not said), so many times.
func (w *world) send(times int, size int64, wrong []byte) {
	w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
		if times--; times >= 0 {
			b := body(wrong)
			b.Size = size
			return b, nil
		}
		return body(document), nil
	}
}

func TestAFileThatIsNotAsDeclaredIsFetchedAgain(t *testing.T) {
	for i, lie := range lies {
		for times, want := range map[int]report.State{1: report.Stored, 2: report.Stored, 3: report.Failed} {
			t.Run(fmt.Sprintf("%d %s %d times", i, lie.code, times), func(t *testing.T) {
				inWorld(t, func(w *world) {
					lie.tell(w, times)
					w.after(ledger.FirstPoll + time.Minute)
					w.refused(want, lie.code, times)
				})
			})
		}
	}
}

func TestOnlyADocumentIsTakenIn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			o := w.says(protocol.Ready)
			o.Results[0].MediaType = "text/html"
			return o, nil
		}
		w.after(ledger.FirstPoll + time.Minute)
		w.refused(report.Failed, "media-type", 3)
	})
}

// refused wants the report in a state after so many refusals with this code,
// and no refused bytes where they could be served.
func (w *world) refused(want report.State, code string, times int) {
	w.t.Helper()
	r, rows := w.request(), w.facts("refused")
	another := func(e report.Entry) bool { return e.Evidence["code"] != code }
	if r.State != want || len(rows) != min(times, 2) || slices.ContainsFunc(rows, another) {
		w.t.Fatalf("it is %s(%+v), refusals %+v; want %s after %d of %s", r.State, r.Failure, rows, want, times, code)
	}
	if want == report.Failed && (r.Failure == nil || r.Failure.Code != "verification" || r.Failure.Detail != code) {
		w.t.Errorf("it failed with %+v, want verification: %s", r.Failure, code)
	}
	for key, b := range w.stored {
		if want == report.Failed || !bytes.Equal(b, document) {
			w.t.Errorf("refused bytes lie where they can be served: %s", key)
		}
	}
	if named := w.named(); (want == report.Failed) != (len(named) == 0) {
		w.t.Errorf("the rows name %v in %s", named, want)
	}
}

// named lists the keys that rows name: those whose bytes can be served.
func (w *world) named() (keys []string) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		rows, err := tx.Files(guid)
		for _, f := range rows {
			if f.BlobKey != "" {
				keys = append(keys, f.BlobKey)
			}
		}
		return err
	})
	return keys
}

func TestRefusedBytesAreSetAside(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pages = func() (int, error) { return 2, nil }
		w.after(ledger.FirstPoll + time.Minute)
		if len(w.aside) != 3 || len(slices.Compact(slices.Sorted(slices.Values(w.aside)))) != 3 || len(w.stored) != 0 {
			t.Errorf("set aside %v and kept %d, want three keys of their own and nothing kept", w.aside, len(w.stored))
		}
	})
}

func TestTheGateFailingSaysNothingAboutTheDocument(t *testing.T) {
	inWorld(t, func(w *world) {
		broken := 5
		w.pages = func() (int, error) {
			if broken--; broken >= 0 {
				return 0, errors.New("no child process to be had")
			}
			return 1, nil
		}
		w.after(ledger.FirstPoll + 5*time.Minute)
		if got := w.request().State; got != report.Stored || len(w.facts("refused")) != 0 || len(w.aside) != 0 {
			t.Errorf("it is %s with %d refusals, want STORED with none", got, len(w.facts("refused")))
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

// Under another ETag lie other bytes: what came before it is worth nothing.
func TestOtherBytesUnderAnotherTagBeginAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		type ask struct {
			Offset  int64
			IfRange string
		}
		var asks []ask
		w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
			asks = append(asks, ask{f.Offset, f.IfRange})
			b := body(document)
			if len(asks) == 1 {
				b.ETag, b.Body = `"old"`, broken{bytes.NewReader(bytes.Repeat([]byte("x"), 10))}
			} else {
				b.ETag = `"new"` // a server that cannot resume sends all of it
			}
			return b, nil
		}
		w.after(ledger.FirstPoll + time.Minute)
		want := []ask{{}, {10, `"old"`}, {}}
		if got := w.request().State; got != report.Stored || !reflect.DeepEqual(asks, want) {
			t.Errorf("it is %s after %+v, want STORED after %+v", got, asks, want)
		}
		if len(w.facts("refused")) != 0 {
			t.Error("an interrupted download counted as a lie")
		}
	})
}

func TestOneFileOfTwoFailsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.operation = func() (protocol.Operation, error) {
			o := w.says(protocol.Ready)
			second := o.Results[0]
			second.Name = "b.pdf"
			o.Results = append(o.Results, second)
			return o, nil
		}
		fetched := map[string]int{}
		w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if fetched[f.Name]++; f.Name == "b.pdf" && fetched[f.Name] == 1 {
				return nil, errDown
			}
			return body(document), nil
		}
		w.webhook()
		w.after(0)
		if got := w.request().State; got != report.Ready || len(w.named()) != 1 {
			t.Errorf("it is %s with %v here, want READY with one of two", got, w.named())
		}
		w.after(time.Minute)
		if got := w.request().State; got != report.Stored || len(w.named()) != 2 {
			t.Errorf("it is %s with %v here, want STORED with both", got, w.named())
		}
		if want := map[string]int{"a.pdf": 1, "b.pdf": 2}; !reflect.DeepEqual(fetched, want) {
			t.Errorf("fetched %v, want %v", fetched, want)
		}
	})
}

func TestACancelWhileFetchingWins(t *testing.T) {
	inWorld(t, func(w *world) {
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
			time.Sleep(10 * time.Second)
			return body(document), nil
		}
		w.after(ledger.FirstPoll + 5*time.Second)
		if got := w.request().State; got != report.Ready {
			t.Fatalf("it is %s; the story needs a download under way", got)
		}
		w.cancel()
		w.hears(event.ReportCancelled)
		if !reflect.DeepEqual(w.cleaned(), []int{1}) {
			t.Errorf("deleted %v, want generation 1 at once", w.cleaned())
		}
		w.after(time.Minute)
		if got := w.request().State; got != report.Cancelled || len(w.named()) != 0 {
			t.Errorf("it is %s and the rows name %v, want CANCELLED and no bytes that can be served", got, w.named())
		}
	})
}

// TestEachFormatIsStored: the gate is asked by the media type, and only a PDF
// may have pages.
func TestEachFormatIsStored(t *testing.T) {
	t.Parallel()
	for _, mediaType := range []string{"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		t.Run(mediaType, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.pages = func() (int, error) { return 0, nil }
				w.operation = func() (protocol.Operation, error) {
					o := w.says(protocol.Ready)
					o.Results[0].MediaType, o.Results[0].Pages = mediaType, 0
					return o, nil
				}
				w.after(ledger.FirstPoll + time.Minute)
				if got := w.request().State; got != report.Stored || !slices.Equal(w.checked, []string{mediaType}) {
					t.Errorf("it is %s after checks of %q, want STORED after one", got, w.checked)
				}
			})
		})
	}
}
