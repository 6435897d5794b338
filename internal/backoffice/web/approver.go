package web

import (
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/newreport"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// answersMost is how many past approvals tell how long one takes.
const answersMost = 20

// answers is how long decisions about these requests took, newest first.
func answers(view ledger.View, mine []*report.Request) ([]time.Duration, error) {
	var out []time.Duration
	for _, r := range mine {
		if r.Asked.Approval == report.NoApproval || r.State == report.AwaitingApproval {
			continue
		}
		decisions, err := view.Approvals(r.GUID)
		if err != nil {
			return nil, err
		}
		if len(decisions) > 0 {
			out = append(out, decisions[0].At.Sub(r.CreatedAt))
		}
		if len(out) == answersMost {
			break
		}
	}
	return out, nil
}

// median of some, the longer one of two in the middle; 0 of none.
func median(some []time.Duration) time.Duration {
	if len(some) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(some))
	return sorted[len(sorted)/2]
}

// approval says who will have to approve, why, and how long that takes; nil if
// nobody has to.
func (d *desk) approval(v *visit, kind protocol.ReportType) *newreport.Approval {
	role := access.ApprovalBy(kind.Approval)
	if role == report.NoApproval {
		return nil
	}
	waiting := &report.Request{Asked: report.Asked{Owner: v.who.Name, Approval: role}}
	var names []string
	for _, a := range d.people {
		if access.MayDecide(a, waiting) {
			names = append(names, nameOf(a))
		}
	}
	out := &newreport.Approval{Why: why(v, kind, role)}
	switch len(names) {
	case 0:
		out.Who = v.w.Say("new.approval.nobody")
		return out
	case 1, 2, 3:
		out.Who = v.w.Say("new.approval.by", "Names", strings.Join(names, v.w.Say("or")))
	default:
		out.Who = v.w.Count("new.approval.many", len(names))
	}
	if len(names) == 1 {
		out.Initials = initials(names[0])
	}
	if took := median(d.answers); took > 0 {
		out.Usually = v.w.Say("new.approval.usually", "Time", v.w.About(took))
	}
	return out
}

// why somebody decides about requests of a type: the reason its author gives,
// or the rule.
func why(v *visit, kind protocol.ReportType, role string) string {
	if said := kind.ApprovalReason.In(v.w.Locale); said != "" {
		return said
	}
	return v.w.Say("fact.why.role", "Role", v.w.Say("role."+role))
}

// deciders names, by GUID, who must decide about what waits for approval, where
// that is one person.
func deciders(view ledger.View, rows []*report.Request) (map[string]string, error) {
	waits := func(r *report.Request) bool { return r.State == report.AwaitingApproval }
	if !slices.ContainsFunc(rows, waits) {
		return nil, nil
	}
	people, err := view.Accounts()
	if err != nil {
		return nil, err
	}
	by := map[string]string{}
	for _, r := range rows {
		var can []string
		for _, a := range people {
			if waits(r) && access.MayDecide(a, r) {
				can = append(can, nameOf(a))
			}
		}
		if len(can) == 1 {
			by[r.GUID] = can[0]
		}
	}
	return by, nil
}
