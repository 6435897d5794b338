package access

import (
	"testing"

	"peyk/internal/report"
)

func TestApprovalFailsClosed(t *testing.T) {
	t.Parallel()
	for hint, want := range map[string]string{
		report.NoApproval: report.NoApproval,
		Approver:          Approver,
		Admin:             Admin,
		"":                Approver,
		"requester":       Approver,
		"anybody":         Approver,
	} {
		if got := ApprovalBy(hint); got != want {
			t.Errorf("hint %q asks %q, want %q", hint, got, want)
		}
	}
}
