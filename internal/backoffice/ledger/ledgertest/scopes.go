package ledgertest

import (
	"errors"
	"fmt"
	"slices"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func scopes() []check {
	return []check{
		{"each sees what is in scope, and a foreign GUID is as unknown as one nobody has", visible},
		{"a list is cut by scope, states, age and limit, newest first", filtered},
		{"a list with no limit has at most 100", func(w *world) {
			w.update(func(tx ledger.Tx) error {
				for n := range 101 {
					if err := tx.Insert(&report.Request{GUID: guid(n), Version: 1, State: report.Accepted, Asked: asked()}); err != nil {
						return err
					}
				}
				return nil
			})
			list := read(w, func(v ledger.View) ([]*report.Request, error) {
				return v.Requests(ledger.Filter{Scope: ledger.Scope{All: true}})
			})
			if len(list) != 100 || list[0].GUID != guid(100) {
				w.Errorf("%d requests from %s, want 100 from the newest", len(list), list[0].GUID)
			}
		}},
	}
}

// cast records three requests: of the owner with no approval; of another, to
// be approved by finance and sent to Ümit; of the owner, to be approved by it.
func cast(w *world) {
	w.bare(1)
	w.bare(2, func(r *report.Request) { r.Asked.Owner, r.Asked.Approval = "çiğdem", "finance" })
	w.bare(3, func(r *report.Request) { r.Asked.Approval = "it" })
	w.update(func(tx ledger.Tx) error {
		return errors.Join(
			tx.PutRecipient(ledger.Recipient{GUID: guid(2), Account: "ümit"}),
			tx.PutRecipient(ledger.Recipient{GUID: guid(1), Account: "gitmiş", GoneAt: w.now()}))
	})
}

// sight is a scope and the requests of the cast it shows, newest first.
type sight struct {
	says  string
	scope ledger.Scope
	sees  []string
}

func sights() []sight {
	return []sight{
		{"nobody", ledger.Scope{}, nil},
		{"the owner", ledger.Scope{Account: owner}, []string{guid(3), guid(1)}},
		{"another owner", ledger.Scope{Account: "çiğdem"}, []string{guid(2)}},
		{"an owner in other letters", ledger.Scope{Account: "ÇİĞDEM"}, nil},
		{"a recipient", ledger.Scope{Account: "ümit"}, []string{guid(2)}},
		{"a recipient who is gone", ledger.Scope{Account: "gitmiş"}, nil},
		{"a stranger", ledger.Scope{Account: "yabancı"}, nil},
		{"an approver", ledger.Scope{Approves: []string{"finance"}}, []string{guid(2)}},
		{"an approver of two roles", ledger.Scope{Approves: []string{"finance", "it"}}, []string{guid(3), guid(2)}},
		{"an approver who asked too", ledger.Scope{Account: owner, Approves: []string{"finance"}}, []string{guid(3), guid(2), guid(1)}},
		{"a role called none", ledger.Scope{Approves: []string{report.NoApproval}}, nil},
		{"the operator", ledger.Scope{All: true}, []string{guid(3), guid(2), guid(1)}},
	}
}

func visible(w *world) {
	cast(w)
	for _, s := range sights() {
		for n := range 5 { // 0 and 4 nobody has
			get := func(v ledger.View) (*report.Request, error) { return v.Visible(s.scope, guid(n)) }
			if !slices.Contains(s.sees, guid(n)) {
				absent(w, fmt.Sprintf("%s looking at %d", s.says, n), get)
				continue
			}
			same(w, fmt.Sprintf("what %s sees of %d", s.says, n), read(w, get), w.request(n))
		}
	}
}

func filtered(w *world) {
	cast(w)
	list := func(f ledger.Filter) (out []string) {
		for _, r := range read(w, func(v ledger.View) ([]*report.Request, error) { return v.Requests(f) }) {
			out = append(out, r.GUID)
		}
		return out
	}
	for _, s := range sights() {
		same(w, "the list of "+s.says, list(ledger.Filter{Scope: s.scope}), s.sees)
	}
	all := ledger.Scope{All: true}
	w.bare(4, func(r *report.Request) { r.State = report.Failed })
	same(w, "failed ones", list(ledger.Filter{Scope: all, States: []report.State{report.Failed, report.Stored}}), []string{guid(4)})
	same(w, "the first 2", list(ledger.Filter{Scope: all, Limit: 2}), []string{guid(4), guid(3)})
	same(w, "the next", list(ledger.Filter{Scope: all, Limit: 2, Before: guid(3)}), []string{guid(2), guid(1)})
	same(w, "those before a GUID nobody has", list(ledger.Filter{Scope: all, Before: guid(99), Limit: 1}), []string{guid(4)})
	same(w, "those before the first", list(ledger.Filter{Scope: all, Before: guid(1)}), []string(nil))
	same(w, "the owner's before 3", list(ledger.Filter{Scope: ledger.Scope{Account: owner}, Before: guid(3)}), []string{guid(1)})
}
