package access

import (
	"slices"

	"peyk/internal/report"
)

// ApprovalBy is who approves a request of a type: a role, or report.NoApproval.
// The type's file hints at it; a hint that is missing or names no role of ours
// asks for the approver rather than nobody.
func ApprovalBy(hint string) string {
	if hint == report.NoApproval || hint != Requester && slices.Contains(Roles(), hint) {
		return hint
	}
	return Approver
}
