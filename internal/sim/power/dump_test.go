package power_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// everything is all the ledger knows of a request.
type everything struct {
	Request    *report.Request
	Journal    []report.Entry
	Tasks      []ledger.Task
	Recipients []ledger.Recipient
	Files      []ledger.File
	Hooks      []ledger.Hook
	Mails      []ledger.Mail
	Notices    []ledger.Notice
	Approvals  []ledger.Approval
	Marks      []string // of the changes that were kept
}

// dump shows all that is committed of a request; "" if that is nothing.
func (w *world) dump(ctx context.Context, guid string) (out string, err error) {
	err = w.ledger.View(ctx, func(v ledger.View) error {
		out, err = dump(v, guid, w.said.rows[guid].tried)
		return err
	})
	return out, err
}

func dump(v ledger.View, guid string, tried int) (string, error) {
	var e everything
	var errs [10]error
	e.Request, errs[0] = v.Request(guid)
	if errors.Is(errs[0], ledger.ErrNotFound) {
		errs[0] = nil
	}
	e.Journal, errs[1] = v.Journal(guid)
	e.Tasks, errs[2] = v.Tasks(guid)
	e.Recipients, errs[3] = v.Recipients(guid)
	e.Files, errs[4] = v.Files(guid)
	e.Hooks, errs[5] = v.Hooks(guid, 1)
	e.Mails, errs[6] = v.Mails(guid)
	e.Notices, errs[7] = v.Notices(guid, 0, 1000)
	e.Approvals, errs[8] = v.Approvals(guid)
	e.Marks, errs[9] = marks(v, guid, tried)
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	out, err := json.Marshal(e)
	if empty, _ := json.Marshal(everything{}); string(out) == string(empty) {
		return "", err
	}
	return string(out), err
}

// A mark is a session: each change leaves one, of as many pages as chance says.
func markOf(guid string, n int) string { return fmt.Sprintf("%s#%d", guid, n) }

func marks(v ledger.View, guid string, tried int) ([]string, error) {
	var out []string
	for n := range tried {
		s, err := v.Session(markOf(guid, n))
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%d:%d:%s", n, len(s.Data), digest(s.Data)[:8]))
	}
	return out, nil
}
