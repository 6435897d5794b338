package trace_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/trace"
	"peyk/internal/blob"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

const guid = "01a2082b-96d0-7c3e-9a41-5d0be27f8c16"

var document = []byte("%PDF-1.7 the bytes of a report")

// world is a trace station with a relay that does as scripted, in fake time.
type world struct {
	t        *testing.T
	ledger   *mem.Ledger
	station  *trace.Station
	log      *logtest.Log
	composer *mail.Composer
	blobs    map[string][]byte
	process  *process // of the station
	begin    sync.Once
	mu       sync.Mutex // guards blobs, taken and the relay
	relay    func(msg []byte) (mail.Reply, error)
	later    string                 // the account whose letters the relay does not take yet
	taken    [][]byte               // messages the relay took, or may have taken
	rot      bool                   // the storage gives back other bytes than it got
	opening  func(key string) error // fails the opening of a blob, if not nil
	cut      bool                   // the SMTP server cannot be reached
	lain     map[string]time.Time   // when the blobs that a hunt finds were written
}

// inWorld runs a story that begins with a request of derya, who has the given
// retention, in PREPARING.
func inWorld(t *testing.T, retention time.Duration, story func(*world)) {
	t.Helper()
	t.Parallel()
	runWorld(t, retention, story)
}

func runWorld(t *testing.T, retention time.Duration, story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		composer, err := mail.NewComposer()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, ledger: mem.New(time.Now), blobs: map[string][]byte{}, log: logtest.New(t, "trace")}
		w.relay = func([]byte) (mail.Reply, error) { return mail.Reply{Code: 250, Text: "queued"}, nil }
		w.composer = composer
		w.station = w.open()
		w.born(retention)
		defer w.stop()
		story(w)
	})
}

// process is what a station sees of the ledger: nothing any more once it died.
type process struct {
	*mem.Ledger
	dead atomic.Bool
	held atomic.Pointer[reading] // the next one that finds something is held up
	free chan struct{}           // closed when it may go on
}

// reading names what a station reads before it works outside the transaction.
type reading string

// The readings that can be held up.
const (
	readsEmail   reading = "an email to send"
	readsOverdue reading = "what is overdue"
	readsLate    reading = "what is late"
)

// hold keeps the next one that reads what is named from going on until release
// is called.
func (p *process) hold(what reading) (release func()) {
	p.free = make(chan struct{})
	p.held.Store(&what)
	return func() { close(p.free) }
}

// picking is a reading that notes what was found in it.
type picking struct {
	ledger.View
	found []reading
}

func (p *picking) Mail(guid string, generation int, s ledger.Subject, account string) (ledger.Mail, error) {
	p.found = append(p.found, readsEmail)
	return p.View.Mail(guid, generation, s, account)
}

func (p *picking) Overdue(states []report.State, limit int) ([]string, error) {
	due, err := p.View.Overdue(states, limit)
	if len(due) > 0 {
		p.found = append(p.found, readsOverdue)
	}
	return due, err
}

func (p *picking) Late(limit int) ([]string, error) {
	late, err := p.View.Late(limit)
	if len(late) > 0 {
		p.found = append(p.found, readsLate)
	}
	return late, err
}

var errDead = errors.New("the process is dead")

func (p *process) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	if p.dead.Load() {
		return errDead
	}
	return p.Ledger.Update(ctx, fn)
}

func (p *process) View(ctx context.Context, fn func(ledger.View) error) error {
	if p.dead.Load() {
		return errDead
	}
	v := &picking{}
	err := p.Ledger.View(ctx, func(real ledger.View) error {
		v.View = real
		return fn(v)
	})
	if what := p.held.Load(); what != nil && slices.Contains(v.found, *what) && p.held.CompareAndSwap(what, nil) {
		<-p.free
	}
	return err
}

func (w *world) open() *trace.Station {
	w.process = &process{Ledger: w.ledger}
	return trace.New(trace.Config{
		Store: w.process, Publish: w, Blobs: w, Relay: w, Composer: w.composer, Worker: "test",
		From: mail.Person{Name: "Peyk", Address: "peyk@example.com"}, Host: "example.com",
		PublicURL: "https://peyk.example.com", Log: w.log.Logger,
	})
}

func (w *world) stop() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.station.Stop(ctx); err != nil {
		w.t.Error(err)
	}
}

// joins adds a person, who receives the report too unless it is an operator.
func (w *world) joins(name string, roles ...string) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		err := tx.PutAccount(ledger.Account{Name: name, FullName: name, Email: name + "@example.com", Locale: "en", Roles: roles})
		if err != nil || len(roles) > 0 {
			return err
		}
		return tx.PutRecipient(ledger.Recipient{GUID: guid, Account: name})
	})
}

// leaves is what happens to the account of someone who leaves the company.
func (w *world) leaves(name string) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account(name)
		a.Gone = true
		return errors.Join(err, tx.PutAccount(a))
	})
}

// facts gives the journal's rows of this name.
func (w *world) facts(name string) (found []report.Entry) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		rows, err := tx.Journal(guid)
		for _, e := range rows {
			if e.Name == name {
				found = append(found, e)
			}
		}
		return err
	})
	return found
}

// told lists what the person finds in the bell, oldest first.
func (w *world) told(name string) (subjects []ledger.Subject) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		rows, err := tx.Notices(name, 0, 0)
		for _, n := range rows {
			subjects = append(subjects, n.Subject)
		}
		return err
	})
	return subjects
}

func (w *world) born(retention time.Duration) {
	asked := report.Asked{
		Type: "t.v1", Title: report.Text{EN: "Top games"}, Owner: "derya", Approval: report.NoApproval,
		Parameters: []byte("{}"), Retention: retention,
	}
	w.update(func(tx ledger.Tx) error {
		if err := tx.PutAccount(ledger.Account{Name: "derya", FullName: "Derya", Email: "derya@example.com", Locale: "en"}); err != nil {
			return err
		}
		if err := tx.PutRecipient(ledger.Recipient{GUID: guid, Account: "derya"}); err != nil {
			return err
		}
		r, m, err := report.New(guid, asked, time.Hour, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Submit(now, nil) })
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Prepare(now, nil) })
}

// arrives brings the report from PREPARING, or READY, to STORED under key.
func (w *world) arrives(key string) {
	w.t.Helper()
	if w.request().State == report.Preparing {
		sum := sha256.Sum256(document)
		m := report.Manifest{Files: []report.File{{
			Name: "a.pdf", MediaType: "application/pdf", Size: int64(len(document)), SHA256: hex.EncodeToString(sum[:]), Rows: 3,
		}}}
		w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Found(m, time.Time{}, now, nil) })
	}
	w.mu.Lock()
	w.blobs[key] = document
	w.mu.Unlock()
	w.move(func(r *report.Request, now time.Time) (report.Move, error) { return r.Store(now, nil) },
		func(tx ledger.Tx, r *report.Request) error {
			return tx.PutFile(ledger.File{GUID: guid, Generation: r.Generation, File: r.Manifest.Files[0], BlobKey: key, StoredAt: tx.Now()})
		})
	w.hears(event.ReportIsHere)
}

func (w *world) hears(t event.Type) {
	w.t.Helper()
	w.begin.Do(w.station.Start) // a story writes its script first
	if err := w.station.Handle(w.t.Context(), event.Event{Type: t, GUID: guid}, 7); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

func (w *world) move(by func(*report.Request, time.Time) (report.Move, error), also ...func(ledger.Tx, *report.Request) error) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		m, err := by(r, tx.Now())
		if err != nil {
			return err
		}
		for _, fn := range also {
			if err := fn(tx, r); err != nil {
				return err
			}
		}
		return ledger.Move(tx, r, m)
	})
}

func (w *world) update(fn func(ledger.Tx) error) {
	w.t.Helper()
	if err := w.ledger.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) request() (r *report.Request) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) (err error) { r, err = tx.Request(guid); return err })
	return r
}

// letters tells how each letter stands, in one line.
func (w *world) letters() string {
	w.t.Helper()
	return w.lettersOf(guid)
}

func (w *world) lettersOf(guid string) string {
	w.t.Helper()
	var said []string
	w.update(func(tx ledger.Tx) error {
		all, err := tx.Mails(guid)
		for _, m := range all {
			said = append(said, fmt.Sprintf("%s %s flagged=%v", m.Subject, m.State, m.Flagged))
		}
		return err
	})
	return strings.Join(said, "; ")
}

func (w *world) expect(state report.State, letters string, sent int) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := w.request().State; got != state || w.letters() != letters || len(w.taken) != sent {
		w.t.Errorf("it is %s, letters %q, %d sent; want %s, %q, %d", got, w.letters(), len(w.taken), state, letters, sent)
	}
}

// after lets d of the world's time pass.
func (w *world) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) Publish(context.Context, event.Event) error { return nil }

// greylists makes the relay say "later" to every letter to this account; ""
// ends it.
func (w *world) greylists(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.later = name
}

// rots makes the storage give back other bytes, or the right ones again.
func (w *world) rots(now bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rot = now
}

func (w *world) Send(ctx context.Context, _, to string, msg []byte, beforeData func(context.Context) error) (mail.Reply, error) {
	w.mu.Lock()
	cut := w.cut
	w.mu.Unlock()
	if cut {
		return mail.Reply{}, &report.Error{Class: report.Transient, Code: "unreachable", Cause: errors.New("connection refused")}
	}
	if err := beforeData(ctx); err != nil {
		return mail.Reply{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken = append(w.taken, msg)
	if w.later != "" && strings.Contains(to, w.later) {
		return mail.Reply{}, &report.Error{Class: report.Transient, Code: "greylisted", Cause: errors.New("451 later")}
	}
	return w.relay(msg)
}

// seekable is a blob in memory.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }

func (w *world) Open(_ context.Context, key string) (blob.File, int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.opening != nil {
		if err := w.opening(key); err != nil {
			return nil, 0, err
		}
	}
	b, ok := w.blobs[key]
	if !ok {
		return nil, 0, blob.ErrNotFound
	}
	if w.rot {
		b = bytes.ToUpper(b)
	}
	return seekable{bytes.NewReader(b)}, int64(len(b)), nil
}

func (w *world) Delete(_ context.Context, key string) error {
	w.lose(key)
	return nil
}

// lose is a disk that forgets.
func (w *world) lose(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.blobs, key)
}

func (w *world) List(_ context.Context, before time.Time) iter.Seq2[blob.Entry, error] {
	return func(yield func(blob.Entry, error) bool) {
		for key, at := range w.lain {
			if at.Before(before) && !yield(blob.Entry{Key: key, ModTime: at}, nil) {
				return
			}
		}
	}
}

func (w *world) Tidy(context.Context) error { return nil }
