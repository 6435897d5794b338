package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Job is one generation of a report, claimed by this process.
type Job struct {
	protocol.SubmitRequest
	Attempt int // from 1, over restarts; only the latest may publish
	Reviews int // audits in a row that could not be had
}

// Document is one file of a result.
type Document struct {
	Name      string
	MediaType string
	Pages     int
	Rows      int
	Bytes     []byte
}

// Claim takes the job queued longest, or one whose review is due, if there is
// one, and makes it preparing. One on its last try is prepared alone for a while
// (see turn): nothing is found then though jobs are queued, and Queued tells when
// to try again.
func (s *Store) Claim(ctx context.Context) (job Job, found bool, err error) {
	err = s.writer.write(ctx, func(tx *session) error {
		below, err := s.turn(tx)
		if err != nil || below == 0 {
			return err
		}
		request, taken, unclean, err := s.take(tx, below)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(request), &taken.SubmitRequest); err != nil {
			return err
		}
		if unclean == maxUnclean {
			s.leaveAlone()
		}
		job, found = taken, true
		_, err = s.touch(tx, job.ReportID)
		return err
	})
	if err != nil {
		return Job{}, false, fmt.Errorf("claim a job: %w", err)
	}
	return job, found, nil
}

// Progress tells how far a job is. ErrLost means it may stop.
func (s *Store) Progress(ctx context.Context, job Job, p protocol.Progress) error {
	return s.change(ctx, job, "progress", func(tx *session) error {
		return s.set(tx, job, "progress = ?", mustJSON(p))
	})
}

// Release gives a job back in good order, to be claimed again after the next
// Open; the attempt does not count as one that died.
func (s *Store) Release(ctx context.Context, job Job) error {
	return s.change(ctx, job, "release", func(tx *session) error {
		return s.set(tx, job, "state = ?, unclean = 0, progress = ''", protocol.Queued)
	})
}

// Finish ends a job without a result: state is rejected or failed.
func (s *Store) Finish(ctx context.Context, job Job, state protocol.State, e protocol.OperationError) error {
	err := s.change(ctx, job, "finish", func(tx *session) error {
		if err := s.set(tx, job, "state = ?, unclean = 0, error = ?, expires_at = ?", state, mustJSON(e), s.expiry()); err != nil {
			return err
		}
		return s.announce(tx, job.ReportID, job.Generation, state)
	})
	if err == nil {
		s.outbox.raise()
		s.ended()
	}
	return err
}

// Publish makes the files durable and the job ready, once. If the job was
// deleted, claimed anew or published meanwhile, it is ErrLost. After any other
// error it may be tried again: should the commit have come through all the
// same, the next try is ErrLost and touches no file.
func (s *Store) Publish(ctx context.Context, job Job, docs []Document, sources []report.Source) error {
	if err := s.holds(ctx, job); err != nil {
		return err
	}
	files, err := s.putFiles(ctx, job, docs)
	if err != nil {
		return err
	}
	err = s.change(ctx, job, "publish", func(tx *session) error {
		if err := s.set(tx, job, "state = ?, unclean = 0, results = ?, sources = ?, expires_at = ?",
			protocol.Ready, mustJSON(files), mustJSON(sources), s.expiry()); err != nil {
			return err
		}
		if err := s.took(tx, job); err != nil {
			return err
		}
		return s.announce(tx, job.ReportID, job.Generation, protocol.Ready)
	})
	switch {
	case err == nil:
		s.outbox.raise()
		s.ended()
	case errors.Is(err, ErrLost):
		// Deleted while the files were written: nobody names them. After an
		// error of the commit, somebody might; Tidy finds out.
		err = errors.Join(err, s.removeFiles(ctx, fileKeys(job.ReportID, job.Generation, job.Attempt, len(docs))))
	}
	return err
}

// holds tells ErrLost early, before a file is written: an attempt that has
// published must not write over its own bytes.
func (s *Store) holds(ctx context.Context, job Job) error {
	var n int
	err := s.db.QueryRowContext(ctx, "select count(*) from jobs where guid = ? and generation = ? and state = ? and attempt = ?",
		job.ReportID, job.Generation, protocol.Preparing, job.Attempt).Scan(&n)
	if err == nil && n == 0 {
		err = ErrLost
	}
	if err != nil {
		return fmt.Errorf("publish report %s generation %d attempt %d: %w", job.ReportID, job.Generation, job.Attempt, err)
	}
	return nil
}

func (s *Store) putFiles(ctx context.Context, job Job, docs []Document) ([]report.File, error) {
	files := make([]report.File, len(docs))
	for i, d := range docs {
		if err := protocol.CheckFileName(d.Name); err != nil {
			return nil, fmt.Errorf("publish report %s: %w", job.ReportID, err)
		}
		key := fileKey(job.ReportID, job.Generation, job.Attempt, i)
		w, err := s.blobs.Put(ctx, key, bytes.NewReader(d.Bytes), int64(len(d.Bytes)))
		if err != nil {
			return nil, fmt.Errorf("publish report %s: %w", job.ReportID, err)
		}
		files[i] = report.File{Name: d.Name, MediaType: d.MediaType, Size: w.Size, SHA256: w.SHA256, Pages: d.Pages, Rows: d.Rows}
	}
	return files, nil
}

// change is one write about a claimed job.
func (s *Store) change(ctx context.Context, job Job, act string, do func(*session) error) error {
	if err := s.writer.write(ctx, do); err != nil {
		return fmt.Errorf("%s report %s generation %d attempt %d: %w", act, job.ReportID, job.Generation, job.Attempt, err)
	}
	return nil
}

// set is the compare-and-set every change of a claimed job goes through: it
// must still be preparing, by this attempt.
func (s *Store) set(tx *session, job Job, assignments string, values ...any) error {
	values = append(values, job.ReportID, job.Generation, protocol.Preparing, job.Attempt)
	res, err := tx.Exec("update jobs set "+assignments+" where guid = ? and generation = ? and state = ? and attempt = ?", values...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrLost)
	}
	_, err = s.touch(tx, job.ReportID)
	return err
}

// expiry is when what ends now is removed.
func (s *Store) expiry() int64 { return micros(s.cfg.Now().Add(s.cfg.Retention)) }

// mustJSON encodes values of this package's own making, which cannot fail.
func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: encode %T: %v", v, err))
	}
	return string(text)
}
