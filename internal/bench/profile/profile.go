// Package profile tells what a program's time goes into: it sorts the samples of
// a CPU profile into a few parts, by the packages on each stack.
//
// Promise: every sample is counted once, by the first rule that fits: a stack is
// walked from the innermost frame outwards, and its first frame that names a
// part decides. The sum of the parts is the whole profile.
//
// Limits: what is shared is counted for whoever called it last: hashing for TLS
// is crypto. Time of the kernel appears only as far as it was spent for the
// program.
//
// Failure: a file that is no profile is an error.
package profile

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Share is one part of a program's time.
type Share struct {
	Part string        `json:"part"`
	Time time.Duration `json:"ns"`
	Of   float64       `json:"of"` // of the whole, 0 to 1
}

// rule sends stacks with a frame that begins so to a part.
type rule struct{ part, frame string }

// rules are asked for each frame in their order.
var rules = []rule{ //nolint:gochecknoglobals // a table, never written
	{"garbage collection", "runtime.gcBgMarkWorker"},
	{"garbage collection", "runtime.gcAssistAlloc"},
	{"garbage collection", "runtime.bgsweep"},
	{"garbage collection", "runtime.bgscavenge"},
	{"scheduling", "runtime.mcall"},
	{"scheduling", "runtime.mstart"},
	{"scheduling", "runtime.schedule"},
	{"scheduling", "runtime.goexit0"},
	{"commit to disk", "modernc.org/sqlite/lib._sqlite3PagerCommitPhaseOne"},
	{"commit to disk", "modernc.org/sqlite/lib._sqlite3WalCheckpoint"},
	{"SQL statements", "modernc.org/sqlite"},
	{"SQL statements", "github.com/jackc/pgx"},
	{"SQL, around the statements", "database/sql."},
	{"logging", "log/slog."},
	{"logging", "peyk/internal/telemetry."},
	{"JSON", "encoding/json."},
	{"JSON", "github.com/cloudevents"},
	{"JSON", "github.com/json-iterator"},
	{"signatures and digests", "crypto/"},
	{"queue", "github.com/nats-io"},
	{"queue", "peyk/internal/backoffice/queue."},
	{"blobs", "peyk/internal/blob."},
	{"document gate", "peyk/internal/backoffice/gateway/gate."},
	{"letters, wording them", "peyk/internal/backoffice/mail.(*Composer)"},
	{"letters, wording them", "html/template."},
	{"letters, wording them", "text/template."},
	{"letters, assembling them", "peyk/internal/backoffice/mail.Assemble"},
	{"letters, sending them", "peyk/internal/backoffice/mail."},
	{"letters, sending them", "github.com/wneessen/go-mail"},
	{"ledger, around SQL", "peyk/internal/backoffice/ledger"},
	{"provider's store, around SQL", "peyk/internal/provider/store."},
	{"tasks", "peyk/internal/backoffice/task."},
	{"stations", "peyk/internal/backoffice/"},
	{"reporting app", "peyk/internal/provider/"},
	{"HTTP", "net/http"},
	{"HTTP", "peyk/internal/protocol."},
}

// Classify reads a profile and sorts it, the largest part first.
func Classify(path string) ([]Share, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	defer f.Close()
	p, err := profile.Parse(f)
	if err != nil {
		return nil, fmt.Errorf("read the profile %s: %w", path, err)
	}
	return sortOut(p), nil
}

func sortOut(p *profile.Profile) []Share {
	parts := map[string]int64{}
	var whole int64
	for _, s := range p.Sample {
		value := s.Value[len(s.Value)-1] // nanoseconds of CPU
		parts[partOf(s)] += value
		whole += value
	}
	out := make([]Share, 0, len(parts))
	for part, ns := range parts {
		out = append(out, Share{Part: part, Time: time.Duration(ns), Of: float64(ns) / float64(max(whole, 1))})
	}
	slices.SortFunc(out, func(a, b Share) int { return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Part, b.Part)) })
	return out
}

// partOf walks a stack outwards.
func partOf(s *profile.Sample) string {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function == nil {
				continue
			}
			for _, r := range rules {
				if strings.HasPrefix(line.Function.Name, r.frame) {
					return r.part
				}
			}
		}
	}
	return "the rest"
}
