package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// How long the provider keeps what.
const (
	keptByProvider = 3 * 24 * time.Hour
	catalogETag    = `"catalog"`
)

// fate is what becomes of an operation.
type fate string

// The fates.
const (
	becomesReady    fate = "ready"
	becomesEmpty    fate = "empty"
	becomesPartial  fate = "partial"
	becomesRejected fate = "rejected"
	becomesFailed   fate = "failed"
	becomesNothing  fate = "nothing" // it is never finished
)

// operation is one generation of a report at the provider.
type operation struct {
	protocol.Operation
	bodyHash string
	fate     fate
	at       time.Time // when it gets there
	bytes    map[string][]byte
}

// dossier is all the provider knows of a GUID.
type dossier struct {
	guid   string
	ops    map[int]*operation
	high   int // the highest generation posted
	buried int // DELETE of generations up to it was answered
	rev    int64
}

// provider is the other company. It keeps the contract, but for what the plan
// makes it do.
type provider struct {
	w        *World
	dossiers map[string]*dossier
	order    []string // of GUIDs, as they came
	hooks    []*hook
	late     []lateCall // requests their senders gave up, still on their way
	prints   int        // documents ever made: no two are alike
	hookIDs  int
}

func (p *provider) note(what, guid string, generation int, files map[string]string) {
	p.w.log.Provider = append(p.w.log.Provider, check.Provider{
		At: p.w.clock.tick(), What: what, GUID: guid, Generation: generation, Files: files,
	})
}

func (p *provider) dossier(guid string) *dossier {
	d, ok := p.dossiers[guid]
	if !ok {
		d = &dossier{guid: guid, ops: map[int]*operation{}}
		p.dossiers[guid] = d
		p.order = append(p.order, guid)
	}
	return d
}

// top is the operation of the highest generation; nil: none is left.
func (d *dossier) top() *operation { return d.ops[d.high] }

// submit is POST /v1/reports.
func (p *provider) submit(s protocol.Submission) (*operation, *protocol.Problem) {
	d := p.dossier(s.ReportID)
	if old, ok := d.ops[s.Generation]; ok {
		if old.bodyHash != s.BodyHash {
			return nil, protocol.NewProblem(422, protocol.CodeKeyReused, "another body")
		}
		return old, nil
	}
	if s.Generation <= d.buried || s.Generation < d.high {
		return nil, protocol.NewProblem(410, protocol.CodeTombstoned, "generation %d was deleted", s.Generation)
	}
	if status := p.w.script.refuses(p.w); status != 0 {
		return nil, protocol.NewProblem(status, refusalCode(status), "not this one")
	}
	d.high = s.Generation
	o := &operation{bodyHash: s.BodyHash, fate: p.w.script.fate(p.w, s.ReportID, s.Generation)}
	o.ReportID, o.Generation, o.State = s.ReportID, s.Generation, protocol.Queued
	o.at = p.w.clock.now().Add(p.w.script.takes(p.w))
	o.ETASeconds = 5
	d.ops[s.Generation] = o
	d.touch(p.w, o)
	p.note(check.Posted, s.ReportID, s.Generation, nil)
	if p.w.script.early(p.w) {
		p.tell(d, o)
	}
	return o, nil
}

func refusalCode(status int) string {
	if status == http.StatusGone {
		return protocol.CodeTombstoned
	}
	return protocol.CodeInvalidParams
}

func (d *dossier) touch(w *World, o *operation) {
	d.rev++
	o.Rev, o.UpdatedAt = d.rev, w.clock.now()
}

// run works on what was posted, and lets copies expire.
func (p *provider) run(t *thread) {
	for {
		t.await(p.next)
		now := p.w.clock.now()
		for _, guid := range p.order {
			d, ok := p.dossiers[guid]
			if !ok {
				continue
			}
			for g := 1; g <= d.high; g++ {
				if o, ok := d.ops[g]; ok && !o.State.Ended() && o.fate != becomesNothing && !o.at.After(now) {
					p.finish(d, o)
				}
			}
			if o := d.top(); o != nil && o.State == protocol.Ready && !o.ExpiresAt.After(now) {
				p.expire(d)
			}
		}
	}
}

func (p *provider) next() (at time.Time) {
	for _, d := range p.dossiers {
		for _, o := range d.ops {
			if !o.State.Ended() && o.fate != becomesNothing {
				sooner(&at, o.at)
			}
		}
		if o := d.top(); o != nil && o.State == protocol.Ready {
			sooner(&at, o.ExpiresAt)
		}
	}
	return at
}

// finish ends the preparing, and tells the company.
func (p *provider) finish(d *dossier, o *operation) {
	switch o.fate {
	case becomesRejected:
		o.State, o.Error = protocol.Rejected, &protocol.OperationError{Code: "not-allowed", Detail: "no"}
		p.note(check.Refused, d.guid, o.Generation, nil)
	case becomesFailed:
		o.State, o.Error = protocol.Failed, &protocol.OperationError{Code: "source-down", Retriable: true, Stage: "gather"}
		p.note(check.Refused, d.guid, o.Generation, nil)
	default:
		p.print(d, o)
	}
	d.touch(p.w, o)
	p.tell(d, o)
}

// print makes the documents: one, now and then two.
func (p *provider) print(d *dossier, o *operation) {
	files, n, rows := map[string]string{}, 1, 3
	if p.w.script.twoFiles(p.w) {
		n = 2
	}
	if o.fate == becomesEmpty {
		rows = 0
	}
	o.bytes = map[string][]byte{}
	for i := range n {
		p.prints++
		name := fmt.Sprintf("report-%d.pdf", i+1)
		content := fmt.Appendf(nil, "%%PDF-1.7 %s generation %d print %d %%%%EOF", d.guid, o.Generation, p.prints)
		sum := sha256.Sum256(content)
		digest := hex.EncodeToString(sum[:])
		o.bytes[name], files[name] = content, digest
		o.Results = append(o.Results, report.File{Name: name, MediaType: "application/pdf", Size: int64(len(content)), SHA256: digest, Pages: 1, Rows: rows})
	}
	state := report.SourceComplete
	if o.fate == becomesPartial {
		state = report.SourcePartial
	}
	o.State = protocol.Ready
	o.Sources = []report.Source{{Name: "shop", State: state, Rows: rows, AsOf: p.w.clock.now()}}
	o.ExpiresAt = p.w.clock.now().Add(p.w.script.keeps(p.w))
	p.note(check.Published, d.guid, o.Generation, files)
}

// remove is DELETE: generations up to one are gone and stay so.
func (p *provider) remove(guid string, upTo int) {
	d := p.dossier(guid)
	d.buried = max(d.buried, upTo)
	for g := range d.ops {
		if g <= upTo {
			delete(d.ops, g)
		}
	}
	if d.rev == 0 {
		d.rev = 1
	}
	p.note(check.Deleted, guid, upTo, nil)
}

// expire removes the copies of a report that was kept long enough, and buries
// its generations as DELETE does.
func (p *provider) expire(d *dossier) {
	d.buried = max(d.buried, d.high)
	clear(d.ops)
	d.rev++
	p.note(check.Expired, d.guid, d.high, nil)
	p.w.mark("provider expired")
}

// forget loses everything about a report, its tombstones too.
func (p *provider) forget(guid string) {
	if _, ok := p.dossiers[guid]; !ok {
		return
	}
	delete(p.dossiers, guid)
	for i, g := range p.order {
		if g == guid {
			p.order = append(p.order[:i:i], p.order[i+1:]...)
			break
		}
	}
	p.note(check.Forgot, guid, 0, nil)
	p.w.excused[guid] = true
	p.w.mark("provider forgot")
}

// held is a copy the provider still has of a report.
func (p *provider) held(guid string) *operation {
	d, ok := p.dossiers[guid]
	if !ok {
		return nil
	}
	for g := d.high; g > 0; g-- {
		if o, ok := d.ops[g]; ok {
			return o
		}
	}
	return nil
}

// operation is GET /v1/reports/{guid}.
func (p *provider) operation(guid string) (protocol.Operation, *protocol.Problem) {
	d, ok := p.dossiers[guid]
	if !ok || d.high == 0 && d.buried == 0 {
		return protocol.Operation{}, protocol.NewProblem(404, protocol.CodeReportUnknown, "never heard of it")
	}
	if o := d.top(); o != nil {
		return o.Operation, nil
	}
	return protocol.Operation{
		ReportID: guid, Generation: max(d.buried, 1), State: protocol.Deleted, Rev: d.rev, Reason: protocol.ReasonDeleted,
	}, nil
}

// file finds the bytes of a file, or says why there are none.
func (p *provider) file(guid string, generation int, name string) ([]byte, *protocol.Problem) {
	d, ok := p.dossiers[guid]
	if !ok {
		return nil, protocol.NewProblem(404, protocol.CodeFileUnknown, "never heard of it")
	}
	o, ok := d.ops[generation]
	switch {
	case generation <= d.buried:
		return nil, protocol.NewProblem(410, protocol.CodeGone, "it was deleted")
	case !ok:
		return nil, protocol.NewProblem(404, protocol.CodeFileUnknown, "no such generation")
	case o.State != protocol.Ready:
		return nil, protocol.NewProblem(409, protocol.CodeNotReady, "not yet")
	}
	content, ok := o.bytes[name]
	if !ok {
		return nil, protocol.NewProblem(404, protocol.CodeFileUnknown, "no such file")
	}
	return content, nil
}
