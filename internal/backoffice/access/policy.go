package access

import (
	"slices"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// SeeScope says which requests the account may see. It goes into the ledger's
// query: what is out of scope is not found.
func SeeScope(a ledger.Account) ledger.Scope {
	if a.Gone {
		return ledger.Scope{}
	}
	return ledger.Scope{Account: a.Name, Approves: approves(a), All: MayOperate(a)}
}

// approves lists the roles in whose name the account decides. Asking is open to
// many, so holding the requester's role never makes an approver.
func approves(a ledger.Account) []string {
	var roles []string
	for _, role := range a.Roles {
		if role != Requester && slices.Contains(Roles(), role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// MayRequest reports whether the account may ask for reports.
func MayRequest(a ledger.Account) bool { return a.Is(Requester) }

// MayReceive reports whether a report may be sent to the account.
func MayReceive(a ledger.Account) bool { return !a.Gone && a.Name != "" }

// MayDownload reports whether the account may have the report's bytes: its
// owner and its recipients only. The operator sees every request and none of
// the documents.
func MayDownload(a ledger.Account, r *report.Request, recipients []ledger.Recipient) bool {
	if a.Gone || a.Name == "" {
		return false
	}
	if r.Asked.Owner == a.Name {
		return true
	}
	return slices.ContainsFunc(recipients, func(c ledger.Recipient) bool {
		return c.Account == a.Name && c.GoneAt.IsZero()
	})
}

// MaySendAgain lists to whom the account may have the report's letter sent once
// more: its owner to every recipient, a recipient to themselves.
func MaySendAgain(a ledger.Account, r *report.Request, recipients []ledger.Recipient) []string {
	if a.Gone || a.Name == "" {
		return nil
	}
	var to []string
	for _, c := range recipients {
		if c.GoneAt.IsZero() && (r.Asked.Owner == a.Name || c.Account == a.Name) {
			to = append(to, c.Account)
		}
	}
	return to
}

// MayDecide reports whether the account may approve or decline the request:
// it holds the role the rule names, and did not ask itself. Whether the request
// still waits is the request's own business.
func MayDecide(a ledger.Account, r *report.Request) bool {
	return !a.Gone && r.Asked.Owner != a.Name && slices.Contains(approves(a), r.Asked.Approval)
}

// MayCancel reports whether the account may cancel the request.
func MayCancel(a ledger.Account, r *report.Request) bool {
	return mine(a, r) || MayOperate(a)
}

// MayAskAgain reports whether the account may begin a new request filled in
// like this one.
func MayAskAgain(a ledger.Account, r *report.Request) bool {
	return mine(a, r) && MayRequest(a)
}

// MayRedrive reports whether the account may send a failed request on its way
// again. Its owner asks again instead: that is a request with an approval of
// its own.
func MayRedrive(a ledger.Account) bool { return MayOperate(a) }

// MayOperate reports whether the account may look after the whole.
func MayOperate(a ledger.Account) bool { return a.Is(Operator) || a.Is(Admin) }

func mine(a ledger.Account, r *report.Request) bool {
	return !a.Gone && a.Name != "" && r.Asked.Owner == a.Name
}
