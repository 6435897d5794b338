package report_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"peyk/internal/report"
)

func TestAnErrorHasThreeReaders(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("submit: %w", &report.Error{
		Class: report.Throttled, Code: "too-many", Sentence: "Please try again later.", Cause: fmt.Errorf("read: %w", io.ErrUnexpectedEOF),
	})
	if got := report.ClassOf(err); got != report.Throttled {
		t.Errorf("code reads class %q", got)
	}
	if got := report.CodeOf(err); got != "too-many" {
		t.Errorf("code reads %q", got)
	}
	if got, want := err.Error(), "submit: too-many: read: unexpected EOF"; got != want {
		t.Errorf("the log reads %q, want %q", got, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is not found")
	}
	if got := (&report.Error{Code: "too-many"}).Error(); got != "too-many" {
		t.Errorf("without a cause the log reads %q", got)
	}
}

func TestAnErrorNobodyClassifiedIsTriedAgain(t *testing.T) {
	t.Parallel()
	if class, code := report.ClassOf(io.EOF), report.CodeOf(io.EOF); class != report.Transient || code != "internal" {
		t.Errorf("%q, %q; want transient, internal", class, code)
	}
}

func TestARefusalSaysWhatAndWhy(t *testing.T) {
	t.Parallel()
	r, _, err := report.New(guid, asked("finance"), promise, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Approve(requester, promise, noon)
	want := "request " + guid + " may not go from AWAITING_APPROVAL to ACCEPTED: nobody approves their own request"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}
