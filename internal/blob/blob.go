// Package blob keeps files under keys, in a directory.
//
// Promise: when Put returns, the bytes are durable: written to a temporary
// file, synced, renamed to their place, and every directory on the way there
// synced. A reader sees a file whole or not at all. Nothing outside the
// directory is ever touched, whatever a key says (os.Root, and keys of a small
// alphabet).
//
// Limits: what a file may hold is said at each Put. Keys are no secret and
// carry no rights. Nothing is encrypted here. A directory shared by several
// processes is fine as long as its file system renames atomically and syncs
// honestly.
//
// Failure: a full disk is a report.Error, Transient, with the code
// "storage-full", a key that is none a Permanent one, "blob-key"; a missing file
// is ErrNotFound; other errors of the disk come wrapped. A failed Put leaves
// under its key what was there before or, when only the last sync failed, the
// whole new file. A crash leaves at most a temporary file, which Tidy removes. A
// directory that was removed or mounted anew while in use is opened again.
package blob

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"syscall"
	"time"

	"peyk/internal/report"
)

// ErrNotFound says that no file has the key.
var ErrNotFound = errors.New("blob not found")

// ErrTooLarge says that the reader gave more than the limit of Put.
var ErrTooLarge = errors.New("blob larger than its limit")

// The codes of errors: for a full disk or quota, and for a key that is none.
const (
	CodeStorageFull = "storage-full"
	CodeBadKey      = "blob-key"
)

// Written is what was counted and hashed while a file was written.
type Written struct {
	Size   int64  // bytes
	SHA256 string // lower-case hex
}

// Entry is one file as List sees it.
type Entry struct {
	Key     string
	Size    int64 // bytes
	ModTime time.Time
}

// File is an open blob. Its bytes never change, even if the key is deleted or
// written again.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// The shape of a key: segments between slashes, none of which hides, climbs or
// means something to a shell.
const (
	maxKey      = 512
	maxSegments = 8
)

var segment = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// CheckKey refuses a key that is no relative path of at most 8 plain segments
// and 512 bytes. A plain segment has up to 128 letters, digits, dots, dashes and
// underscores and does not begin with a dot or a dash. The error is Permanent.
func CheckKey(key string) error {
	segments := strings.Split(key, "/")
	if len(key) > maxKey || len(segments) > maxSegments {
		return badKey(fmt.Errorf("%.64q…: longer than %d bytes or %d segments", key, maxKey, maxSegments))
	}
	for _, s := range segments {
		if !segment.MatchString(s) {
			return badKey(fmt.Errorf("%q: segment %q is not plain", key, s))
		}
	}
	return nil
}

func badKey(cause error) error {
	return &report.Error{
		Class:    report.Permanent,
		Code:     CodeBadKey,
		Sentence: "The file has a name that cannot be stored.",
		Cause:    cause,
	}
}

// classify names what the caller can act upon.
func classify(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &report.Error{
			Class:    report.Transient,
			Code:     CodeStorageFull,
			Sentence: "There is no room left to store the file. It will be tried again.",
			Cause:    err,
		}
	}
	return err
}
