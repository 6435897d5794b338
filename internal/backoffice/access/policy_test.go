package access_test

import (
	"reflect"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// person names who acts towards derya's request, which waits for an approver
// and goes to derya and pelin. What each may is written out as a line of marks.
func people() map[string]ledger.Account {
	as := func(name string, gone bool, roles ...string) ledger.Account {
		return ledger.Account{Name: name, Roles: roles, Gone: gone}
	}
	return map[string]ledger.Account{
		"owner":              as("derya", false, access.Requester),
		"owner who approves": as("derya", false, access.Requester, access.Approver),
		"recipient":          as("pelin", false, access.Requester),
		"past recipient":     as("selin", false, access.Requester),
		"other requester":    as("emre", false, access.Requester),
		"approver":           as("murat", false, access.Approver),
		"author":             as("ali", false, access.Author),
		"operator":           as("cagri", false, access.Operator),
		"admin":              as("kok", false, access.Admin),
		"without roles":      as("yeni", false),
		"owner who left":     as("derya", true, access.Requester, access.Admin),
		"recipient who left": as("pelin", true, access.Approver),
		"nobody":             {},
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	r := &report.Request{GUID: "g", State: report.AwaitingApproval, Asked: report.Asked{Owner: "derya", Approval: access.Approver}}
	recipients := []ledger.Recipient{{Account: "derya"}, {Account: "pelin"}, {Account: "selin", GoneAt: time.Unix(1, 0)}}
	type rights struct{ request, receive, download, decide, cancel, again, redrive, operate bool }
	want := map[string]rights{
		"owner":              {request: true, receive: true, download: true, cancel: true, again: true},
		"owner who approves": {request: true, receive: true, download: true, cancel: true, again: true},
		"recipient":          {request: true, receive: true, download: true},
		"past recipient":     {request: true, receive: true},
		"other requester":    {request: true, receive: true},
		"approver":           {receive: true, decide: true},
		"author":             {receive: true},
		"operator":           {receive: true, cancel: true, redrive: true, operate: true},
		"admin":              {receive: true, cancel: true, redrive: true, operate: true},
		"without roles":      {receive: true},
		"owner who left":     {},
		"recipient who left": {},
		"nobody":             {},
	}
	for who, a := range people() {
		got := rights{
			request: access.MayRequest(a), receive: access.MayReceive(a), download: access.MayDownload(a, r, recipients),
			decide: access.MayDecide(a, r), cancel: access.MayCancel(a, r), again: access.MayAskAgain(a, r),
			redrive: access.MayRedrive(a), operate: access.MayOperate(a),
		}
		if got != want[who] {
			t.Errorf("%s: got %+v\nwant %+v", who, got, want[who])
		}
	}
}

func TestSeeScope(t *testing.T) {
	t.Parallel()
	want := map[string]ledger.Scope{
		"owner":              {Account: "derya"},
		"owner who approves": {Account: "derya", Approves: []string{access.Approver}},
		"approver":           {Account: "murat", Approves: []string{access.Approver}},
		"operator":           {Account: "cagri", Approves: []string{access.Operator}, All: true},
		"admin":              {Account: "kok", Approves: []string{access.Admin}, All: true},
		"without roles":      {Account: "yeni"},
		"owner who left":     {},
		"recipient who left": {},
		"nobody":             {},
	}
	all := people()
	for who, scope := range want {
		if got := access.SeeScope(all[who]); !reflect.DeepEqual(got, scope) {
			t.Errorf("%s sees %+v, want %+v", who, got, scope)
		}
	}
}

// Whoever asks cannot make themselves an approver: a type whose rule names the
// requester's role would otherwise be approved by anybody's colleague.
func TestRequesterRoleNeverApproves(t *testing.T) {
	t.Parallel()
	r := &report.Request{Asked: report.Asked{Owner: "derya", Approval: access.Requester}}
	for who, a := range people() {
		if access.MayDecide(a, r) {
			t.Errorf("%s may decide about a request whose rule names the requester's role", who)
		}
	}
}

func TestCheckAccount(t *testing.T) {
	t.Parallel()
	good := ledger.Account{Name: "derya", Email: "derya@kule.example", Roles: []string{access.Requester}, Locale: "tr", TimeZone: "Europe/Istanbul"}
	if err := access.Check(good); err != nil {
		t.Errorf("a good account is refused: %v", err)
	}
	for what, spoil := range map[string]func(*ledger.Account){
		"name":     func(a *ledger.Account) { a.Name = "Derya Aksoy" },
		"email":    func(a *ledger.Account) { a.Email = "derya" },
		"letter":   func(a *ledger.Account) { a.Email = "ayşe@kule.example" },
		"person":   func(a *ledger.Account) { a.Email = "Derya <derya@kule.example>" },
		"role":     func(a *ledger.Account) { a.Roles = []string{"boss"} },
		"language": func(a *ledger.Account) { a.Locale = "de" },
		"zone":     func(a *ledger.Account) { a.TimeZone = "Istanbul" },
		"no zone":  func(a *ledger.Account) { a.TimeZone = "" },
	} {
		bad := good
		spoil(&bad)
		if access.Check(bad) == nil {
			t.Errorf("bad %s: %+v is not refused", what, bad)
		}
		choices := map[string]bool{"language": true, "zone": true, "no zone": true}
		if refused := access.CheckChoices(bad) != nil; refused != choices[what] {
			t.Errorf("bad %s: refused as a choice: %v, want %v", what, refused, choices[what])
		}
	}
}
