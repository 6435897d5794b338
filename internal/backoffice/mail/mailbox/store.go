package mailbox

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// store keeps mails as files of one directory and their summaries in memory.
//
// A file is named by the order of arrival and a random part: 000000000042-
// 5f1c2a9be0d3.eml. It appears there by rename, after its bytes are synced,
// and counts once the directory is synced too.
type store struct {
	root    *os.Root
	options Options

	mu      sync.Mutex
	mails   []Summary // oldest first
	byID    map[string]int
	last    uint64 // order of the newest mail
	bytes   int64
	changed chan struct{} // closed, and made anew, when a mail arrives
}

// errFull says that the mailbox holds as much as it may.
var errFull = errors.New("mailbox is full")

func openStore(ctx context.Context, dir string, o Options) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &store{root: root, options: o, byID: map[string]int{}, changed: make(chan struct{})}
	if err := s.load(ctx); err != nil {
		_ = root.Close()
		return nil, err
	}
	return s, nil
}

func (s *store) close() error { return s.root.Close() }

// load reads the index from the files. What a crash left half written was
// never answered, and is removed.
func (s *store) load(ctx context.Context) error {
	dir, err := s.root.Open(".")
	if err != nil {
		return err
	}
	names, err := dir.Readdirnames(-1)
	dir.Close()
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(name, tempPrefix):
			if err := s.root.Remove(name); err != nil {
				return err
			}
		case strings.HasSuffix(name, ".eml"):
			s.recall(ctx, name)
		}
	}
	return nil
}

// recall takes one file into the index.
func (s *store) recall(ctx context.Context, name string) {
	id := strings.TrimSuffix(name, ".eml")
	var order uint64
	if _, err := fmt.Sscanf(id, "%d-", &order); err != nil {
		return // not one of ours
	}
	summary, err := s.read(id)
	if err != nil {
		s.options.Log.WarnContext(ctx, "a stored mail cannot be read and is not shown", "file", name, "error", err)
		return
	}
	s.last = max(s.last, order)
	s.index(summary)
}

func (s *store) index(summary Summary) {
	s.byID[summary.ID] = len(s.mails)
	s.mails = append(s.mails, summary)
	s.bytes += summary.Size
}

// tempPrefix begins the names of files that are being written.
const tempPrefix = "incoming-"

// add stores one mail. When it returns without an error the mail is durable.
func (s *store) add(from string, to []string, r io.Reader) (Summary, error) {
	if s.full(0) {
		return Summary{}, errFull
	}
	token := make([]byte, 6)
	if _, err := io.ReadFull(s.options.Random, token); err != nil {
		return Summary{}, fmt.Errorf("name a mail: %w", err)
	}
	env := envelope{From: from, To: to, ReceivedAt: s.options.Now().UTC().Truncate(time.Microsecond)}
	name := hex.EncodeToString(token)
	head, size, err := s.write(tempPrefix+name, env, r)
	if err == nil && s.full(size) {
		err = errFull
	}
	if err != nil {
		_ = s.root.Remove(tempPrefix + name) // what remains is removed at the next start
		return Summary{}, err
	}
	return s.place(name, env, head, size)
}

func (s *store) full(more int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes+more >= s.options.MaxBytes
}

// write writes a temporary file and syncs it. It gives back the beginning of
// the mail, for its headers, and its size.
func (s *store) write(name string, env envelope, r io.Reader) (head []byte, size int64, err error) {
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	line, err := json.Marshal(env)
	if err != nil {
		return nil, 0, err
	}
	out := bufio.NewWriterSize(file, 64<<10)
	fmt.Fprintf(out, "%s%s\r\n", envelopeField, line) // a failure stays in out until Flush
	var first headBuffer
	if size, err = io.Copy(out, io.TeeReader(r, &first)); err != nil {
		return nil, 0, err
	}
	if err := out.Flush(); err != nil {
		return nil, 0, err
	}
	return first.Bytes(), size, file.Sync()
}

// place gives a written mail its name in the order of arrival.
func (s *store) place(token string, env envelope, head []byte, size int64) (Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("%012d-%s", s.last+1, token)
	if err := s.root.Rename(tempPrefix+token, id+".eml"); err != nil {
		return Summary{}, err
	}
	s.last++
	if err := s.syncDir(); err != nil {
		return Summary{}, err // it may be there at the next start, unanswered: its sender tries again
	}
	summary := summarize(id, env, head, size)
	s.index(summary)
	close(s.changed)
	s.changed = make(chan struct{})
	return summary, nil
}

func (s *store) syncDir() error {
	dir, err := s.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// changes is closed when a mail arrives after this call.
func (s *store) changes() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// list gives what matches, newest first; nil matches all.
func (s *store) list(match func(Summary) bool) []Summary {
	s.mu.Lock()
	mails := s.mails // only ever appended to
	s.mu.Unlock()
	var found []Summary
	for _, summary := range slices.Backward(mails) {
		if match == nil || match(summary) {
			found = append(found, summary)
		}
	}
	return found
}

// find gives the summary of a mail. Only names that are in the index ever
// become file names.
func (s *store) find(id string) (Summary, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[id]
	if !ok {
		return Summary{}, false
	}
	return s.mails[i], true
}
