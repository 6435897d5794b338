package dial

import (
	"fmt"
	"io"
	"time"

	"peyk/internal/report"
)

// The codes of a body that is not what it should be.
const (
	CodeTooSlow  = "body-too-slow"
	CodeTooLarge = "body-too-large"
)

// MinRate bounds a body while it is read: more than limit bytes are an error of
// class Lying, and so much time spent waiting that the body comes slower than
// bytesPerSecond is one of class Transient. The body has the window in advance
// and never saves up more; time the reader spends elsewhere does not count.
//
// A body that does not come at all is closed when its time is up, which must end
// a Read that waits, as it does for the body of an http.Response.
func MinRate(body io.ReadCloser, limit, bytesPerSecond int64, window time.Duration) io.ReadCloser {
	return &bounded{
		body: body, left: limit, limit: limit,
		perByte: time.Second / time.Duration(max(bytesPerSecond, 1)), patience: window, window: window,
	}
}

// bounded is a bucket of patience: waiting drains it, bytes fill it.
type bounded struct {
	body     io.ReadCloser
	left     int64 // bytes that may still come
	limit    int64
	perByte  time.Duration // patience a byte is worth
	patience time.Duration
	window   time.Duration // the bucket's size
	err      error         // what ended it
}

// Read is the io.Reader's.
func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 { // one more tells a longer body
		p = p[:b.left+1]
	}
	n, err := b.wait(p)
	if int64(n) > b.left {
		n, err = int(b.left), b.refuse(report.Lying, CodeTooLarge, fmt.Errorf("more than %d bytes", b.limit))
	}
	b.left -= int64(n)
	b.err = err
	return n, err
}

// wait reads once, for as long as patience lasts.
func (b *bounded) wait(p []byte) (int, error) {
	alarm := time.AfterFunc(b.patience, func() {
		_ = b.body.Close() // the error of the Read it ends is replaced below
	})
	start := time.Now()
	n, err := b.body.Read(p)
	late := !alarm.Stop()
	b.patience = min(b.patience-time.Since(start)+time.Duration(n)*b.perByte, b.window)
	if late {
		return n, b.refuse(report.Transient, CodeTooSlow, fmt.Errorf("slower than a byte in %v over %v", b.perByte, b.window))
	}
	return n, err
}

func (b *bounded) refuse(class report.Class, code string, cause error) error {
	return &report.Error{Class: class, Code: code, Sentence: "The provider did not deliver the document as agreed.", Cause: cause}
}

// Close is the io.Closer's.
func (b *bounded) Close() error { return b.body.Close() }
