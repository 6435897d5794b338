package trigger

import (
	"testing"

	"peyk/internal/backoffice/access"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

func TestApprovalFailsClosed(t *testing.T) {
	t.Parallel()
	for hint, want := range map[string]string{
		report.NoApproval: report.NoApproval,
		access.Approver:   access.Approver,
		access.Admin:      access.Admin,
		"":                access.Approver,
		"requester":       access.Approver,
		"anybody":         access.Approver,
	} {
		if got := approvalRule(protocol.ReportType{Approval: hint}); got != want {
			t.Errorf("hint %q asks %q, want %q", hint, got, want)
		}
	}
}
