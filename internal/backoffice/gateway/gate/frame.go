package gate

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A frame is its length in eight bytes, big-endian, and so many bytes. The
// parent's first frame holds the limits as JSON, then come two for each document,
// its kind and its bytes; the child answers each pair with a verdict as JSON.

// maxVerdict bounds what a parent reads from a child it does not trust.
const maxVerdict = 64 << 10

// verdict is the child's answer.
type verdict struct {
	Pages   int      `json:"pages,omitempty"`
	Refused *refusal `json:"refused,omitempty"`
}

func writeFrame(w io.Writer, payload []byte) error {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(payload)))
	for _, part := range [][]byte{length[:], payload} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write frame of %d bytes: %w", len(payload), err)
		}
	}
	return nil
}

// readFrame gives io.EOF, unwrapped, when there is no further frame.
func readFrame(r io.Reader, limit int64) ([]byte, error) {
	var length [8]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint64(length[:])
	if size > uint64(limit) {
		return nil, fmt.Errorf("frame of %d bytes, at most %d", size, limit)
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", size, err)
	}
	return payload, nil
}

func readJSON(r io.Reader, limit int64, into any) error {
	payload, err := readFrame(r, limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("read frame: %w", err)
	}
	return nil
}
